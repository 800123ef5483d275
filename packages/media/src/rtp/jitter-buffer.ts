import { ArrivalDelay } from './arrival-delay.ts';
import type { RtpPacket } from './packet.ts';
import { PacketRing } from './packet-ring.ts';
import { Patience } from './patience.ts';
import { RecentMinimum } from './recent-minimum.ts';
import { StreamTimeline } from './stream-timeline.ts';

export interface JitterBufferOptions {
  clockRateHz: number;
  /** How long the consumer's frames are; 20. */
  frameMs?: number;
  /** The fastest packet waits at least this long; 20. */
  minDelayMs?: number;
  /** No packet waits longer; what comes later than this after the fastest one is dropped; 200. */
  maxDelayMs?: number;
  /** The payloads hold copies of the sound before them; false. */
  recovers?: boolean;
}

/**
 * What comes next. `packet`: play the payload; `lost`: conceal; `silence`: the far side sends nothing now, or it begins
 * to and its first packet must wait.
 */
export type Taken = 'packet' | 'lost' | 'silence';

/** Concealment longer than this is no help any more: the far side is taken for silent. */
const MAX_CONCEALED_MS = 200;
/** Timestamps that differ from the expected by less than this are sloppiness, not a gap. */
const SLACK_MS = 5;
/** Packets after which the time they waited is known well enough to shorten it. */
const SETTLING_PACKETS = 16;
/** Packets without need of the present delay before it is shortened: at first, and where it comes and goes (30 s). */
const CALM_PACKETS = 50;
const MOST_CALM_PACKETS = 1500;
/** A clock that drifts does not use up the last of the delay. */
const LEAST_MS = 5;
/** A delay that is shorter than needed by less than this is right. */
const TOLERANCE_MS = 1;
/** Shortened, the delay must still be longer than needed by this. */
const MARGIN_MS = 5;
/** Shortening a few milliseconds at a time, no more often than this, is hardly heard. */
const PACKETS_BETWEEN_CUTS = 5;

/**
 * Holds packets until they are due, so that sound that comes unevenly is played evenly (the idea is NetEQ's, kept
 * simple). The consumer takes what comes next by its own clock.
 *
 * - The delay is right when the slowest packets come just in time ({@link ArrivalDelay}). It is set anew at the start of
 *   every talk spurt; while one is played, {@link correctionMs} asks the consumer to stretch or to shorten the sound. It
 *   grows at once, and shrinks after a while that is longer the more often that was wrong ({@link Patience}).
 * - A packet that is not there when due is concealed. When it comes after all, and none after it was there, it is played
 *   then: the delay has grown at once. Otherwise it is dropped.
 * - After a stall the oldest packets are dropped as far as the greatest delay demands.
 * - Sequence numbers tell loss from silence suppression: a gap in the time without a gap in the numbers is silence.
 *
 * Bounded by its {@link PacketRing}; nothing is allocated per packet.
 */
export class JitterBuffer {
  /** The payload after a `packet` was taken, until the next call: `payloadLength` octets from `payloadAt` on. */
  payloadAt = 0;
  payloadLength = 0;
  /** After `lost`, if the stream has copies: the length of the payload at `payloadAt` that directly follows; else 0. */
  nextLength = 0;
  /** What the last take covers, in units of the RTP clock: for `silence` what was wanted, for `lost` no more
   * than that, or just as much as a copy can make good. */
  units = 0;
  /** False when the packet taken does not go on where the one before ended. */
  joined = false;
  /** Packets dropped because they came too late, or too many at once. */
  lateDiscarded = 0;

  readonly #unitsPerMs: number;
  readonly #minDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #frameMs: number;
  readonly #recovers: boolean;
  readonly #arrivals: ArrivalDelay;
  readonly #timeline: StreamTimeline;
  readonly #ring = new PacketRing();
  readonly #leads = new RecentMinimum(SETTLING_PACKETS);
  /** Nothing is being played: the next packet begins a talk spurt. */
  #idle = true;
  /** The far side said that it sends no sound now (comfort noise, digits). */
  #quiet = false;
  /** Up to this number, packets came while the consumer took nothing. */
  #staleTo = -1;
  /** Number of the last packet that was taken or given up. */
  #played = 0;
  /** Time of the stream up to which everything was taken, in units. */
  #next = 0;
  #concealed = 0;
  #concealedBefore = 0;
  #waited = 0;
  #taken = 0;
  #settledAt = SETTLING_PACKETS;
  readonly #calm = new Patience(CALM_PACKETS, MOST_CALM_PACKETS);

