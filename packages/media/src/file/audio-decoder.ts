import { AudioDecodeError } from './audio-decode-error.ts';
import type { DecodeAnswer, DecodeJob } from './decode-worker.ts';
import { WorkerPool, WorkerPoolError } from './worker-pool.ts';

export type AudioDecoderOptions = {
  /** Worker threads. Default 1. */
  workers?: number;
  /** Files that may wait; beyond it `decode` fails with `busy`. Default 64. */
  queueLimit?: number;
  /** A file that takes longer fails with `time_limit`. Default 30 000 ms. */
  timeLimitMs?: number;
};

export type DecodeAudioOptions = {
  /** Content type from the server; used only where the bytes do not tell. */
  contentType?: string;
  /** Longer audio fails with `too_long`. Default 600 000 ms. */
  maxDurationMs?: number;
  /** Rate of the result. Default 8000. */
  toSampleRateHz?: number;
};

/** Mono 16-bit samples on a SharedArrayBuffer, so media workers can play them without a copy. */
export type DecodedAudio = { samples: Int16Array<SharedArrayBuffer>; sampleRateHz: number; durationMs: number };

/** Decodes audio files (WAV, MP3, Ogg Vorbis and Opus, FLAC, AIFF) in worker threads. */
export class AudioDecoder {
  readonly #pool: WorkerPool<DecodeJob, DecodeAnswer>;
  readonly #timeLimitMs: number;

  constructor({ workers = 1, queueLimit = 64, timeLimitMs = 30_000 }: AudioDecoderOptions = {}) {
    this.#timeLimitMs = timeLimitMs;
    this.#pool = new WorkerPool({
      script: new URL('./decode-worker.ts', import.meta.url),
      workers,
      queueLimit,
      jobTimeLimitMs: timeLimitMs,
    });
  }

  /**
   * Decodes a whole file to one channel at the wanted rate. The bytes stay the caller's. A file that is damaged after its
   * beginning gives what came before.
   *
   * @throws AudioDecodeError
   */
  async decode(bytes: Uint8Array, options: DecodeAudioOptions = {}): Promise<DecodedAudio> {
    const [whole] = await this.#decode(bytes, options, undefined);
    if (whole === undefined) throw new AudioDecodeError('empty', 'the file holds no sound');
    return whole;
  }

  /**
   * The same for so many channels apart, all of the same length; the last one again where the file has fewer. A WAV file is
   * always mixed.
   *
   * @throws AudioDecodeError
   */
  decodeChannels(bytes: Uint8Array, channels: number, options: DecodeAudioOptions = {}): Promise<DecodedAudio[]> {
    return this.#decode(bytes, options, channels);
  }

  /** Ends the workers; files under way fail with `closed`. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  async #decode(
    bytes: Uint8Array,
    { contentType, maxDurationMs = 600_000, toSampleRateHz = 8000 }: DecodeAudioOptions,
    channels: number | undefined,
  ): Promise<DecodedAudio[]> {
    const copy = new Uint8Array(bytes);
    const job = { bytes: copy, options: { contentType, maxDurationMs, toSampleRateHz, channels } };
    const answer = await this.#pool.run(job, [copy.buffer]).catch((error: unknown) => {
      throw this.#explain(error);
    });
    if ('reason' in answer) throw new AudioDecodeError(answer.reason, answer.message);
    return answer.channels.map((samples) => {
      return { samples, sampleRateHz: toSampleRateHz, durationMs: (samples.length * 1000) / toSampleRateHz };
    });
  }

  #explain(error: unknown): unknown {
    if (!(error instanceof WorkerPoolError)) return error;
    switch (error.reason) {
      case 'time_limit':
        return new AudioDecodeError('time_limit', `the file took longer than ${this.#timeLimitMs} ms to decode`);
      case 'busy':
        return new AudioDecodeError('busy', `too many audio files wait to be decoded: ${error.message}`);
      case 'closed':
        return new AudioDecodeError('closed', 'the audio decoder is closed');
      case 'crashed':
        return new AudioDecodeError('damaged', `the file broke its decoder: ${error.message}`, { cause: error });
    }
  }
}
