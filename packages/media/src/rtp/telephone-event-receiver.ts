import type { RtpPacket } from './packet.ts';
import { digitOfEvent, EVENT_BYTES } from './telephone-event.ts';

const REMEMBERED = 16;

/** A digit cannot follow another one sooner than this, in ms; a report that does belongs to the same key press. */
const SHORTEST_PAUSE_MS = 30;

/**
 * Turns RFC 4733 packets into key presses: one press is one digit, reported at the first of its packets that arrives
 * (a barge-in must not wait for the end of the tone), whatever was lost, repeated or reordered.
 *
 * A press is known by its code and timestamp. Packets of a known press say nothing new, however late they come, so lost
 * starts, lost ends, repeated ends and late packets need no other care, and neither a time-out nor the end bit does. Two
 * kinds of senders change the timestamp within one press: those that split a press longer than 65,535 units (§2.5.1.3),
 * and faulty ones that count it up in every packet. Both continue the press of the same code, without marker, sooner
 * after its last known end than a finger could press again.
 */
export class TelephoneEventReceiver {
  readonly #codes = new Int16Array(REMEMBERED).fill(-1);
  readonly #timestamps = new Int32Array(REMEMBERED);
  readonly #shortestPause: number;
  readonly #clockRateHz: number;
  #next = 0;
  #code = -1;
  #timestamp = 0;
  #duration = 0;

  constructor(clockRateHz: number) {
    this.#clockRateHz = clockRateHz;
    this.#shortestPause = (SHORTEST_PAUSE_MS * clockRateHz) / 1000;
  }

  /** Takes one packet of the telephone-event payload type. The digit when the packet begins a new press, else `''`. */
  accept(packet: RtpPacket): string {
    if (packet.payloadLength < EVENT_BYTES) return '';
    const { bytes, payloadOffset: at } = packet;
    const code = bytes[at] as number;
    const digit = digitOfEvent(code);
    if (digit === '') return '';
    const duration = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);

    const { timestamp } = packet;
    const later = (timestamp - this.#timestamp) | 0;
    if (code === this.#code && later === 0) {
      if (duration > this.#duration) this.#duration = duration;
      return '';
    }
    if (this.#isKnown(code, timestamp)) return '';
    this.#remember(code, timestamp);
    if (code === this.#code && !packet.marker && Math.abs(later) < this.#duration + this.#shortestPause) {
      if (later >= this.#duration) this.#begin(code, timestamp, duration);
      else if (duration > this.#duration) this.#duration = duration;
      return '';
    }
    this.#begin(code, timestamp, duration);
    return digit;
  }

  /** Length of the current press as far as its reports tell. */
  get durationMs(): number {
    return (this.#duration * 1000) / this.#clockRateHz;
  }

  #isKnown(code: number, timestamp: number): boolean {
    for (let i = 0; i < REMEMBERED; i++) {
      if (this.#codes[i] === code && this.#timestamps[i] === timestamp) return true;
    }
    return false;
  }

  #begin(code: number, timestamp: number, duration: number): void {
    this.#code = code;
    this.#timestamp = timestamp;
    this.#duration = duration;
  }

  #remember(code: number, timestamp: number): void {
    this.#codes[this.#next] = code;
    this.#timestamps[this.#next] = timestamp;
    this.#next = (this.#next + 1) % REMEMBERED;
  }
}
