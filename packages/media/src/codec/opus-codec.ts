import type { AudioCodec, AudioEncoder, EncoderParameters, FrameDecoder } from './audio-codec.ts';
import { type OpusLibrary, opusLibrary } from './opus-library.ts';
import { OpusArea, OpusStates } from './opus-memory.ts';
import { opusPacketUnits } from './opus-packet.ts';

const SAMPLE_RATE_HZ = 16_000;
const CLOCK_RATE_HZ = 48_000;
const UNITS_PER_SAMPLE = CLOCK_RATE_HZ / SAMPLE_RATE_HZ;
const CHANNELS = 1;
/** The longest packet there is, 120 ms. */
const MOST_SAMPLES = 1920;
/** Concealment comes in multiples of 2.5 ms. */
const CONCEALED_STEP = 40;
/** The longest payload with which no datagram is split. */
const MOST_PAYLOAD_BYTES = 1275;

// opus_defines.h
const APPLICATION_AUDIO = 2049;
const SET_BITRATE = 4002;
const SET_VBR = 4006;
const SET_COMPLEXITY = 4010;
const SET_INBAND_FEC = 4012;
const SET_PACKET_LOSS_PERCENT = 4014;
const SET_SIGNAL = 4024;
const SIGNAL_VOICE = 3001;
const SIGNAL_MUSIC = 3002;

const BITRATE_BPS = 40_000;
const LEAST_BITRATE_BPS = 6000;

/** One of the library's two ways to code: which sound we say it is, and how hard it works on it. */
interface Manner {
  signal: number;
  complexity: number;
  /** The losses that copies in the packets are to make good; only the model of a voice makes any. */
  expectedLossPercent: number;
}

/**
 * CELT, which codes any sound. At our bit rate it comes nearer to the speech than the model of a voice does, in a third of
 * the time; more work on it was measured to make it no better.
 */
const TRANSFORM: Manner = { signal: SIGNAL_MUSIC, complexity: 0, expectedLossPercent: 0 };
/** SILK. Of 10, complexity 2 takes twice, 5 three times as long, and the spectrum comes little nearer to the original. */
const VOICE_MODEL: Manner = { signal: SIGNAL_VOICE, complexity: 1, expectedLossPercent: 0 };
/** Complexity 0 makes no copies. */
const VOICE_MODEL_WITH_COPIES: Manner = { ...VOICE_MODEL, expectedLossPercent: 10 };
/** Under this bit rate the model of a voice is better. */
const LEAST_TRANSFORM_BPS = 30_000;

/** Encoders, and decoders, that work without being copied: as many as fit into the 16 MB that the library begins with. */
const MOST_PLACES = 160;

/** What all encoders and decoders of this thread share: the library, and the areas in its memory that data pass through. */
interface Workspace {
  opus: OpusLibrary;
  payload: OpusArea;
  pcm: OpusArea;
  encoders: OpusStates;
  decoders: OpusStates;
}

let workspace: Workspace | null = null;

function open(): Workspace {
  if (workspace !== null) return workspace;
  const opus = opusLibrary();
  workspace = {
    opus,
    payload: new OpusArea(opus, MOST_PAYLOAD_BYTES),
    pcm: new OpusArea(opus, 2 * MOST_SAMPLES),
    encoders: new OpusStates(opus, opus.opus_encoder_get_size(CHANNELS), MOST_PLACES),
    decoders: new OpusStates(opus, opus.opus_decoder_get_size(CHANNELS), MOST_PLACES),
  };
  return workspace;
}

class OpusEncoder implements AudioEncoder {
  readonly #workspace = open();
  readonly #state = this.#workspace.encoders.newState();
  /** While nothing is lost, and while something is. */
  readonly #plainly: Manner;
  readonly #safely: Manner;
  #manner: Manner;

