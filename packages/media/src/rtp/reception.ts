import type { RtpPacket } from './packet.ts';
import { SequenceWindow } from './sequence-window.ts';

/** A new SSRC must send two packets in a row (RFC 3550 appendix A.1) while the present one was heard this recently. */
const PROBATION_MS = 200;
/** A change of the transit time by more than this is a pause in talking or a jumping clock, not jitter. */
const MAX_JITTER_MS = 1000;

/** What a reception report says of one SSRC (RFC 3550 §6.4.1). */
export interface ReceptionFigures {
  /** Signed 32-bit. */
  readonly ssrc: number;
  /** Packets that should have come from this SSRC so far. */
  readonly expected: number;
  /** Those of them that came. */
  readonly received: number;
  readonly extendedHighest: number;
  /** In units of the RTP clock. */
  readonly jitterUnits: number;
}

/** What came in from the far side, and how well (RFC 3550 §6.4.1, appendices A.1, A.3, A.8). */
export class Reception implements ReceptionFigures {
  packets = 0;
  octets = 0;
  duplicates = 0;
  readonly #window = new SequenceWindow();
  #clockRateHz: number;
  #lostBefore = 0;
  #gaps = 0;
  #skipped = 0;
  #ssrc = 0;
  #heardMs = Number.NEGATIVE_INFINITY;
  #candidate = 0;
  #candidateNext = -1;
  #jitter = 0;
  #transit = 0;
  #hasTransit = false;

  constructor(clockRateHz: number) {
    this.#clockRateHz = clockRateHz;
  }

  /** Another codec may have timestamps by another clock. */
  changeClock(clockRateHz: number): void {
    if (clockRateHz === this.#clockRateHz) return;
    this.#jitter *= clockRateHz / this.#clockRateHz;
    this.#clockRateHz = clockRateHz;
    this.#hasTransit = false;
  }

  /**
   * Takes one packet. `fresh`: use it; `late`: use it only where order does not matter; `ignored`: a duplicate, or a new
   * SSRC or a jump in the numbers that no second packet has confirmed yet.
   *
   * @param timed false for packets whose timestamp is not that of their sending (telephone-events): they say nothing of
   *   jitter.
   */
  accept(packet: RtpPacket, nowMs: number, timed = true): 'fresh' | 'late' | 'ignored' {
    if (packet.ssrc !== this.#ssrc || this.#window.expected === 0) {
      if (!this.#admits(packet, nowMs)) return 'ignored';
      this.#lostBefore += this.#window.lost;
      this.#hasTransit = false;
      this.#window.reset();
      this.#ssrc = packet.ssrc;
      this.#candidateNext = -1;
    }
    this.#heardMs = nowMs;
    const lostSoFar = this.#window.lost;
    const highestSoFar = this.#window.extendedHighest;
    const verdict = this.#window.accept(packet.sequence);
    if (verdict === 'duplicate' || verdict === 'suspect') {
      if (verdict === 'duplicate') this.duplicates++;
      return 'ignored';
    }
    if (verdict === 'restart') {
      this.#lostBefore += lostSoFar;
      this.#hasTransit = false;
    }
    this.packets++;
    this.octets += packet.payloadLength;
    if (verdict === 'late') return 'late';
    const skipped = verdict === 'next' ? this.#window.extendedHighest - highestSoFar - 1 : 0;
    if (skipped > 0) {
      this.#gaps++;
      this.#skipped += skipped;
    }
    if (timed) this.#measureJitter(packet.timestamp, nowMs);
    return 'fresh';
  }

  /** The SSRC heard last, as a signed 32-bit number. */
  get ssrc(): number {
    return this.#ssrc;
  }

  /** Packets missing so far, of all SSRCs. */
  get lost(): number {
    return this.#lostBefore + this.#window.lost;
  }

  /**
   * Mean number of packets lost in a row divided by what it would be if each were lost for itself (ITU-T G.107 §7.5): 1,
   * or more when losses come in bursts.
   */
  get burstRatio(): number {
    if (this.#gaps === 0) return 1;
    const { lost } = this;
    const share = lost / Math.max(1, this.packets + lost);
    return Math.max(1, (this.#skipped / this.#gaps) * (1 - share));
  }

  get expected(): number {
    return this.#window.expected;
  }

  get received(): number {
    return this.#window.received;
  }

  get extendedHighest(): number {
    return this.#window.extendedHighest;
  }

  get jitterUnits(): number {
    return this.#jitter;
  }

  get jitterMs(): number {
    return (this.#jitter * 1000) / this.#clockRateHz;
  }

  #admits({ ssrc, sequence }: RtpPacket, nowMs: number): boolean {
    if (nowMs - this.#heardMs >= PROBATION_MS) return true;
    if (ssrc === this.#candidate && sequence === this.#candidateNext) return true;
    this.#candidate = ssrc;
    this.#candidateNext = (sequence + 1) & 0xffff;
    return false;
  }

  #measureJitter(timestamp: number, nowMs: number): void {
    const arrival = Math.round(nowMs * (this.#clockRateHz / 1000)) | 0;
    const transit = (arrival - timestamp) | 0;
    if (this.#hasTransit) {
      const difference = Math.abs((transit - this.#transit) | 0);
      if (difference < (MAX_JITTER_MS * this.#clockRateHz) / 1000) this.#jitter += (difference - this.#jitter) / 16;
    }
    this.#transit = transit;
    this.#hasTransit = true;
  }
}
