import { RateConverter } from '../dsp/rate-converter.ts';
import { findLag, isQuiet, takeOut } from '../rtp/time-scale.ts';
import type { PacketSource } from '../session/packet-source.ts';
import type { RtpSender } from '../session/rtp-sender.ts';
import { SpareDelay } from './spare-delay.ts';

/** What is played at most from one stream at a time: far ends send whole answers at once, faster than they are heard. */
const MAX_QUEUED_MS = 120_000;
/** Sound that is cut off fades out over this, and sound around a cut is blended over it. */
const FADE_MS = 5;
/** Pieces up to this are put together, so that the shortest ones cost no more memory than their samples. */
const MERGED_MS = 20;
const MOST_MARKS = 1000;
/** Length of the sound a period is looked for in. */
const SHORTENED_MS = 40;
const CUT_OF_NOISE_MS = 10;
const LONGEST_PACKET_SAMPLES = 960;

// One at a time uses it: a worker sends one packet after the other.
const heard = new Int16Array(LONGEST_PACKET_SAMPLES);

interface Mark {
  name: string;
  /** Samples at the stream's rate since the stream began. */
  position: number;
}

/**
 * Plays what the far end of a stream sends, in order and without a gap, to the session's remote party: silence when there
 * is nothing. A mark is told when all sound sent before it has been played or thrown away. When sound comes late once, what
 * follows waits from then on; such delay of a far end that speaks as it goes is cut out again.
 */
export class StreamPlayer implements PacketSource {
  readonly #sampleRateHz: number;
  readonly #onMark: (name: string) => void;
  readonly #pieces: Int16Array[] = [];
  readonly #marks: Mark[] = [];
  /** Where in the first piece the next sample is. */
  #at = 0;
  #queued = 0;
  #played = 0;
  #written = 0;
  #converter: RateConverter | null = null;
  #converterRateHz = 0;
  #raw = new Int16Array(0);
  #made = new Int16Array(0);
  /** Converted samples that did not fit into the last packet. */
  #left = 0;
  #fading = false;
  readonly #delay = new SpareDelay();
  /** The beginning of what was cut out, to be blended with what is heard instead. */
  #blend: Int16Array | null = null;

  constructor(sampleRateHz: number, onMark: (name: string) => void) {
    this.#sampleRateHz = sampleRateHz;
    this.#onMark = onMark;
  }

