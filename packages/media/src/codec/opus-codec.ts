import type { AudioCodec, AudioEncoder, EncoderParameters, FrameDecoder } from './audio-codec.ts';
import { type OpusLibrary, opusLibrary } from './opus-library.ts';
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
const APPLICATION_VOIP = 2048;
const SET_BITRATE = 4002;
const SET_VBR = 4006;
const SET_COMPLEXITY = 4010;
const SET_INBAND_FEC = 4012;
const SET_PACKET_LOSS_PERCENT = 4014;

/** Both carry speech of 8 kHz bandwidth well; the copies take their part of the second. */
const BITRATE_BPS = 24_000;
const BITRATE_WITH_COPIES_BPS = 32_000;
const LEAST_BITRATE_BPS = 6000;
/** Of 10: 2 takes twice, 5 three times as long, and the spectrum comes little nearer to the original; 0 makes no copies. */
const COMPLEXITY = 1;
/** The losses that the copies in the packets are to make good. */
const EXPECTED_LOSS_PERCENT = 10;

/** The library with the two areas that all encoders and decoders of this thread pass their data through. */
interface Workspace {
  opus: OpusLibrary;
  /** Where payload and samples are in the library's memory. */
  payload: number;
  pcm: number;
  /** Gives memory back whose owner was forgotten instead of released. */
  forgotten: FinalizationRegistry<number>;
}

let workspace: Workspace | null = null;

function allocate(opus: OpusLibrary, bytes: number): number {
  const pointer = opus.malloc(bytes);
  if (pointer === 0) throw new Error(`Opus has no memory left for ${bytes} octets`);
  return pointer;
}

function open(): Workspace {
  if (workspace !== null) return workspace;
  const opus = opusLibrary();
  workspace = {
    opus,
    payload: allocate(opus, MOST_PAYLOAD_BYTES),
    pcm: allocate(opus, 2 * MOST_SAMPLES),
    forgotten: new FinalizationRegistry((pointer) => opus.free(pointer)),
  };
  return workspace;
}

// The library's memory grows, after which the old views see nothing.
let pcmView = new Int16Array(0);
let payloadView = new Uint8Array(0);

function pcmOf({ opus, pcm }: Workspace): Int16Array {
  if (pcmView.length === 0) pcmView = new Int16Array(opus.memory.buffer, pcm, MOST_SAMPLES);
  return pcmView;
}

function payloadOf({ opus, payload }: Workspace): Uint8Array {
  if (payloadView.length === 0) payloadView = new Uint8Array(opus.memory.buffer, payload, MOST_PAYLOAD_BYTES);
  return payloadView;
}

class OpusEncoder implements AudioEncoder {
  readonly #workspace = open();
  #encoder: number;

  constructor(parameters?: EncoderParameters) {
    const { opus, forgotten } = this.#workspace;
    this.#encoder = allocate(opus, opus.opus_encoder_get_size(CHANNELS));
    opus.opus_encoder_init(this.#encoder, SAMPLE_RATE_HZ, CHANNELS, APPLICATION_VOIP);
    forgotten.register(this, this.#encoder, this);
    const copies = parameters?.forwardErrorCorrection === true;
    const bitrateBps = copies ? BITRATE_WITH_COPIES_BPS : BITRATE_BPS;
    const mostBps = Math.max(LEAST_BITRATE_BPS, parameters?.maxBitrateBps ?? bitrateBps);
    this.#set(SET_BITRATE, Math.min(bitrateBps, mostBps));
    this.#set(SET_COMPLEXITY, COMPLEXITY);
    if (parameters?.constantBitrate === true) this.#set(SET_VBR, 0);
    if (copies) {
      this.#set(SET_INBAND_FEC, 1);
      this.#set(SET_PACKET_LOSS_PERCENT, EXPECTED_LOSS_PERCENT);
    }
  }

  /** @throws Error when `n` is not 2.5, 5, 10, 20, 40 or 60 ms, or after {@link release}. */
  encode(samples: Int16Array, at: number, n: number, target: Uint8Array, targetAt: number): number {
    const { opus, pcm, payload } = this.#workspace;
    if (this.#encoder === 0) throw new Error('The Opus encoder was released');
    const input = pcmOf(this.#workspace);
    for (let i = 0; i < n; i++) input[i] = samples[at + i] as number;
    const octets = opus.opus_encode(this.#encoder, pcm, n, payload, MOST_PAYLOAD_BYTES);
    if (octets < 0) throw new Error(`Opus refused to encode ${n} samples at ${SAMPLE_RATE_HZ} Hz (error ${octets})`);
    const output = payloadOf(this.#workspace);
    for (let i = 0; i < octets; i++) target[targetAt + i] = output[i] as number;
    return octets;
  }

  release(): void {
    const { opus, forgotten } = this.#workspace;
    forgotten.unregister(this);
    if (this.#encoder !== 0) opus.free(this.#encoder);
    this.#encoder = 0;
  }

  #set(request: number, value: number): void {
    this.#workspace.opus.opus_encoder_ctl_set(this.#encoder, request, value);
  }
}

class OpusDecoder implements FrameDecoder {
  readonly #workspace = open();
  /** Concealed samples that were not asked for yet. */
  readonly #rest = new Int16Array(CONCEALED_STEP);
  #restLength = 0;
  #decoder: number;

  constructor() {
    const { opus, forgotten } = this.#workspace;
    this.#decoder = allocate(opus, opus.opus_decoder_get_size(CHANNELS));
    opus.opus_decoder_init(this.#decoder, SAMPLE_RATE_HZ, CHANNELS);
    forgotten.register(this, this.#decoder, this);
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

  release(): void {
    const { opus, forgotten } = this.#workspace;
    forgotten.unregister(this);
    if (this.#decoder !== 0) opus.free(this.#decoder);
    this.#decoder = 0;
  }

  #take(bytes: Uint8Array, at: number, length: number): boolean {
    if (length > MOST_PAYLOAD_BYTES) return false;
    const input = payloadOf(this.#workspace);
    for (let i = 0; i < length; i++) input[i] = bytes[at + i] as number;
    return true;
  }

  /** Decodes what {@link #take} took, or conceals when that is nothing. */
  #give(length: number, n: number, fec: 0 | 1, target: Int16Array, targetAt: number): number {
    const { opus, payload, pcm } = this.#workspace;
    if (this.#decoder === 0) return 0;
    const written = opus.opus_decode(this.#decoder, length === 0 ? 0 : payload, length, pcm, n, fec);
    const output = pcmOf(this.#workspace);
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
