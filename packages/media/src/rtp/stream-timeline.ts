import type { RtpPacket } from './packet.ts';

/** A number further ahead than this begins a new count (RFC 3550 appendix A.1: MAX_DROPOUT). */
const MAX_DROPOUT = 3000;
/** So does one further behind than this; no packet is that late. */
const MAX_MISORDER = 128;
// Packets from before the first one get positive numbers too.
const FIRST_NUMBER = 0x10000;
/** A time further off the one expected by the arrival than this is a jump of the far side's clock, not a delay. */
const MAX_TIME_JUMP_MS = 5000;

/**
 * Lays the packets of changing streams on one time line: numbers and times that never wrap and go on evenly over a new
 * SSRC, restarted numbers and jumps of the timestamps.
 */
export class StreamTimeline {
  started = false;
  /** Of the packet placed last: its number, and its time in units of the RTP clock. */
  number = 0;
  time = 0;
  readonly #unitsPerMs: number;
  #ssrc = 0;
  /** Of the packet with the highest number: as they came, and as they lie on the line. */
  #sequence = 0;
  #timestamp = 0;
  #number = 0;
  #time = 0;
  #end = 0;

  constructor(clockRateHz: number) {
    this.#unitsPerMs = clockRateHz / 1000;
  }

  /**
   * Places one packet. A packet without sound (`durationUnits` 0) has a number but no time of its own.
   *
   * @param baseMs the usual transit time of this line; infinite when unknown.
   * @returns false when it belongs before a jump of the clock, where it has no place.
   */
  place(packet: RtpPacket, durationUnits: number, nowMs: number, baseMs: number): boolean {
    if (!this.started) {
      this.started = true;
      this.#begin(packet, FIRST_NUMBER, nowMs * this.#unitsPerMs);
    } else if (packet.ssrc !== this.#ssrc) {
      this.#begin(packet, this.#number + 1, this.#plausible(nowMs, baseMs));
    }
    let ahead = ((packet.sequence - this.#sequence) << 16) >> 16;
    if (ahead > MAX_DROPOUT || ahead < -MAX_MISORDER) {
      this.#begin(packet, this.#number + 1, this.#plausible(nowMs, baseMs));
      ahead = 0;
    }
    this.number = this.#number + ahead;
    this.time = this.#time + ((packet.timestamp - this.#timestamp) | 0);
    if (durationUnits > 0) {
      const strayMs = nowMs - this.time / this.#unitsPerMs - baseMs;
      if (Math.abs(strayMs) > MAX_TIME_JUMP_MS && baseMs < Number.POSITIVE_INFINITY) {
        if (ahead < 0) return false;
        this.time = this.#plausible(nowMs, baseMs);
      }
    }
    if (ahead >= 0) this.#advance(packet, durationUnits);
    return true;
  }

  #begin(packet: RtpPacket, number: number, time: number): void {
    this.#ssrc = packet.ssrc;
    this.#sequence = packet.sequence;
    this.#timestamp = packet.timestamp;
    this.#number = number;
    this.#time = time;
  }

  #advance(packet: RtpPacket, durationUnits: number): void {
    this.#sequence = packet.sequence;
    this.#number = this.number;
    if (durationUnits === 0) return;
    this.#timestamp = packet.timestamp;
    this.#time = this.time;
    this.#end = this.time + durationUnits;
  }

  /** A time for a packet of which only its arrival is known: right behind the one before, if that is not long ago. */
  #plausible(nowMs: number, baseMs: number): number {
    if (baseMs === Number.POSITIVE_INFINITY) return Math.max(this.#end, nowMs * this.#unitsPerMs);
    const due = (nowMs - baseMs) * this.#unitsPerMs;
    const sinceMs = (due - this.#end) / this.#unitsPerMs;
    return sinceMs > -MAX_TIME_JUMP_MS / 10 && sinceMs < MAX_TIME_JUMP_MS / 50 ? this.#end : due;
  }
}