  /** Sound that waits to be played. */
  get queuedMs(): number {
    return (this.#queued * 1000) / this.#sampleRateHz;
  }

  /** Puts sound behind what waits already. False, and none of it taken, when too much waits. */
  write(samples: Int16Array): boolean {
    if (samples.length === 0) return true;
    if (this.queuedMs >= MAX_QUEUED_MS) return false;
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.length + samples.length <= (MERGED_MS * this.#sampleRateHz) / 1000) {
      this.#pieces[this.#pieces.length - 1] = joined(last, samples);
    } else this.#pieces.push(samples);
    this.#queued += samples.length;
    this.#written += samples.length;
    return true;
  }

  /** Tells `name` when all sound so far has been played. False, and it is never told, when too many wait. */
  mark(name: string): boolean {
    if (this.#marks.length >= MOST_MARKS) return false;
    this.#marks.push({ name, position: this.#written });
    this.#tellMarks();
    return true;
  }

  /** Throws away what was not played yet; the sound being heard fades out in the next packet. */
  clear(): void {
    this.#fading = this.#queued > 0 || this.#left > 0;
    const keep = Math.ceil((FADE_MS * this.#sampleRateHz) / 1000);
    while (this.#queued > keep && this.#pieces.length > 1) this.#queued -= (this.#pieces.pop() as Int16Array).length;
    const [first] = this.#pieces;
    if (first !== undefined && this.#queued > keep) {
      this.#pieces[0] = first.slice(0, this.#at + keep);
      this.#queued = keep;
    }
    this.#written = this.#played + this.#queued;
    for (const { name } of this.#marks.splice(0)) this.#onMark(name);
  }

  sendPacket(sender: RtpSender, timestamp: number, first: boolean): boolean {
    if (this.#queued === 0 && this.#left === 0) {
      this.#converter?.reset();
      this.#delay.sentSilence();
      sender.sendSilence(timestamp, first);
      return true;
    }
    const n = sender.samplesPerPacket;
    const available = this.#fill(sender.codec.sampleRateHz, n);
    if (available < n) heard.fill(0, available, n);
    if (this.#fading) this.#fade(n, sender.codec.sampleRateHz);
    sender.sendSamples(heard, 0, timestamp, first);
    if (available < n) this.#delay.sentSilence();
    else this.#cutDelay(sender.packetMs);
    this.#tellMarks();
    return true;
  }

  /** Writes up to `n` samples of the codec's rate into {@link heard}; tells how many there were. */
  #fill(rateHz: number, n: number): number {
    if (rateHz === this.#sampleRateHz) {
      this.#left = 0;
      return this.#take(heard, n);
    }
    if (this.#converter === null || this.#converterRateHz !== rateHz) {
      this.#converter = new RateConverter(this.#sampleRateHz, rateHz);
      this.#converterRateHz = rateHz;
      this.#raw = new Int16Array(Math.ceil((LONGEST_PACKET_SAMPLES * this.#sampleRateHz) / rateHz) + 1);
      this.#made = new Int16Array(LONGEST_PACKET_SAMPLES * 2);
      this.#left = 0;
    }
    while (this.#left < n && this.#queued > 0) {
      const wanted = Math.ceil(((n - this.#left) * this.#sampleRateHz) / rateHz);
      const taken = this.#take(this.#raw, Math.min(wanted, this.#raw.length));
      this.#left += this.#converter.process(this.#raw, 0, taken, this.#made, this.#left);
    }
    const given = Math.min(n, this.#left);
    for (let i = 0; i < given; i++) heard[i] = this.#made[i] as number;
    this.#made.copyWithin(0, given, this.#left);
    this.#left -= given;
    return given;
  }

  /** After a packet: leaves out what waits without need, in a quiet moment if there is one. */
  #cutDelay(packetMs: number): void {
    const delay = this.#delay;
    delay.sent(this.queuedMs);
    const perMs = this.#sampleRateHz / 1000;
    const most = Math.floor(Math.min(delay.spareMs, packetMs) * perMs);
    if (most === 0) return;
    if (this.#isQuiet(most)) this.#leaveOut(most);
    else if (delay.isUrgent) this.#shorten(most);
  }

  #leaveOut(n: number): void {
    const cut = new Int16Array(n);
    this.#take(cut, n);
    this.#blend = cut.subarray(0, Math.min(n, (FADE_MS * this.#sampleRateHz) / 1000));
    this.#delay.cut((n * 1000) / this.#sampleRateHz);
  }

  /** Takes a period of the voice out of what comes next; in noise, which has none, a piece as long. */
  #shorten(most: number): void {
    const rateHz = this.#sampleRateHz;
    const n = Math.min(this.#queued, (SHORTENED_MS * rateHz) / 1000);
    const sound = new Int16Array(n);
    this.#take(sound, n);
    const lag = findLag(sound, 0, n, rateHz, most) || Math.min(most, n >> 1, (CUT_OF_NOISE_MS * rateHz) / 1000);
    takeOut(sound, 0, n, rateHz, lag);
    this.#putBack(sound.subarray(0, n - lag));
    this.#delay.cut((lag * 1000) / rateHz);
  }

  #putBack(sound: Int16Array): void {
    const [first] = this.#pieces;
    if (first !== undefined) this.#pieces[0] = first.subarray(this.#at);
    this.#at = 0;
    this.#pieces.unshift(sound);
    this.#queued += sound.length;
    this.#played -= sound.length;
  }

  /** Whether the next `n` samples are. */
  #isQuiet(n: number): boolean {
    const [first] = this.#pieces;
    return first !== undefined && first.length - this.#at >= n && isQuiet(first, this.#at, n);
  }

  #take(target: Int16Array, n: number): number {
    let taken = 0;
    while (taken < n) {
      const [first] = this.#pieces;
      if (first === undefined) break;
      const length = Math.min(n - taken, first.length - this.#at);
      for (let i = 0; i < length; i++) target[taken + i] = first[this.#at + i] as number;
      taken += length;
      this.#at += length;
      if (this.#at < first.length) continue;
      this.#pieces.shift();
      this.#at = 0;
    }
    this.#queued -= taken;
    this.#played += taken;
    const blend = this.#blend;
    if (blend !== null && taken >= blend.length) {
      this.#blend = null;
      for (let i = 0; i < blend.length; i++) {
        const weight = (i + 1) / (blend.length + 1);
        target[i] = Math.round((blend[i] as number) * (1 - weight) + (target[i] as number) * weight);
      }
    }
    return taken;
  }

  #fade(n: number, rateHz: number): void {
    this.#fading = false;
    const fade = Math.min(n, Math.ceil((FADE_MS * rateHz) / 1000));
    for (let i = 0; i < fade; i++) heard[i] = Math.round(((heard[i] as number) * (fade - i)) / fade);
    heard.fill(0, fade, n);
    this.#left = 0;
  }

  #tellMarks(): void {
    while ((this.#marks[0]?.position ?? Number.POSITIVE_INFINITY) <= this.#played) {
      this.#onMark((this.#marks.shift() as Mark).name);
    }
  }
}

function joined(a: Int16Array, b: Int16Array): Int16Array {
  const both = new Int16Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
