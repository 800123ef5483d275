/** An IP address and UDP port. */
export interface TransportAddress {
  address: string;
  port: number;
}

export interface LatchTimes {
  /** How long after the first packet a source closer to the signalled address may still take over. */
  learningMs: number;
  /** Silence of the latched source after which another may follow it under the rules of {@link SourceLatch}. */
  silenceMs: number;
}

// A source that moved continues its numbers; this many packets (a minute of speech) may be lost over it.
const MAX_SEQUENCE_GAP = 3000;

/**
 * Decides whose packets belong to the call and where ours go (symmetric RTP, RFC 4961), so that a stranger who finds the
 * port is neither heard nor sent to.
 *
 * 1. Until the far side has told an address nothing is accepted; until a packet came, we send to the address it told.
 * 2. The first valid packet latches its source: for good when it is exactly the signalled address; otherwise (a NAT
 *    changed it) for a learning time in which a better source wins: the signalled address before the same host on another
 *    port before any other host.
 * 3. Afterwards other sources are ignored. Only when the latched one was silent may another follow: the signalled
 *    address, the same host on another port (a NAT's new mapping), or a source that goes on with the same SSRC and
 *    sequence numbers.
 * 4. A newly signalled address starts over at 2; meanwhile the former source is still heard but does not latch again.
 *
 * Packets must have been validated (version, length, negotiated payload type) before they come here.
 */
export class SourceLatch {
  readonly #times: LatchTimes;
  #told = false;
  #signalled: TransportAddress | null = null;
  #latched: TransportAddress | null = null;
  #former: TransportAddress | null = null;
  #final = false;
  #silent = false;
  #learnUntilMs = 0;
  #heardMs = 0;
  #ssrc = 0;
  #sequence = 0;

  constructor(times: LatchTimes) {
    this.#times = times;
  }

  /** Where to send: the latched source, before it the signalled address; null when neither is known. */
  get remote(): TransportAddress | null {
    return this.#latched ?? this.#signalled;
  }

  /** True when only `remote` is accepted, so that the socket itself may refuse all others. */
  get exclusive(): boolean {
    return this.#final;
  }

  /**
   * The far side's SDP names this address; null when it names none we can reach. A first null lets any source latch; a
   * later one changes nothing: hold by `0.0.0.0` must not open the port to strangers.
   */
  signal(address: TransportAddress | null): void {
    if (this.#told && (address === null || (this.#signalled !== null && same(address, this.#signalled)))) return;
    this.#told = true;
    this.#signalled = address;
    this.#former = this.#latched;
    this.#latched = null;
    this.#final = false;
    this.#silent = false;
    this.#learnUntilMs = 0;
    if (this.#former !== null && address !== null && same(this.#former, address)) this.#latch(address, true);
  }

  /** Judges the source of a valid packet; true when the packet belongs to the call. `remote` and `exclusive` may change. */
  accept(address: string, port: number, ssrc: number, sequence: number, nowMs: number): boolean {
    const latched = this.#latched;
    if (latched !== null && latched.port === port && latched.address === address) {
      this.#final ||= nowMs >= this.#learnUntilMs || this.#silent;
    } else if (!this.#consider(address, port, ssrc, sequence, nowMs)) {
      return false;
    }
    if (this.#final) this.#silent = false;
    this.#heardMs = nowMs;
    this.#ssrc = ssrc;
    this.#sequence = sequence;
    return true;
  }

  /** To be called now and then: opens the latch when its source fell silent. True when that changed `exclusive`. */
  relax(nowMs: number): boolean {
    if (!this.#final || nowMs - this.#heardMs < this.#times.silenceMs) return false;
    this.#final = false;
    this.#silent = true;
    return true;
  }

  #consider(address: string, port: number, ssrc: number, sequence: number, nowMs: number): boolean {
    if (this.#final || !this.#told) return false;
    const rank = this.#rank(address, port);
    if (this.#latched !== null) {
      const takesOver = this.#silent
        ? rank === 2 || address === this.#latched.address || this.#isContinuation(ssrc, sequence)
        : rank > this.#rank(this.#latched.address, this.#latched.port);
      if (!takesOver) return false;
      this.#latch({ address, port }, this.#silent || rank === 2);
      return true;
    }
    if (this.#learnUntilMs === 0) this.#learnUntilMs = nowMs + this.#times.learningMs;
    const former = this.#former;
    if (former !== null && former.address === address && former.port === port) {
      // Nobody came from elsewhere: the far side changed its SDP but not its sound.
      if (nowMs >= this.#learnUntilMs) this.#latch(former, true);
      return true;
    }
    this.#latch({ address, port }, rank === 2);
    return true;
  }

  #latch(source: TransportAddress, final: boolean): void {
    this.#latched = source;
    this.#former = null;
    this.#final = final;
    this.#silent = false;
  }

  #rank(address: string, port: number): number {
    if (this.#signalled === null || this.#signalled.address !== address) return 0;
    return this.#signalled.port === port ? 2 : 1;
  }

  #isContinuation(ssrc: number, sequence: number): boolean {
    const ahead = (sequence - this.#sequence) & 0xffff;
    return ssrc === this.#ssrc && ahead > 0 && ahead < MAX_SEQUENCE_GAP;
  }
}

function same(a: TransportAddress, b: TransportAddress): boolean {
  return a.port === b.port && a.address === b.address;
}
