import type { RtpPacket } from './packet.ts';
import { digitOfEvent, EVENT_BYTES } from './telephone-event.ts';

const REMEMBERED = 16;

/** Greatest length that an event can tell, in timestamp units, and how much earlier senders may begin the next one. */
const LONGEST_EVENT = 0x10000;
const SEGMENT_SLACK = 4000;

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
 * after its last known end than a finger could press again; a marker does not matter when the press has grown longer,
 * since some set it in every packet. The other way round, a sender whose timestamps stand still gives the same one to two
 * presses: a report without the end bit that was sent after one with it, and is shorter, begins the second.
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
  #sequence = 0;
  #ended = false;

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
    const end = (bytes[at + 1] as number) >= 0x80;
    const duration = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);

    const { timestamp, sequence } = packet;
    const later = (timestamp - this.#timestamp) | 0;
    if (code === this.#code && later === 0) {
      const isNewer = ((sequence - this.#sequence) & 0xffff) < 0x8000 && sequence !== this.#sequence;
      if (isNewer && this.#ended && !end && duration < this.#duration) {
        this.#begin(code, timestamp, duration, sequence, end);
        return digit;
      }
      this.#goOn(duration, isNewer ? sequence : this.#sequence, end);
      return '';
    }
    if (this.#isKnown(code, timestamp)) return '';
    this.#remember(code, timestamp);
    if (code === this.#code && this.#isContinued(later, packet.marker, duration)) {
      if (later >= this.#duration) this.#begin(code, timestamp, duration, sequence, end);
      else this.#goOn(duration, sequence, end);
      return '';
    }
    this.#begin(code, timestamp, duration, sequence, end);
    return digit;
  }

  /** Length of the current press as far as its reports tell. */
  get durationMs(): number {
    return (this.#duration * 1000) / this.#clockRateHz;
  }

  #isContinued(later: number, marker: boolean, duration: number): boolean {
    if (Math.abs(later) < this.#duration + this.#shortestPause) return !marker || duration > this.#duration;
    // The next segment of a long press, though the last reports of this one are lost.
    const wasLong = !this.#ended && this.#duration > LONGEST_EVENT / 2;
    return !marker && wasLong && later <= LONGEST_EVENT && later > LONGEST_EVENT - SEGMENT_SLACK;
  }

  #isKnown(code: number, timestamp: number): boolean {
    for (let i = 0; i < REMEMBERED; i++) {
      if (this.#codes[i] === code && this.#timestamps[i] === timestamp) return true;
    }
    return false;
  }

  #begin(code: number, timestamp: number, duration: number, sequence: number, ended: boolean): void {
    this.#code = code;
    this.#timestamp = timestamp;
    this.#duration = duration;
    this.#sequence = sequence;
    this.#ended = ended;
  }

  #goOn(duration: number, sequence: number, ended: boolean): void {
    if (duration > this.#duration) this.#duration = duration;
    this.#sequence = sequence;
    this.#ended ||= ended;
  }

  #remember(code: number, timestamp: number): void {
    this.#codes[this.#next] = code;
    this.#timestamps[this.#next] = timestamp;
    this.#next = (this.#next + 1) % REMEMBERED;
  }
}
