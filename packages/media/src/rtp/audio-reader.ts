import type { AudioCodec, FrameDecoder } from '../codec/audio-codec.ts';
import { FallingSilent } from './falling-silent.ts';
import { JitterBuffer, type JitterBufferOptions, type Taken } from './jitter-buffer.ts';
import type { RtpPacket } from './packet.ts';
import { RecentMinimum } from './recent-minimum.ts';
import { findLag, isQuiet, putIn, takeOut } from './time-scale.ts';

/** Room for a frame, for what is left of a packet, and for the longest packet there is (1500 octets of G.722). */
const CAPACITY = 4096;
/** Concealed between two packets that do not join. */
const JOINT_MS = 5;
/** Packets after which it is known how much is left over at least. */
const LEFTOVER_PACKETS = 250;
/** Packets for which a quiet moment is waited for to shorten the sound. */
const QUIET_PACKETS = 50;
/** Less than this is left where it is: sound cut out is put in again as soon as a packet is a little later. */
const LEAST_LEFTOVER_MS = 5;
/** A reader's clock that is this far from the given time was stopped and starts anew. */
const MAX_CLOCK_ERROR_MS = 200;
/** How fast the reader's clock follows the given times, which come unevenly when the process is busy. */
const CLOCK_GAIN = 1 / 16;

export type AudioReaderOptions = Omit<JitterBufferOptions, 'clockRateHz' | 'recovers'>;

/**
 * The far side's sound, evenly: frames of any length out of packets of any length, late ones waited for, lost ones
 * concealed, and the delay kept as short as the network allows ({@link JitterBuffer}). Nothing clicks: sound that breaks
 * off is faded out, and the decoder blends what comes after a concealment into it. Sound that came in order and in time
 * is passed on untouched. Allocates nothing per packet or frame.
 */
export class AudioReader {
  readonly #buffer: JitterBuffer;
  readonly #decoder: FrameDecoder;
  readonly #rateHz: number;
  readonly #frameMs: number;
  readonly #unitsPerSample: number;
  /** Sound decoded ahead: the first `#held` samples are not read yet. */
  readonly #samples = new Int16Array(CAPACITY);
  #held = 0;
  /** How many of the held samples come before the last sound of the far side ends. */
  #sounding = 0;
  #last: Taken = 'silence';
  readonly #pause: FallingSilent;
  #clockMs = Number.NEGATIVE_INFINITY;
  #delayMs = 0;
  /** What was still held of the packets before when the next one had to be there: it waits without need. */
  readonly #leftovers = new RecentMinimum(LEFTOVER_PACKETS);
  #decoded = 0;
  /** Packets since the sound should be shortened. */
  #tooLong = 0;

  constructor(codec: AudioCodec, options: AudioReaderOptions = {}) {
    this.#decoder = codec.createDecoder();
    const recovers = this.#decoder.recover !== undefined;
    this.#buffer = new JitterBuffer({ ...options, clockRateHz: codec.clockRateHz, recovers });
    this.#frameMs = options.frameMs ?? 20;
    this.#rateHz = codec.sampleRateHz;
    this.#pause = new FallingSilent(this.#decoder, codec.sampleRateHz);
    this.#unitsPerSample = codec.clockRateHz / codec.sampleRateHz;
  }

  /** Rate of the samples that are read. */
  get sampleRateHz(): number {
    return this.#rateHz;
  }

  /** Packets that came too late, or too many at once after a stall. */
  get lateDiscarded(): number {
    return this.#buffer.lateDiscarded;
  }

  /** Length of what was concealed in place of lost or late packets. */
  get concealedMs(): number {
    return this.#buffer.concealedMs;
  }

  /** How much longer than the least possible the sound waits here; 0 in silence. */
  get delayMs(): number {
    return this.#last === 'silence' ? 0 : this.#delayMs;
  }

  /** Takes one packet of this codec as it arrives, in any order. The payload is copied. */
  insert(packet: RtpPacket, nowMs: number): void {
    const samples = this.#decoder.samplesIn(packet.bytes, packet.payloadOffset, packet.payloadLength);
    // One that is damaged is as good as lost.
    if (samples > 0) this.#buffer.insert(packet, samples * this.#unitsPerSample, nowMs);
  }

  /**
   * Takes a packet of the stream that holds no sound (comfort noise, telephone-event), so that it is not missed: what
   * follows is a pause and no loss.
   */
  insertPause(packet: RtpPacket, nowMs: number): void {
    this.#buffer.insert(packet, 0, nowMs);
  }

