import { eventOfDigit } from '../rtp/telephone-event.ts';
import type { PacketSource } from './packet-source.ts';
import type { RtpSender } from './rtp-sender.ts';

/** The end of an event is sent three times in all (RFC 4733 §2.5.1.4). */
const REPEATED_ENDS = 2;

/**
 * Sends digits as RFC 4733 events: every report of one press carries the timestamp of its start and its length so far,
 * the last one the end bit, twice repeated in the pause that follows. The remaining pause is silence.
 */
export class EventDigits implements PacketSource {
  readonly #codes: number[];
  readonly #toneSamples: number;
  readonly #gapSamples: number;
  #index = 0;
  #elapsed = 0;
  #startTimestamp = 0;
  #endsLeft = 0;
  #gapLeft = 0;
  #inGap = false;
  #silent = false;

  /** Lengths in timestamp units; a tone is rounded up to whole packets and must stay under 65,536. */
  constructor(digits: string, toneSamples: number, gapSamples: number) {
    this.#codes = Array.from(digits, eventOfDigit);
    this.#toneSamples = toneSamples;
    this.#gapSamples = gapSamples;
  }

  sendPacket(sender: RtpSender, timestamp: number): boolean {
    if (this.#inGap) this.#sendGap(sender, timestamp);
    else this.#sendTone(sender, timestamp);
    return this.#index < this.#codes.length;
  }

  #sendTone(sender: RtpSender, timestamp: number): void {
    const begins = this.#elapsed === 0;
    if (begins) this.#startTimestamp = timestamp;
    this.#elapsed += sender.samplesPerPacket;
    const ends = this.#elapsed >= this.#toneSamples;
    sender.sendEvent(this.#startTimestamp, begins, this.#codes[this.#index] ?? 0, ends, this.#elapsed);
    if (!ends) return;
    this.#inGap = true;
    this.#silent = false;
    this.#endsLeft = REPEATED_ENDS;
    this.#gapLeft = this.#gapSamples;
  }

  #sendGap(sender: RtpSender, timestamp: number): void {
    this.#gapLeft -= sender.samplesPerPacket;
    if (this.#endsLeft > 0) {
      this.#endsLeft--;
      sender.sendEvent(this.#startTimestamp, false, this.#codes[this.#index] ?? 0, true, this.#elapsed);
    } else {
      sender.sendSilence(timestamp, !this.#silent);
      this.#silent = true;
    }
    if (this.#gapLeft > 0 || this.#endsLeft > 0) return;
    this.#inGap = false;
    this.#elapsed = 0;
    this.#index++;
  }
}