  constructor(parameters?: EncoderParameters) {
    const { opus, encoders } = this.#workspace;
    const bitrateBps = Math.max(LEAST_BITRATE_BPS, Math.min(BITRATE_BPS, parameters?.maxBitrateBps ?? BITRATE_BPS));
    const copies = parameters?.forwardErrorCorrection === true;
    this.#plainly = bitrateBps < LEAST_TRANSFORM_BPS ? VOICE_MODEL : TRANSFORM;
    this.#safely = copies ? VOICE_MODEL_WITH_COPIES : this.#plainly;
    this.#manner = this.#safely;
    const pointer = encoders.enter(this.#state);
    opus.opus_encoder_init(pointer, SAMPLE_RATE_HZ, CHANNELS, APPLICATION_AUDIO);
    opus.opus_encoder_ctl_set(pointer, SET_BITRATE, bitrateBps);
    if (parameters?.constantBitrate === true) opus.opus_encoder_ctl_set(pointer, SET_VBR, 0);
    if (copies) opus.opus_encoder_ctl_set(pointer, SET_INBAND_FEC, 1);
    this.#apply(this.#manner);
  }

  expectLosses(expected: boolean): void {
    const manner = expected ? this.#safely : this.#plainly;
    if (manner !== this.#manner) this.#apply(manner);
  }

  /** @throws Error when `n` is not 2.5, 5, 10, 20, 40 or 60 ms. */
  encode(samples: Int16Array, at: number, n: number, target: Uint8Array, targetAt: number): number {
    const { opus, pcm, payload, encoders } = this.#workspace;
    const pointer = encoders.enter(this.#state);
    const input = pcm.samples;
    for (let i = 0; i < n; i++) input[i] = samples[at + i] as number;
    const octets = opus.opus_encode(pointer, pcm.pointer, n, payload.pointer, MOST_PAYLOAD_BYTES);
    if (octets < 0) throw new Error(`Opus refused to encode ${n} samples at ${SAMPLE_RATE_HZ} Hz (error ${octets})`);
    const output = payload.octets;
    for (let i = 0; i < octets; i++) target[targetAt + i] = output[i] as number;
    return octets;
  }

  /** The library changes over without a seam. */
  #apply(manner: Manner): void {
    const { opus, encoders } = this.#workspace;
    const pointer = encoders.enter(this.#state);
    opus.opus_encoder_ctl_set(pointer, SET_SIGNAL, manner.signal);
    opus.opus_encoder_ctl_set(pointer, SET_COMPLEXITY, manner.complexity);
    opus.opus_encoder_ctl_set(pointer, SET_PACKET_LOSS_PERCENT, manner.expectedLossPercent);
    this.#manner = manner;
  }
}

class OpusDecoder implements FrameDecoder {
  readonly knowsNoise = true;
  readonly #workspace = open();
  readonly #state = this.#workspace.decoders.newState();
  /** Concealed samples that were not asked for yet. */
  readonly #rest = new Int16Array(CONCEALED_STEP);
  #restLength = 0;

  constructor() {
    const { opus, decoders } = this.#workspace;
    opus.opus_decoder_init(decoders.enter(this.#state), SAMPLE_RATE_HZ, CHANNELS);
  }

  decode(bytes: Uint8Array, at: number, length: number, target: Int16Array, targetAt: number): number {
    const n = this.samplesIn(bytes, at, length);
    if (n === 0 || n > target.length - targetAt || !this.#take(bytes, at, length)) return 0;
    this.#restLength = 0;
    return this.#give(length, MOST_SAMPLES, 0, target, targetAt);
  }

  recover(bytes: Uint8Array, at: number, length: number, target: Int16Array, targetAt: number, n: number): boolean {
    if (n % CONCEALED_STEP !== 0 || n > MOST_SAMPLES || n > target.length - targetAt) return false;
    if (this.samplesIn(bytes, at, length) === 0 || !this.#take(bytes, at, length)) return false;
    this.#restLength = 0;
    return this.#give(length, n, 1, target, targetAt) === n;
  }

  conceal(target: Int16Array, targetAt: number, n: number): void {
    const rest = this.#rest;
    const kept = Math.min(n, this.#restLength);
    for (let i = 0; i < kept; i++) target[targetAt + i] = rest[i] as number;
    rest.copyWithin(0, kept, this.#restLength);
    this.#restLength -= kept;
    for (let done = kept; done < n; ) {
      const wanted = Math.min(MOST_SAMPLES, n - done);
      const whole = wanted - (wanted % CONCEALED_STEP);
      if (whole > 0) {
        this.#give(0, whole, 0, target, targetAt + done);
        done += whole;
      } else {
        this.#restLength = this.#give(0, CONCEALED_STEP, 0, rest, 0);
        for (let i = 0; i < wanted; i++) target[targetAt + done + i] = rest[i] as number;
        rest.copyWithin(0, wanted);
        this.#restLength -= wanted;
        done += wanted;
      }
    }
  }

  samplesIn(bytes: Uint8Array, at: number, length: number): number {
    return opusPacketUnits(bytes, at, length) / UNITS_PER_SAMPLE;
  }

  #take(bytes: Uint8Array, at: number, length: number): boolean {
    if (length > MOST_PAYLOAD_BYTES) return false;
    const input = this.#workspace.payload.octets;
    for (let i = 0; i < length; i++) input[i] = bytes[at + i] as number;
    return true;
  }

  /** Decodes what {@link #take} took, or conceals when that is nothing. */
  #give(length: number, n: number, fec: 0 | 1, target: Int16Array, targetAt: number): number {
    const { opus, payload, pcm, decoders } = this.#workspace;
    const data = length === 0 ? 0 : payload.pointer;
    const written = opus.opus_decode(decoders.enter(this.#state), data, length, pcm.pointer, n, fec);
    const output = pcm.samples;
    for (let i = 0; i < written; i++) target[targetAt + i] = output[i] as number;
    return Math.max(0, written);
  }
}

/**
 * Opus (RFC 6716, RFC 7587) for speech: coded and decoded at 16 kHz; sound of other bandwidths, frame lengths and of two
 * channels is decoded to 16 kHz and one. Creating an encoder or decoder throws where the library cannot be loaded.
 */
export const OPUS: AudioCodec = {
  name: 'opus',
  clockRateHz: CLOCK_RATE_HZ,
  sampleRateHz: SAMPLE_RATE_HZ,
  silence: null,
  createEncoder: (parameters) => new OpusEncoder(parameters),
  createDecoder: () => new OpusDecoder(),
};
