import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Spoken, toSpoken } from './spoken.ts';
import { readWave, writeWave } from './wave.ts';

export type DiskCacheOptions = {
  folder: string;
  /** When the files take more, the oldest go. */
  limitBytes: number;
  /** A file that cannot be read, written or removed costs speed, not speech; it is told here. */
  onWarning(warning: Error): void;
};

const FILE_NAME = /^[0-9a-f]+\.wav$/;
/** Pruning leaves this part of the limit, so that it is not needed again at every write. */
const KEPT_SHARE = 0.9;

/** Keeps speech as WAV files named by their id, so that a restart begins warm. Files appear whole or not at all. */
export class DiskCache {
  readonly #options: DiskCacheOptions;
  readonly #opened: Promise<void>;
  #bytes = 0;
  #writes = 0;
  /** Writes go one after the other, behind the callers' backs. */
  #writing: Promise<void>;

  constructor(options: DiskCacheOptions) {
    this.#options = options;
    this.#opened = this.#open();
    this.#writing = this.#opened;
  }

  async get(id: string): Promise<Spoken | null> {
    await this.#opened;
    const path = this.#path(id);
    try {
      const wave = readWave(await readFile(path));
      if (wave?.complete === true) return toSpoken(id, wave.samples, wave.sampleRateHz);
      this.#options.onWarning(new Error(`the stored speech ${path} is damaged; it is made anew`));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#warn(`cannot read stored speech ${path}`, error);
    }
    return null;
  }

  /** Stores speech; done when `flush` is. */
  set(spoken: Spoken): void {
    this.#writing = this.#writing.then(() => this.#write(spoken));
  }

  /** Resolves when everything set so far is on disk. */
  flush(): Promise<void> {
    return this.#writing;
  }

  #path(id: string): string {
    return join(this.#options.folder, `${id}.wav`);
  }

  async #open(): Promise<void> {
    const { folder } = this.#options;
    try {
      await mkdir(folder, { recursive: true });
      for (const name of await readdir(folder)) {
        const path = join(folder, name);
        if (FILE_NAME.test(name)) this.#bytes += (await stat(path)).size;
        // What a crash left half written.
        else if (name.endsWith('.part')) await rm(path, { force: true });
      }
    } catch (error) {
      this.#warn(`cannot use the speech folder ${folder}`, error);
    }
  }

  async #write(spoken: Spoken): Promise<void> {
    const path = this.#path(spoken.id);
    const part = `${path}.${process.pid}-${this.#writes++}.part`;
    const bytes = writeWave(spoken);
    try {
      await writeFile(part, bytes);
      await rename(part, path);
      this.#bytes += bytes.length;
      if (this.#bytes > this.#options.limitBytes) await this.#prune();
    } catch (error) {
      this.#warn(`cannot store speech ${path}`, error);
      await rm(part, { force: true }).catch((failure: unknown) => this.#warn(`cannot remove ${part}`, failure));
    }
  }

  async #prune(): Promise<void> {
    const { folder, limitBytes } = this.#options;
    const files: { path: string; size: number; writtenMs: number }[] = [];
    for (const name of await readdir(folder)) {
      if (!FILE_NAME.test(name)) continue;
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path);
      files.push({ path, size, writtenMs: mtimeMs });
    }
    files.sort((a, b) => a.writtenMs - b.writtenMs);
    this.#bytes = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of files) {
      if (this.#bytes <= limitBytes * KEPT_SHARE) return;
      await rm(path, { force: true });
      this.#bytes -= size;
    }
  }

  #warn(what: string, cause: unknown): void {
    this.#options.onWarning(new Error(`${what}: ${String(cause)}`, { cause }));
  }
}