  /**
   * Writes the next `n` samples to the start of `target`: sound, or zeros when the far side is silent.
   *
   * @param n one frame: at most 60 ms.
   * @param nowMs the time at which the frame is due, on the time base of `insert`; it should go on by the frame's length.
   * @returns true when there is sound of the far side in it.
   */
  read(target: Int16Array, n: number, nowMs: number): boolean {
    this.#follow(nowMs, (n * 1000) / this.#rateHz);
    const buffer = this.#buffer;
    while (this.#held < n) {
      const taken = buffer.take(this.#clockMs, Math.ceil((n - this.#held) * this.#unitsPerSample));
      if (taken === 'packet') {
        this.#decode();
      } else {
        const units = Math.floor(buffer.units / this.#unitsPerSample);
        if (taken === 'lost') this.#conceal(units);
        else this.#rest(Math.min(units, n - this.#held));
      }
      this.#last = taken;
    }
    const samples = this.#samples;
    for (let i = 0; i < n; i++) target[i] = samples[i] as number;
    this.#held -= n;
    samples.copyWithin(0, n, n + this.#held);
    const sounds = this.#sounding > 0;
    this.#sounding = Math.max(0, this.#sounding - n);
    return sounds;
  }

  #follow(nowMs: number, frameMs: number): void {
    const errorMs = nowMs - this.#clockMs - frameMs;
    if (Math.abs(errorMs) > MAX_CLOCK_ERROR_MS) {
      this.#clockMs = nowMs;
      this.#held = 0;
      this.#sounding = 0;
      this.#buffer.restart();
    } else {
      this.#clockMs += frameMs + errorMs * CLOCK_GAIN;
    }
  }

  #decode(): void {
    const { bytes, payloadAt, payloadLength, joined } = this.#buffer;
    const { length } = this.#samples;
    if (!joined && this.#last === 'packet') this.#conceal((JOINT_MS * this.#rateHz) / 1000);
    const at = this.#held;
    if (at + this.#decoder.samplesIn(bytes, payloadAt, payloadLength) > length) return;
    this.#held += this.#decoder.decode(bytes, payloadAt, payloadLength, this.#samples, at);
    this.#delayMs = this.#buffer.delayMs + (at * 1000) / this.#rateHz;
    this.#leftovers.add(at, ++this.#decoded);
    this.#correct();
    this.#sounding = this.#held;
    this.#pause.sounded();
  }

  #conceal(samples: number): void {
    const n = Math.min(samples, this.#samples.length - this.#held);
    if (!this.#recover(n)) this.#decoder.conceal(this.#samples, this.#held, n);
    this.#held += n;
    this.#sounding = this.#held;
    this.#pause.sounded();
  }

  /** Takes the lost sound from the copy in the packet after it, if there is one. */
  #recover(n: number): boolean {
    const { bytes, payloadAt, nextLength } = this.#buffer;
    if (nextLength === 0) return false;
    return this.#decoder.recover?.(bytes, payloadAt, nextLength, this.#samples, this.#held, n) ?? false;
  }

  #rest(n: number): void {
    const at = this.#held;
    this.#held += n;
    if (this.#pause.write(this.#samples, at, n)) this.#sounding = this.#held;
  }

  /** Plays a little slower or faster when the delay should change. */
  #correct(): void {
    const correctionMs = this.#buffer.correctionMs;
    const perMs = this.#rateHz / 1000;
    // Only a whole frame more makes what is to come wait longer.
    const frame = this.#frameMs * perMs;
    if (correctionMs > 0) this.#stretch(Math.max(correctionMs * perMs, frame - (this.#held % frame)));
    this.#tooLong = Math.max(0, this.#tooLong + (correctionMs < 0 ? 1 : -1));
    if (correctionMs < 0) {
      if (this.#tooLong <= QUIET_PACKETS && !isQuiet(this.#samples, 0, this.#held)) return;
      this.#buffer.shortened(this.#shorten(-correctionMs * perMs) / perMs);
    } else if (this.#decoded % LEFTOVER_PACKETS === 0 && this.#leftovers.value >= LEAST_LEFTOVER_MS * perMs) {
      this.#shorten(this.#leftovers.value);
    }
  }

  #stretch(maxSamples: number): void {
    const lag = findLag(this.#samples, 0, this.#held, this.#rateHz, maxSamples);
    if (lag === 0 || this.#held + lag > CAPACITY) return;
    putIn(this.#samples, 0, this.#held, this.#rateHz, lag);
    this.#held += lag;
    this.#leftovers.clear();
  }

  #shorten(maxSamples: number): number {
    const lag = findLag(this.#samples, 0, this.#held, this.#rateHz, maxSamples);
    if (lag === 0) return 0;
    takeOut(this.#samples, 0, this.#held, this.#rateHz, lag);
    this.#held -= lag;
    this.#leftovers.clear();
    return lag;
  }
}
