import { type Disk, RecordingFailure, recordingFailure } from './disk.ts';
import type { RecordingFormat } from './recording.ts';
import { createSoundEncoder, type SoundEncoder } from './sound-encoder.ts';

/** Behind the path of a recording that is not finished. */
export const PART_SUFFIX = '.part';

export interface RecordingFileOptions {
  path: string;
  format: RecordingFormat;
  channels: 1 | 2;
  sampleRateHz: number;
  maxBytes: number;
  disk: Disk;
}

/**
 * The file of one recording while it grows: `PATH.part`, valid after every block for whoever reads it or finds it after
 * a crash, renamed when it is complete. A killed process loses nothing that was written; a machine without power loses
 * what came after the last {@link sync}.
 */
export class RecordingFile {
  readonly path: string;
  readonly #options: RecordingFileOptions;
  readonly #encoder: SoundEncoder;
  readonly #file: number;
  readonly #headerBytes: number;
  /** Where each block of equal length began, so that the end can be cut off; for formats whose octets are no samples. */
  readonly #blockOffsets: number[] = [];
  #blockFrames = 0;
  #bytes: number;
  #frames = 0;
  #syncing = false;
  #closeAfterSync = false;

  /** @throws RecordingFailure */
  constructor(options: RecordingFileOptions) {
    const { path, disk, format, sampleRateHz, channels } = options;
    this.path = path;
    this.#options = options;
    if (disk.exists(path)) {
      throw new RecordingFailure('exists', `Cannot begin the recording ${path}: a file of that name is there already`);
    }
    this.#encoder = createSoundEncoder(format, sampleRateHz, channels);
    const header = this.#encoder.header(0);
    this.#headerBytes = header.length;
    this.#bytes = header.length;
    try {
      this.#file = disk.create(path + PART_SUFFIX);
    } catch (error) {
      throw recordingFailure('begin', path, error);
    }
    try {
      this.#write(header, 0);
    } catch (error) {
      this.discard();
      throw recordingFailure('begin', path, error);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  get durationMs(): number {
    return Math.round((this.#frames * 1000) / this.#options.sampleRateHz);
  }

  /**
   * Adds a block of interleaved samples.
   *
   * @returns false when it does not fit into the size allowed; as much of it as does is kept.
   * @throws RecordingFailure; what was there before stays valid.
   */
  add(block: Int16Array): boolean {
    const { channels, maxBytes, format } = this.#options;
    const room = maxBytes - this.#bytes;
    const fits = format === 'wav' ? block.byteLength <= room : true;
    const kept = fits ? block : block.subarray(0, Math.floor(room / (2 * channels)) * channels);
    if (kept.length === 0) return false;
    const octets = this.#encoder.encode(kept);
    if (format === 'mp3' && octets.length > room) return false;
    this.#note(kept.length / channels);
    this.#append(octets);
    this.#frames += kept.length / channels;
    return fits;
  }

  /** Has what was written brought to the disk; nothing when that is still under way. */
  sync(): void {
    if (this.#syncing) return;
    this.#syncing = true;
    this.#options.disk.sync(this.#file, () => {
      // A disk that fails tells it at the next write.
      this.#syncing = false;
      if (this.#closeAfterSync) this.#options.disk.close(this.#file);
    });
  }

  /**
   * Ends the file, cut to `keepFrames` samples per channel unless null, on the disk and under its own name.
   *
   * @throws RecordingFailure (rejects); the unfinished file stays for the recovery.
   */
  async finish(keepFrames: number | null): Promise<void> {
    const { disk } = this.#options;
    try {
      if (keepFrames !== null && keepFrames < this.#frames) this.#cut(keepFrames);
      else this.#appendRest();
      await new Promise<void>((resolve, reject) => {
        disk.sync(this.#file, (error) => (error === null ? resolve() : reject(error)));
      });
      this.#close();
      disk.rename(this.path + PART_SUFFIX, this.path);
    } catch (error) {
      throw recordingFailure('finish', this.path, error);
    }
  }

  /**
   * Ends the file after an error with what was written before it. False when there is nothing to keep, and no file then.
   */
  salvage(): boolean {
    const { disk } = this.#options;
    if (this.#frames === 0) {
      this.discard();
      return false;
    }
    try {
      disk.truncate(this.#file, this.#bytes);
      this.#close();
      disk.rename(this.path + PART_SUFFIX, this.path);
      return true;
    } catch {
      // The unfinished file stays for the recovery.
      return false;
    }
  }

  /** Removes the file. */
  discard(): void {
    this.#close();
    this.#options.disk.remove(this.path + PART_SUFFIX);
  }

  #close(): void {
    if (this.#syncing) this.#closeAfterSync = true;
    else this.#options.disk.close(this.#file);
  }

  #append(octets: Uint8Array): void {
    try {
      this.#write(octets, this.#bytes);
      this.#bytes += octets.length;
      this.#writeHeader();
    } catch (error) {
      throw recordingFailure('write', this.path, error);
    }
  }

  #appendRest(): void {
    const rest = this.#encoder.finish();
    if (rest.length > 0 && rest.length <= this.#options.maxBytes - this.#bytes) this.#append(rest);
  }

  #writeHeader(): void {
    if (this.#headerBytes > 0) this.#write(this.#encoder.header(this.#bytes - this.#headerBytes), 0);
  }

  #write(bytes: Uint8Array, at: number): void {
    let done = 0;
    while (done < bytes.length) {
      const written = this.#options.disk.write(this.#file, bytes.subarray(done), at + done);
      if (written === 0) throw new RecordingFailure('disk_full', `The disk takes no more of ${this.path}`);
      done += written;
    }
  }

  #note(frames: number): void {
    if (this.#options.format === 'wav') return;
    if (this.#blockFrames === 0) this.#blockFrames = frames;
    this.#blockOffsets.push(this.#bytes);
  }

  #cut(keepFrames: number): void {
    const { disk, format, channels } = this.#options;
    let bytes = this.#headerBytes + keepFrames * 2 * channels;
    let frames = keepFrames;
    if (format === 'mp3') {
      // Frames cannot be cut: up to the end of the block, and one more for what the encoder holds back.
      const block = Math.ceil(keepFrames / this.#blockFrames) + 1;
      bytes = keepFrames === 0 ? 0 : (this.#blockOffsets[block] ?? this.#bytes);
      frames = keepFrames === 0 ? 0 : Math.min(block * this.#blockFrames, this.#frames);
    }
    disk.truncate(this.#file, bytes);
    this.#bytes = bytes;
    this.#frames = frames;
    this.#writeHeader();
  }
}
