import { eventOfDigit } from '../rtp/telephone-event.ts';
import type { PacketSource } from './packet-source.ts';
import type { RtpSender } from './rtp-sender.ts';

/** The end of an event is sent three times in all (RFC 4733 §2.5.1.4). */
const REPEATED_ENDS = 2;
/** What the 16 bits of an event's length hold. */
const LONGEST_EVENT = 0xffff;

/**
 * Sends digits as RFC 4733 events: every report of one press carries the timestamp of its start and its length so far,
 * the last one the end bit, twice repeated in the pause that follows. The remaining pause is silence. A press that is
 * too long for one event is sent as several that follow each other (§2.5.1.3).
 */
export class EventDigits implements PacketSource {
  readonly #codes: number[];
  readonly #toneMs: number;
  readonly #gapMs: number;
  #index = 0;
  #elapsedMs = 0;
  #startTimestamp = 0;
  /** Length so far of the event that is being sent, in its clock's units. */
  #duration = 0;
  #endsLeft = 0;
  #gapLeftMs = 0;
  #inGap = false;
  #silent = false;

  /** A tone is rounded up to whole packets. */
  constructor(digits: string, toneMs: number, gapMs: number) {
    this.#codes = Array.from(digits, eventOfDigit);
    this.#toneMs = toneMs;
    this.#gapMs = gapMs;
  }

  sendPacket(sender: RtpSender, timestamp: number): boolean {
    if (this.#inGap) this.#sendGap(sender, timestamp);
    else this.#sendTone(sender, timestamp);
    return this.#index < this.#codes.length;
  }

  #sendTone(sender: RtpSender, timestamp: number): void {
    const units = (sender.packetMs * sender.eventClockRateHz) / 1000;
    const begins = this.#elapsedMs === 0;
    this.#duration += units;
    if (begins || this.#duration > LONGEST_EVENT) {
      this.#startTimestamp = timestamp;
      this.#duration = units;
    }
    this.#elapsedMs += sender.packetMs;
    const ends = this.#elapsedMs >= this.#toneMs;
    sender.sendEvent(this.#startTimestamp, begins, this.#codes[this.#index] ?? 0, ends, this.#duration);
    if (!ends) return;
    this.#inGap = true;
    this.#silent = false;
    this.#endsLeft = REPEATED_ENDS;
    this.#gapLeftMs = this.#gapMs;
  }

  #sendGap(sender: RtpSender, timestamp: number): void {
    this.#gapLeftMs -= sender.packetMs;
    if (this.#endsLeft > 0) {
      this.#endsLeft--;
      sender.sendEvent(this.#startTimestamp, false, this.#codes[this.#index] ?? 0, true, this.#duration);
    } else {
      sender.sendSilence(timestamp, !this.#silent);
      this.#silent = true;
    }
    if (this.#gapLeftMs > 0 || this.#endsLeft > 0) return;
    this.#inGap = false;
    this.#elapsedMs = 0;
    this.#index++;
  }
}
