import { type WasmModule, WebAssembly } from './web-assembly.ts';

// Error numbers and file types of WASI preview 1.
const SUCCESS = 0;
const EBADF = 8;
const ENOENT = 44;
const ENOSPC = 51;
const CHARACTER_DEVICE = 2;
const DIRECTORY = 3;
const REGULAR_FILE = 4;

const STANDARD_ERROR = 2;
const ROOT = 3;
const OUTPUT = 4;
const MESSAGE_BYTES = 2000;

/** The one file a program may write. */
export const OUTPUT_PATH = '/output';

export type ProgramResult = { exitCode: number; output: Uint8Array; message: string };

/** Thrown through the program to end it. */
class Exit {
  readonly code: number;
  constructor(code: number) {
    this.code = code;
  }
}

/**
 * Runs a WASI preview 1 program in memory, start to end. It can read its arguments, write one file (`/output`) and print;
 * its clock stands still, so that the same arguments always give the same output.
 *
 * @param outputLimit bytes after which writing fails
 * @throws WebAssembly.RuntimeError when the program traps
 */
export function runProgram(module: WasmModule, args: readonly string[], outputLimit: number): ProgramResult {
  const output = new GrowingFile(outputLimit);
  let message = '';
  let memory = { buffer: new ArrayBuffer(0) };
  const view = () => new DataView(memory.buffer);
  const bytes = (offset: number, length: number) => new Uint8Array(memory.buffer, offset, length);
  const encodedArgs = args.map((arg) => Buffer.from(`${arg}\0`));

  const imports = {
    args_sizes_get(countAt: number, sizeAt: number): number {
      view().setUint32(countAt, encodedArgs.length, true);
      const size = encodedArgs.reduce((sum, arg) => sum + arg.length, 0);
      view().setUint32(sizeAt, size, true);
      return SUCCESS;
    },
    args_get(pointersAt: number, textAt: number): number {
      let next = textAt;
      encodedArgs.forEach((arg, i) => {
        view().setUint32(pointersAt + i * 4, next, true);
        bytes(next, arg.length).set(arg);
        next += arg.length;
      });
      return SUCCESS;
    },
    clock_time_get(_clock: number, _precision: bigint, timeAt: number): number {
      view().setBigUint64(timeAt, 0n, true);
      return SUCCESS;
    },
    fd_close: () => SUCCESS,
    fd_fdstat_get(fd: number, statAt: number): number {
      if (fd > OUTPUT) return EBADF;
      bytes(statAt, 24).fill(0);
      view().setUint8(statAt, fd < ROOT ? CHARACTER_DEVICE : fd === ROOT ? DIRECTORY : REGULAR_FILE);
      view().setBigUint64(statAt + 8, 0xffff_ffff_ffff_ffffn, true);
      view().setBigUint64(statAt + 16, 0xffff_ffff_ffff_ffffn, true);
      return SUCCESS;
    },
    fd_fdstat_set_flags: () => SUCCESS,
    fd_prestat_get(fd: number, statAt: number): number {
      if (fd !== ROOT) return EBADF;
      view().setUint32(statAt, 0, true);
      view().setUint32(statAt + 4, 1, true);
      return SUCCESS;
    },
    fd_prestat_dir_name(fd: number, nameAt: number): number {
      if (fd !== ROOT) return EBADF;
      view().setUint8(nameAt, '/'.charCodeAt(0));
      return SUCCESS;
    },
    fd_read(_fd: number, _vectorsAt: number, _count: number, readAt: number): number {
      view().setUint32(readAt, 0, true);
      return SUCCESS;
    },
    fd_seek(fd: number, offset: bigint, whence: number, positionAt: number): number {
      if (fd !== OUTPUT) return EBADF;
      const position = output.seek(Number(offset), whence);
      view().setBigUint64(positionAt, BigInt(position), true);
      return SUCCESS;
    },
    fd_write(fd: number, vectorsAt: number, count: number, writtenAt: number): number {
      let written = 0;
      for (let i = 0; i < count; i++) {
        const start = view().getUint32(vectorsAt + i * 8, true);
        const part = bytes(start, view().getUint32(vectorsAt + i * 8 + 4, true));
        if (fd <= STANDARD_ERROR) {
          message = (message + Buffer.from(part).toString('latin1')).slice(-MESSAGE_BYTES);
        } else if (!output.write(part)) {
          return ENOSPC;
        }
        written += part.length;
      }
      view().setUint32(writtenAt, written, true);
      return SUCCESS;
    },
    path_open(...parameters: (number | bigint)[]): number {
      const [, , pathAt, pathLength, , , , , fdAt] = parameters.map(Number);
      const path = Buffer.from(bytes(pathAt ?? 0, pathLength ?? 0)).toString();
      if (`/${path}` !== OUTPUT_PATH) return ENOENT;
      view().setUint32(fdAt ?? 0, OUTPUT, true);
      return SUCCESS;
    },
    proc_exit(code: number): never {
      throw new Exit(code);
    },
  };

  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: imports });
  memory = instance.exports.memory;
  let exitCode = 0;
  try {
    instance.exports._start();
  } catch (reason) {
    if (!(reason instanceof Exit)) throw reason;
    exitCode = reason.code;
  }
  return { exitCode, output: output.content, message };
}

class GrowingFile {
  readonly #limit: number;
  #bytes = new Uint8Array(1 << 16);
  #length = 0;
  #position = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get content(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** @param whence 0 from the start, 1 from the position, 2 from the end */
  seek(offset: number, whence: number): number {
    const base = whence === 0 ? 0 : whence === 1 ? this.#position : this.#length;
    this.#position = Math.max(0, Math.min(base + offset, this.#limit));
    return this.#position;
  }

  /** Whether there was room. */
  write(part: Uint8Array): boolean {
    const end = this.#position + part.length;
    if (end > this.#limit) return false;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.content);
      this.#bytes = larger;
    }
    this.#bytes.set(part, this.#position);
    this.#position = end;
    this.#length = Math.max(this.#length, end);
    return true;
  }
}
