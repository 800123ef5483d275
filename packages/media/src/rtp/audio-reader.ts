import type { AudioCodec, FrameDecoder } from '../codec/audio-codec.ts';
import { JitterBuffer, type JitterBufferOptions, type Taken } from './jitter-buffer.ts';
import type { RtpPacket } from './packet.ts';
import { RecentMinimum } from './recent-minimum.ts';
import { crossFade, findLag, putIn, takeOut } from './time-scale.ts';

/** Room for a frame, for what is left of a packet, and for the longest packet there is (1500 octets of G.722). */
const CAPACITY = 4096;
const FADE_MS = 5;
/** Packets after which it is known how much is left over at least. */
const LEFTOVER_PACKETS = 32;
/** A reader's clock that is this far from the given time was stopped and starts anew. */
const MAX_CLOCK_ERROR_MS = 200;
/** How fast the reader's clock follows the given times, which come unevenly when the process is busy. */
const CLOCK_GAIN = 1 / 16;

/**
 * The far side's sound, evenly: frames of any length out of packets of any length, late ones waited for, lost ones
 * concealed, and the delay kept as short as the network allows ({@link JitterBuffer}). Whatever does not join is
 * cross-faded, so nothing clicks; sound that came in order and in time is passed on untouched. Allocates nothing per
 * packet or frame.
 */
export class AudioReader {
  readonly #buffer: JitterBuffer;
  readonly #decoder: FrameDecoder;
  readonly #rateHz: number;
  readonly #unitsPerSample: number;
  readonly #fade: Int16Array;
  /** Sound decoded ahead: the first `#held` samples are not read yet. */
  readonly #samples = new Int16Array(CAPACITY);
  #held = 0;
  /** How many of the held samples come before the last sound of the far side ends. */
  #sounding = 0;
  #last: Taken = 'silence';
  /** Something was played: from here on, what begins fades in. */
  #began = false;
  #clockMs = Number.NEGATIVE_INFINITY;
  #delayMs = 0;
  /** What was still held of the packets before when the next one had to be there: it waits without need. */
  readonly #leftovers = new RecentMinimum(LEFTOVER_PACKETS);
  #decoded = 0;

  constructor(codec: AudioCodec, options: Omit<JitterBufferOptions, 'clockRateHz'> = {}) {
    this.#buffer = new JitterBuffer({ ...options, clockRateHz: codec.clockRateHz });
    this.#decoder = codec.createDecoder();
    this.#rateHz = codec.sampleRateHz;
    this.#unitsPerSample = codec.clockRateHz / codec.sampleRateHz;
    this.#fade = new Int16Array((FADE_MS * codec.sampleRateHz) / 1000);
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
        const missing = Math.min(n - this.#held, Math.floor(buffer.units / this.#unitsPerSample));
        if (taken === 'lost') this.#conceal(missing);
        else this.#rest(missing);
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
    const samples = this.#samples;
    const at = this.#held;
    const fades = !joined && this.#began;
    this.#began = true;
    if (fades) {
      if (this.#last === 'silence') this.#fade.fill(0);
      else this.#decoder.conceal(this.#fade, 0, this.#fade.length);
    }
    const expected = this.#decoder.samplesIn(bytes, payloadAt, payloadLength);
    if (at + expected > CAPACITY) return;
    const n = this.#decoder.decode(bytes, payloadAt, payloadLength, samples, at);
    if (fades) crossFade(this.#fade, 0, samples, at, samples, at, Math.min(n, this.#fade.length));
    this.#delayMs = this.#buffer.delayMs + (at * 1000) / this.#rateHz;
    this.#held = at + n;
    this.#leftovers.add(at, ++this.#decoded);
    this.#correct();
    this.#sounding = this.#held;
  }

  #conceal(n: number): void {
    this.#decoder.conceal(this.#samples, this.#held, n);
    this.#held += n;
    this.#sounding = this.#held;
  }

  /** Silence; sound that was cut off fades out first. */
  #rest(n: number): void {
    const from = this.#held;
    this.#held += n;
    this.#samples.fill(0, from, this.#held);
    if (this.#last === 'silence') return;
    const fading = Math.min(n, this.#fade.length);
    this.#decoder.conceal(this.#fade, 0, this.#fade.length);
    crossFade(this.#fade, 0, this.#samples, from, this.#samples, from, fading);
  }

  /** Plays a little slower or faster when the delay should change. */
  #correct(): void {
    const correctionMs = this.#buffer.correctionMs;
    const perMs = this.#rateHz / 1000;
    if (correctionMs > 0) this.#stretch(Math.max(correctionMs, FADE_MS) * perMs);
    else if (correctionMs < 0) this.#buffer.shortened(this.#shorten(-correctionMs * perMs) / perMs);
    else if (this.#decoded % LEFTOVER_PACKETS === 0) this.#shorten(this.#leftovers.value);
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
