import type { CodecName } from '../codec/audio-codec.ts';
import { estimateMos } from '../rtp/mos.ts';
import { RTP_HEADER_BYTES, type RtpPacket } from '../rtp/packet.ts';
import type { PayloadRole } from '../sdp/agreement.ts';
import { SideLevels } from './side-levels.ts';

/**
 * What may be wrong with the sound of a call: `nothing_received` while we send sound · `only_silence_received`, dead
 * silence as of a phone that does not take its microphone · `not_heard` the far side says that it gets nothing of ours ·
 * `high_loss` · `low_mos` · `clipping` what is received is too loud for its codec.
 */
export type HealthIssue =
  | 'nothing_received'
  | 'only_silence_received'
  | 'not_heard'
  | 'high_loss'
  | 'low_mos'
  | 'clipping';

/** An issue came up, or is over. */
export interface HealthChange {
  issue: HealthIssue;
  raised: boolean;
}

/** The health of a call so far, beside the figures of the network. */
export interface HealthFigures {
  /** From the start of sending to the first packet of the far side, and to ours; null: none came. */
  firstPacketInMs: number | null;
  firstPacketOutMs: number | null;
  /** Part of the sound in which nobody spoke, and which was too loud for its codec; null: not known (only of G.711). */
  silenceRatioIn: number | null;
  silenceRatioOut: number | null;
  clippingRatioIn: number | null;
  clippingRatioOut: number | null;
  /** Every issue that came up, in order; each once. */
  issues: HealthIssue[];
}

/** The health of a call of which nothing is known. */
export const NO_HEALTH: HealthFigures = {
  firstPacketInMs: null,
  firstPacketOutMs: null,
  silenceRatioIn: null,
  silenceRatioOut: null,
  clippingRatioIn: null,
  clippingRatioOut: null,
  issues: [],
};

/** What others count. */
export interface NetworkFigures {
  /** Packets of the far side that came, and that did not. */
  received: number;
  lost: number;
  jitterMs: number;
  burstRatio: number;
  roundTripMs: number | null;
  /** The last packet of ours that the far side's reports know; null: no reports come. */
  heardByFarSide: number | null;
}

export interface HealthLimits {
  /** So long may nothing come while we send sound. Default 5000. */
  nothingReceivedMs: number;
  /** So long may only dead silence come while we send sound. Default 20 000. */
  onlySilenceMs: number;
  /** So long may the far side's reports know nothing new of what we send. Default 20 000: some four reports. */
  notHeardMs: number;
  /** Loss of the last seconds. Default 5. */
  lossPercent: number;
  /** MOS of the last seconds. Default 3.1: nearly all users dissatisfied below (G.107 annex B). */
  mos: number;
  /** Part of the last seconds' sound that is clipped. Default 0.1. */
  clippingRatio: number;
}

export const HEALTH_DEFAULTS: Readonly<HealthLimits> = {
  nothingReceivedMs: 5000,
  onlySilenceMs: 20_000,
  notHeardMs: 20_000,
  lossPercent: 5,
  mos: 3.1,
  clippingRatio: 0.1,
};

export interface CallHealthOptions {
  limits?: Partial<HealthLimits>;
  onChange: (change: HealthChange) => void;
}

/** Figures of the last seconds are those of this long. */
const WINDOW_MS = 5000;
/** Fewer packets than this say nothing of loss. */
const MIN_PACKETS = 50;
/** What every call has beside the network: packets, jitter buffers, codecs. */
const BASE_DELAY_MS = 60;

/**
 * Watches the sound of one session: packets as they come and go, at the cost of a few look-ups in every fifth, and the
 * figures of reception once in a while. Issues are raised once when they come up and once when they are over.
 */
export class CallHealth {
  readonly #in = new SideLevels();
  readonly #out = new SideLevels();
  readonly #limits: HealthLimits;
  readonly #onChange: (change: HealthChange) => void;
  readonly #raised = new Set<HealthIssue>();
  readonly #issues: HealthIssue[] = [];
  #startMs: number | null = null;
  /** Since when both directions are open; null: one of them is not. */
  #openSinceMs: number | null = null;
  #windowStartMs = 0;
  #windowReceived = 0;
  #windowLost = 0;
  #windowSampled = 0;
  #windowClipped = 0;
  #heard = 0;
  /** Since when the far side's reports say the same; null: they say nothing. */
  #heardMs: number | null = null;

  constructor({ limits = {}, onChange }: CallHealthOptions) {
    this.#limits = { ...HEALTH_DEFAULTS, ...limits };
    this.#onChange = onChange;
  }

  /** A valid packet of the far side. */
  received(role: PayloadRole, { bytes, payloadOffset, payloadLength }: RtpPacket, nowMs: number): void {
    if (role === 'CN') this.#in.addPause(nowMs);
    else if (role === 'telephone-event') this.#in.addDigit(nowMs);
    else this.#in.add(role, bytes, payloadOffset, payloadLength, nowMs);
  }

