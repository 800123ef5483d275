import type { RtpPacket } from './packet.ts';
import { SequenceWindow } from './sequence-window.ts';

/** What came in from the far side, and how well (RFC 3550 §6.4.1, appendix A.8). */
export class Reception {
  packets = 0;
  octets = 0;
  duplicates = 0;
  readonly #window = new SequenceWindow();
  readonly #clockRateHz: number;
  #lostBefore = 0;
  #ssrc = 0;
  #jitter = 0;
  #transit = 0;
  #hasTransit = false;

  constructor(clockRateHz: number) {
    this.#clockRateHz = clockRateHz;
  }

  /**
   * Takes one packet. `fresh`: use it; `late`: use it only where order does not matter; `ignored`: a duplicate, or a jump
   * in the numbers that no second packet has confirmed yet.
   */
  accept(packet: RtpPacket, nowMs: number): 'fresh' | 'late' | 'ignored' {
    if (packet.ssrc !== this.#ssrc) {
      this.#startOver();
      this.#window.reset();
      this.#ssrc = packet.ssrc;
    }
    const lostSoFar = this.#window.lost;
    const verdict = this.#window.accept(packet.sequence);
    if (verdict === 'duplicate' || verdict === 'suspect') {
      this.duplicates++;
      return 'ignored';
    }
    if (verdict === 'restart') {
      this.#lostBefore += lostSoFar;
      this.#hasTransit = false;
    }
    this.packets++;
    this.octets += packet.payloadLength;
    if (verdict === 'late') return 'late';
    this.#measureJitter(packet.timestamp, nowMs);
    return 'fresh';
  }

  /** The SSRC heard last, as a signed 32-bit number. */
  get ssrc(): number {
    return this.#ssrc;
  }

  get lost(): number {
    return this.#lostBefore + this.#window.lost;
  }

  get jitterMs(): number {
    return (this.#jitter * 1000) / this.#clockRateHz;
  }

  #startOver(): void {
    this.#lostBefore += this.#window.lost;
    this.#hasTransit = false;
  }

  #measureJitter(timestamp: number, nowMs: number): void {
    const arrival = Math.round(nowMs * (this.#clockRateHz / 1000)) | 0;
    const transit = (arrival - timestamp) | 0;
    if (this.#hasTransit) {
      const difference = Math.abs((transit - this.#transit) | 0);
      // A pause in talking or a jumping clock is not jitter.
      if (difference < this.#clockRateHz) this.#jitter += (difference - this.#jitter) / 16;
    }
    this.#transit = transit;
    this.#hasTransit = true;
  }
}
