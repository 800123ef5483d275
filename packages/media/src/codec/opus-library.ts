import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * libopus as WebAssembly, from @evan/opus. Its native addon is faster by a third, but all threads of a process share its
 * one output buffer, so that workers spoil each other's sound; and it has neither loss concealment nor error correction.
 * An instance of this one belongs to its thread alone.
 */
export interface OpusLibrary {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(bytes: number): number;
  free(pointer: number): void;
  opus_decoder_get_size(channels: number): number;
  opus_decoder_init(decoder: number, sampleRateHz: number, channels: number): number;
  /** Without data (pointer and length 0) it conceals `samples`; `fec` 1 decodes the copy of the packet before this one. */
  opus_decode(decoder: number, data: number, length: number, pcm: number, samples: number, fec: 0 | 1): number;
  opus_encoder_get_size(channels: number): number;
  opus_encoder_init(encoder: number, sampleRateHz: number, channels: number, application: number): number;
  opus_encode(encoder: number, pcm: number, samples: number, data: number, maxLength: number): number;
  opus_encoder_ctl_set(encoder: number, request: number, value: number): number;
}

interface WebAssemblyNames {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: unknown };
}

/** The smallest module that uses vectors, to ask whether this machine can. */
const WITH_VECTORS = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

let library: OpusLibrary | null = null;
let failure: string | null = null;

/**
 * The library of this thread, loaded at the first call.
 *
 * @throws Error when it cannot be loaded; then it is not tried again.
 */
export function opusLibrary(): OpusLibrary {
  if (library !== null) return library;
  if (failure !== null) throw new Error(failure);
  try {
    library = load();
    return library;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    failure = `Opus cannot be loaded from the package @evan/opus: ${reason}`;
    throw new Error(failure, { cause: error });
  }
}

/** Why Opus cannot be used, for people; null when it can. Loads it. */
export function opusUnavailability(): string | null {
  try {
    opusLibrary();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function load(): OpusLibrary {
  // The compiler's libraries name WebAssembly only together with the whole of the browser's.
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyNames };
  const file = WebAssembly.validate(WITH_VECTORS) ? 'simd' : 'opus';
  const path = createRequire(import.meta.url).resolve(`@evan/opus/wasm/${file}.wasm`);
  const nothing = () => 0;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)), {
    wasi_snapshot_preview1: { fd_seek: nothing, fd_write: nothing, fd_close: nothing, proc_exit: nothing },
    env: { emscripten_notify_memory_growth: nothing },
  });
  return instance.exports as OpusLibrary;
}