  constructor(options: JitterBufferOptions) {
    this.#unitsPerMs = options.clockRateHz / 1000;
    this.#frameMs = options.frameMs ?? 20;
    this.#recovers = options.recovers ?? false;
    this.#minDelayMs = options.minDelayMs ?? 20;
    this.#maxDelayMs = Math.max(options.maxDelayMs ?? 200, this.#minDelayMs);
    this.#arrivals = new ArrivalDelay(this.#maxDelayMs);
    this.#timeline = new StreamTimeline(options.clockRateHz);
  }

  /** Where the payloads are; changes only when a packet is inserted. */
  get bytes(): Uint8Array {
    return this.#ring.bytes;
  }

  /** How long the sound taken last had waited more than it must: the delay this buffer adds. */
  get delayMs(): number {
    return this.#idle ? 0 : Math.max(0, this.#waited);
  }

  /** The delay that the arrivals of the last seconds ask for. */
  get targetDelayMs(): number {
    return Math.min(Math.max(this.#arrivals.neededMs, this.#minDelayMs), this.#maxDelayMs);
  }

  /** Sound that was concealed in place of lost or late packets so far; silence suppression does not count. */
  get concealedMs(): number {
    return this.#concealedBefore / this.#unitsPerMs;
  }

  /**
   * By how much the sound that comes next should be stretched (positive) or shortened (negative); to be asked after a
   * packet was taken. As packets are taken at the times of frames, what they wait changes by whole frames: it is shortened
   * only when a frame less is still enough, or stretching and shortening would follow each other for ever.
   */
  get correctionMs(): number {
    if (this.#idle) return 0;
    const missingMs = Math.max(this.#arrivals.leastNeededMs, Math.min(LEAST_MS, this.#minDelayMs)) - this.#waited;
    if (missingMs > TOLERANCE_MS) return missingMs;
    if (this.#taken < this.#settledAt) return 0;
    const enoughMs = Math.max(this.#arrivals.neededMs + MARGIN_MS, this.#minDelayMs - this.#frameMs / 2);
    const spareMs = this.#leads.value - this.#arrivals.baseMs - Math.min(enoughMs, this.#maxDelayMs);
    return spareMs > this.#frameMs ? -spareMs : 0;
  }

  /** The consumer has shortened the sound by this much. */
  shortened(byMs: number): void {
    if (byMs === 0) return;
    this.#leads.shift(-byMs);
    this.#settledAt = this.#taken + PACKETS_BETWEEN_CUTS;
    this.#calm.cut();
  }

  /** The consumer begins, or begins again after it took nothing for a while: what waited too long meanwhile is dropped. */
  restart(): void {
    this.#staleTo = this.#ring.highest;
    this.#pause();
  }

  /**
   * Takes one packet and copies its payload. `durationUnits` is the length of its sound; 0 for packets that hold none
   * (comfort noise, telephone-events), which are inserted so that their numbers are not missed. Duplicates and payloads
   * longer than 1500 octets do nothing.
   */
  insert(packet: RtpPacket, durationUnits: number, nowMs: number): void {
    const timeline = this.#timeline;
    const first = !timeline.started;
    if (!timeline.place(packet, durationUnits, nowMs, this.#arrivals.baseMs)) {
      this.lateDiscarded++;
      return;
    }
    const { number, time } = timeline;
    // Until something was played, earlier packets may still come first.
    if (first) this.#played = number - SETTLING_PACKETS;
    if (this.#ring.has(number)) return;
    const transitMs = nowMs - time / this.#unitsPerMs;
    if (number <= this.#played) {
      if (durationUnits === 0) return;
      this.#arrivals.observe(transitMs, nowMs);
      this.lateDiscarded++;
    } else if (this.#ring.put(number, time, durationUnits, packet) && durationUnits > 0) {
      this.#measure(number, transitMs, nowMs);
    }
  }

  /**
   * Says what is to be played next, at most `wanted` units of it, packets whole. Call it as often as a frame needs.
   *
   * @param nowMs the time of the frame by an even clock, on the time base of `insert`.
   */
  take(nowMs: number, wanted: number): Taken {
    const ring = this.#ring;
    let dropped = false;
    for (let slot = ring.first(this.#played); slot >= 0; slot = ring.first(this.#played)) {
      if (ring.duration(slot) === 0) {
        this.#quiet = true;
        this.#drop(slot);
        continue;
      }
      const number = ring.number(slot);
      const time = ring.time(slot);
      const delayMs = nowMs - time / this.#unitsPerMs - this.#arrivals.baseMs;
      const isStale = this.#idle && number <= this.#staleTo;
      if (delayMs > this.#frameMs + (isStale ? this.targetDelayMs : this.#maxDelayMs)) {
        if (!isStale) this.lateDiscarded++;
        this.#drop(slot);
        dropped = true;
        continue;
      }
      const gap = time - this.#next;
      if (!this.#idle && gap > SLACK_MS * this.#unitsPerMs && this.#endsSpurt(number)) this.#idle = true;
      if (this.#idle) {
        if (delayMs < this.#startDelayMs) return this.#silence(wanted);
      } else if (gap > SLACK_MS * this.#unitsPerMs) {
        return this.#lose(slot, gap, wanted);
      }
      this.joined = !this.#idle && !dropped && this.#concealed === 0 && gap > -SLACK_MS * this.#unitsPerMs;
      // Concealment of what was never sent is the end of a talk spurt, no loss.
      if (dropped || !this.#idle || number !== this.#played + 1 || gap < 0) this.#concealedBefore += this.#concealed;
      return this.#give(slot, delayMs);
    }
    return this.#starve(wanted);
  }

  /** A spurt may begin when even a packet as slow as the slowest ones would come in time, or nearly the target is met. */
  get #startDelayMs(): number {
    return Math.max(this.#arrivals.neededMs, this.targetDelayMs - this.#frameMs / 2);
  }

  #measure(number: number, transitMs: number, nowMs: number): void {
    const arrivals = this.#arrivals;
    // The first packet after a silence that would be too late shows a far side whose clock stood still, or a new way to
    // it. If it was merely slow, the next ones set the base right.
    const tooLate = this.#idle && transitMs - arrivals.baseMs > this.#startDelayMs;
    if (tooLate && this.#isOnly(number)) arrivals.rebase(transitMs, nowMs);
    else arrivals.observe(transitMs, nowMs);
  }

  #isOnly(number: number): boolean {
    const slot = this.#ring.first(this.#played);
    return slot >= 0 && this.#ring.number(slot) === number && this.#ring.highest === number;
  }

  /** The gap before the next packet is no loss: no number is missing, or it is longer than can be concealed. */
  #endsSpurt(number: number): boolean {
    return number === this.#played + 1 || this.#concealed >= MAX_CONCEALED_MS * this.#unitsPerMs;
  }

  #give(slot: number, delayMs: number): 'packet' {
    const ring = this.#ring;
    this.#calm.step();
    // Late, or stretched to be so no more.
    if (!this.#idle && delayMs > this.#waited + this.#frameMs / 2 + TOLERANCE_MS) {
      this.#calm.regret();
      this.#settledAt = Math.max(this.#settledAt, this.#taken + this.#calm.steps);
    }
    this.#concealed = 0;
    this.#idle = false;
    this.#quiet = false;
    this.#next = ring.time(slot) + ring.duration(slot);
    this.#waited = delayMs;
    this.#leads.add(delayMs + this.#arrivals.baseMs, ++this.#taken);
    this.units = ring.duration(slot);
    this.payloadAt = ring.payloadAt(slot);
    this.payloadLength = ring.payloadLength(slot);
    this.#drop(slot);
    return 'packet';
  }

  #drop(slot: number): void {
    this.#played = this.#ring.number(slot);
    this.#ring.release(slot);
  }

  #lose(slot: number, gap: number, wanted: number): 'lost' {
    const ring = this.#ring;
    const copied = this.#recovers && gap <= ring.duration(slot);
    const units = copied ? gap : Math.min(gap, wanted);
    this.#conceal(units);
    this.payloadAt = ring.payloadAt(slot);
    this.nextLength = copied ? ring.payloadLength(slot) : 0;
    // All of the gap is concealed: what was lost is given up, even if it should still come.
    if (units === gap) this.#played = ring.number(slot) - 1;
    return 'lost';
  }

  #starve(wanted: number): 'lost' | 'silence' {
    if (this.#idle || this.#quiet || this.#concealed >= MAX_CONCEALED_MS * this.#unitsPerMs)
      return this.#silence(wanted);
    this.#conceal(wanted);
    this.nextLength = 0;
    return 'lost';
  }

  #conceal(units: number): void {
    this.#concealed += units;
    this.#next += units;
    this.units = units;
  }

  #silence(wanted: number): 'silence' {
    this.#pause();
    this.units = wanted;
    return 'silence';
  }

  #pause(): void {
    this.#idle = true;
    this.#leads.clear();
    this.#settledAt = this.#taken + SETTLING_PACKETS;
  }
}