  /** A packet of ours; null: a digit. */
  sent(codec: CodecName | null, packet: Uint8Array, nowMs: number): void {
    if (codec === null) this.#out.addDigit(nowMs);
    else this.#out.add(codec, packet, RTP_HEADER_BYTES, packet.length - RTP_HEADER_BYTES, nowMs);
  }

  /** Whether the direction lets both sides send; a far side that holds or is held owes us nothing. */
  setOpen(open: boolean, nowMs: number): void {
    if (!open) this.#openSinceMs = null;
    else this.#openSinceMs ??= nowMs;
  }

  /** We begin to send; further calls do nothing. */
  start(nowMs: number): void {
    if (this.#startMs !== null) return;
    this.#startMs = nowMs;
    this.#windowStartMs = nowMs;
  }

  /** To be called about once a second. */
  check(network: NetworkFigures, codec: CodecName, nowMs: number): void {
    this.#checkOneWay(nowMs);
    this.#checkHeard(network, nowMs);
    if (nowMs - this.#windowStartMs < WINDOW_MS) return;
    this.#checkWindow(network, codec);
    this.#windowStartMs = nowMs;
  }

  get figures(): HealthFigures {
    return {
      firstPacketInMs: this.#sinceStart(this.#in.firstMs),
      firstPacketOutMs: this.#sinceStart(this.#out.firstMs),
      silenceRatioIn: this.#in.silenceRatio,
      silenceRatioOut: this.#out.silenceRatio,
      clippingRatioIn: this.#in.clippingRatio,
      clippingRatioOut: this.#out.clippingRatio,
      issues: [...this.#issues],
    };
  }

  #sinceStart(ms: number | null): number | null {
    return ms === null || this.#startMs === null ? null : Math.max(0, Math.round(ms - this.#startMs));
  }

  #checkOneWay(nowMs: number): void {
    const openSinceMs = this.#openSinceMs;
    if (openSinceMs === null) {
      this.#set('nothing_received', false);
      this.#set('only_silence_received', false);
      return;
    }
    const { nothingReceivedMs, onlySilenceMs } = this.#limits;
    // That nobody answers to silence means nothing.
    const nothingMs = nowMs - Math.max(this.#in.lastMs, openSinceMs);
    // A far side that said that it pauses may keep silent for as long as it likes (RFC 3389 §4).
    if (nothingMs < nothingReceivedMs) this.#set('nothing_received', false);
    else if (!this.#in.pauses && this.#out.lastSoundMs > nowMs - nothingReceivedMs) this.#set('nothing_received', true);
    const { deadSinceMs } = this.#in;
    const dead = deadSinceMs !== null && nowMs - Math.max(deadSinceMs, openSinceMs) >= onlySilenceMs;
    if (!dead) this.#set('only_silence_received', false);
    else if (nothingMs < nothingReceivedMs && this.#out.lastSoundMs > nowMs - onlySilenceMs) {
      this.#set('only_silence_received', true);
    }
  }

  #checkHeard({ heardByFarSide }: NetworkFigures, nowMs: number): void {
    const silent = heardByFarSide === null || this.#openSinceMs === null || this.#out.firstMs === null;
    if (silent || heardByFarSide !== this.#heard || this.#heardMs === null) {
      this.#heard = heardByFarSide ?? 0;
      this.#heardMs = silent ? null : nowMs;
      this.#set('not_heard', false);
    } else if (nowMs - this.#heardMs >= this.#limits.notHeardMs) {
      this.#set('not_heard', true);
    }
  }

  #checkWindow(network: NetworkFigures, codec: CodecName): void {
    const received = network.received - this.#windowReceived;
    const lost = Math.max(0, network.lost - this.#windowLost);
    this.#windowReceived = network.received;
    this.#windowLost = network.lost;
    if (received + lost >= MIN_PACKETS) {
      const lossPercent = percent(lost, received);
      this.#set('high_loss', lossPercent > this.#limits.lossPercent);
      this.#set('low_mos', mosOf(network, codec, lossPercent) < this.#limits.mos);
    }
    const { sampled, clipped } = this.#in.counts;
    const looked = sampled - this.#windowSampled;
    if (looked > 0) this.#set('clipping', (clipped - this.#windowClipped) / looked > this.#limits.clippingRatio);
    this.#windowSampled = sampled;
    this.#windowClipped = clipped;
  }

  #set(issue: HealthIssue, raised: boolean): void {
    if (raised === this.#raised.has(issue)) return;
    if (raised) {
      this.#raised.add(issue);
      if (!this.#issues.includes(issue)) this.#issues.push(issue);
    } else {
      this.#raised.delete(issue);
    }
    this.#onChange({ issue, raised });
  }
}

function percent(lost: number, received: number): number {
  return lost <= 0 ? 0 : (100 * lost) / (lost + received);
}

function mosOf({ jitterMs, burstRatio, roundTripMs }: NetworkFigures, codec: CodecName, lossPercent: number): number {
  // A jitter buffer of about twice the jitter.
  const delayMs = (roundTripMs ?? 0) / 2 + BASE_DELAY_MS + 2 * jitterMs;
  return estimateMos({ codec, lossPercent, burstRatio, delayMs });
}
