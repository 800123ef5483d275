import type { AudioCodec, AudioEncoder } from '../codec/audio-codec.ts';

/** Length of the fade from one source to the next. */
const FADE_MS = 5;
const LONGEST_PACKET_SAMPLES = 960;
/** The first octet of a payload that continues nothing. */
const NO_OCTET = -1;

const joined = new Int16Array(LONGEST_PACKET_SAMPLES);

interface OctetTable {
  codec: AudioCodec;
  samples: Int16Array;
  encoder: AudioEncoder;
}

const tables: OctetTable[] = [];

/**
 * Joins what one source sent last to what the next one sends first: sound that is cut off somewhere fades out under the
 * beginning of what follows, because a step in the sound would be heard as a click. Sound that ended by itself is left
 * alone, and so is what follows silence.
 */
export class Seam {
  #lastSample = 0;
  #lastOctet = NO_OCTET;

  /** The last sample of a packet, where samples were encoded. */
  keepSample(sample: number): void {
    this.#lastSample = sample;
    this.#lastOctet = NO_OCTET;
  }

  /** The last octet of a payload whose octets are samples. */
  keepOctet(octet: number): void {
    this.#lastOctet = octet;
  }

  /** What was sent last has ended, or was long ago. */
  forget(): void {
    this.#lastSample = 0;
    this.#lastOctet = NO_OCTET;
  }

  /** The first samples of another source with the end of the one before: `samples` from `at` as they are, or a copy from 0. */
  joinSamples(codec: AudioCodec, samples: Int16Array, at: number, n: number): Int16Array {
    const last = this.#last(codec);
    if (last === 0) return samples;
    for (let i = 0; i < n; i++) joined[i] = samples[at + i] as number;
    const length = Math.min(n, (FADE_MS * codec.sampleRateHz) / 1000);
    for (let i = 0; i < length; i++) joined[i] = clip((joined[i] as number) + (last * (length - i)) / length);
    return joined;
  }

  /**
   * The same in a payload whose octets are samples. `cutIn`: what follows begins in the middle of its sound and fades in.
   */
  joinPayload(codec: AudioCodec, bytes: Uint8Array, at: number, octets: number, cutIn: boolean): void {
    const last = this.#last(codec);
    if (codec.silence === null || (last === 0 && !cutIn)) return;
    const { samples, encoder } = tableOf(codec);
    const length = Math.min(octets, (FADE_MS * codec.sampleRateHz) / 1000);
    for (let i = 0; i < length; i++) {
      const sample = samples[bytes[at + i] as number] as number;
      joined[i] = clip((cutIn ? (sample * i) / length : sample) + (last * (length - i)) / length);
    }
    encoder.encode(joined, 0, length, bytes, at);
  }

  #last(codec: AudioCodec): number {
    if (this.#lastOctet === NO_OCTET) return this.#lastSample;
    if (codec.silence === null || this.#lastOctet === codec.silence) return 0;
    return tableOf(codec).samples[this.#lastOctet] as number;
  }
}

function tableOf(codec: AudioCodec): OctetTable {
  const known = tables.find((table) => table.codec === codec);
  if (known !== undefined) return known;
  const samples = new Int16Array(256);
  codec.createDecoder().decode(
    Uint8Array.from({ length: 256 }, (_, octet) => octet),
    0,
    256,
    samples,
    0,
  );
  const table = { codec, samples, encoder: codec.createEncoder() };
  tables.push(table);
  return table;
}

function clip(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}
