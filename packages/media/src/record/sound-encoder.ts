import { Mp3Encoder } from '@breezystack/lamejs';
import { WAV_HEADER_BYTES, writeWavHeader } from '../file/wav-header.ts';
import type { RecordingFormat } from './recording.ts';

/** Turns blocks of samples into the octets of a file that is valid after every block. */
export interface SoundEncoder {
  /** Octets to begin the file with; rewritten from offset 0 with the length in force after each block. May be empty. */
  header(bodyBytes: number): Uint8Array;
  /** The octets of a block of interleaved samples; valid until the next call. */
  encode(block: Int16Array): Uint8Array;
  /** What is still held back. */
  finish(): Uint8Array;
}

export function createSoundEncoder(format: RecordingFormat, sampleRateHz: number, channels: 1 | 2): SoundEncoder {
  return format === 'wav' ? new WavEncoder(sampleRateHz, channels) : new MpegEncoder(sampleRateHz, channels);
}

const NOTHING = new Uint8Array(0);

class WavEncoder implements SoundEncoder {
  readonly #header = new Uint8Array(WAV_HEADER_BYTES);
  readonly #sampleRateHz: number;
  readonly #channels: number;

  constructor(sampleRateHz: number, channels: number) {
    this.#sampleRateHz = sampleRateHz;
    this.#channels = channels;
  }

  header(bodyBytes: number): Uint8Array {
    writeWavHeader(this.#header, this.#sampleRateHz, this.#channels, bodyBytes);
    return this.#header;
  }

  encode(block: Int16Array): Uint8Array {
    // Every machine that Node runs on is little-endian, as WAV files are.
    return new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
  }

  finish(): Uint8Array {
    return NOTHING;
  }
}

/** Bits per second of one channel: speech stays clear and whole frames come out of every half second. */
const BITRATE_KBPS: Readonly<Record<number, number>> = { 8000: 32, 16000: 48 };

/** MPEG audio layer III at a constant bit rate: a stream of frames that may end behind any of them. */
class MpegEncoder implements SoundEncoder {
  readonly #encoder: Mp3Encoder;
  readonly #channels: number;
  #left = new Int16Array(0);
  #right = new Int16Array(0);

  constructor(sampleRateHz: number, channels: number) {
    this.#encoder = new Mp3Encoder(channels, sampleRateHz, channels * (BITRATE_KBPS[sampleRateHz] ?? 64));
    this.#channels = channels;
  }

  header(): Uint8Array {
    return NOTHING;
  }

  encode(block: Int16Array): Uint8Array {
    if (this.#channels === 1) return this.#encoder.encodeBuffer(block);
    const frames = block.length / 2;
    if (this.#left.length !== frames) {
      this.#left = new Int16Array(frames);
      this.#right = new Int16Array(frames);
    }
    for (let i = 0; i < frames; i++) {
      this.#left[i] = block[2 * i] as number;
      this.#right[i] = block[2 * i + 1] as number;
    }
    return this.#encoder.encodeBuffer(this.#left, this.#right);
  }

  finish(): Uint8Array {
    return this.#encoder.flush();
  }
}
