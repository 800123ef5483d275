import { AUDIO_CODECS } from '../codec/codecs.ts';
import { synthesizeDtmf } from '../dsp/tone.ts';
import type { MediaAgreement } from '../sdp/agreement.ts';
import { EventDigits } from './event-digits.ts';
import type { ReportEvent } from './events.ts';
import type { PacketSource } from './packet-source.ts';
import { Player } from './player.ts';
import { EncodedPrompt, PROMPT_RATE_HZ, type Prompt } from './prompt.ts';
import { RtpSender, type SendPacket } from './rtp-sender.ts';
import { SILENCE } from './silence.ts';

export interface OutgoingOptions {
  send: SendPacket;
  report: ReportEvent;
  tickMs: number;
  /** Random: signed 32-bit, unsigned 16-bit, signed 32-bit (RFC 3550 §5.1). */
  ssrc: number;
  firstSequence: number;
  firstTimestamp: number;
}

/** Sound may be sent this far ahead of the clock before the stream's time is set to it. */
const MAX_AHEAD_MS = 2000;
/** Digits of others behind the current ones; more than these come from nobody's finger. */
const MAX_WAITING_DIGITS = 64;

interface DigitsToSend {
  source: PacketSource;
  digits: string;
  /** Whether to tell when they are out. */
  reported: boolean;
}

/**
 * What we send: in every packet exactly one source speaks, digits before the playback before what others say (the feed)
 * before what a stream says before silence. The timestamps follow the clock, also while the direction forbids sending; the playback's time goes on
 * then, so that it ends when it would have ended. Digits wait instead. A playback interrupted by digits goes on where it
 * was.
 */
export class Outgoing {
  readonly sender: RtpSender;
  readonly #report: ReportEvent;
  readonly #tickMs: number;
  #maySend = false;
  #maxAheadUnits = 0;
  #packetTicks = 0;
  #unitsPerTick = 0;
  #dueTick = -1;
  #timestamp: number;
  #digits: DigitsToSend | null = null;
  readonly #waitingDigits: DigitsToSend[] = [];
  #playback: { id: string; player: Player } | null = null;
  #feed: PacketSource | null = null;
  #streamFeed: PacketSource | null = null;
  /** Who sent the last packet; null after a pause. */
  #speaker: PacketSource | null = null;

  constructor(options: OutgoingOptions) {
    this.#report = options.report;
    this.#tickMs = options.tickMs;
    this.#timestamp = options.firstTimestamp;
    this.sender = new RtpSender(
      options.send,
      AUDIO_CODECS.PCMU,
      options.ssrc,
      options.firstSequence,
      options.firstTimestamp,
    );
  }

  configure(agreement: MediaAgreement): void {
    this.#maySend = agreement.maySend;
    this.#packetTicks = agreement.packetMs / this.#tickMs;
    const codec = AUDIO_CODECS[agreement.codec];
    this.#unitsPerTick = (this.#tickMs * codec.clockRateHz) / 1000;
    this.#maxAheadUnits = (MAX_AHEAD_MS * codec.clockRateHz) / 1000;
    this.sender.configure(codec, agreement);
  }

  /** Replaces the current playback, which ends as stopped. */
  play(playbackId: string, prompt: Prompt, offsetMs: number): void {
    this.#endPlayback('stopped');
    const player = new Player(prompt, offsetMs);
    this.#playback = { id: playbackId, player };
  }

  /** Does nothing when that playback is not the current one: it has ended already. */
  stopPlayback(playbackId: string): void {
    if (this.#playback?.id === playbackId) this.#endPlayback('stopped');
  }

  /**
   * Puts digits behind those still being sent: as events when agreed, else as tones. Those that nobody waits for are left
   * out when too many wait; the others are counted by who orders them.
   */
  sendDigits(digits: string, toneMs: number, gapMs: number, reported: boolean): void {
    if (!reported && this.#waitingDigits.length >= MAX_WAITING_DIGITS) return;
    const asTones = this.sender.eventPayloadType === null;
    const source = asTones ? tones(digits, toneMs, gapMs) : new EventDigits(digits, toneMs, gapMs);
    if (this.#digits === null) this.#digits = { source, digits, reported };
    else this.#waitingDigits.push({ source, digits, reported });
  }

  /** What is heard when nothing is played: another session's packets, a room; null: silence. */
  setFeed(feed: PacketSource | null): void {
    this.#feed = feed;
  }

  /** What is heard where there is no other feed either; it waits while there is one. */
  setStreamFeed(feed: PacketSource): void {
    this.#streamFeed = feed;
  }

  /** Takes this feed away; nothing when another one has taken its place. */
  removeFeed(feed: PacketSource): void {
    if (this.#feed === feed) this.#feed = null;
    if (this.#streamFeed === feed) this.#streamFeed = null;
  }

  /** Whether packets of this source may be sent now. */
  takes(feed: PacketSource): boolean {
    return (
      this.#feed === feed && this.#digits === null && this.#playback === null && this.#maySend && this.#dueTick >= 0
    );
  }

  /** Ticks from this one until the next packet is due. */
  ticksUntilDue(tick: number): number {
    return Math.max(0, this.#dueTick - tick);
  }

  /** Where the stream's sound goes on, in timestamp units. */
  get nextTimestamp(): number {
    const ahead = (this.sender.sentUntil - this.#timestamp) | 0;
    return ahead > 0 && ahead <= this.#maxAheadUnits ? this.sender.sentUntil : this.#timestamp;
  }

  /** The far side cannot be reached any more. */
  close(): void {
    this.#endPlayback('stopped');
  }

  /** One tick of the packet schedule; sends at most one packet. */
  tick(tick: number): void {
    if (tick < this.#dueTick) return;
    if (this.#dueTick >= 0 && tick > this.#dueTick) {
      // The clock left out ticks, or the packet length changed.
      this.#timestamp = (this.#timestamp + (tick - this.#dueTick) * this.#unitsPerTick) | 0;
      this.#speaker = null;
      this.sender.seam.forget();
    }
    this.#dueTick = tick + this.#packetTicks;
    const timestamp = this.#timestamp;
    this.#timestamp = (timestamp + this.sender.unitsPerPacket) | 0;
    if (this.#maySend) this.#sendPacket(timestamp);
    else this.#skipPacket();
  }

  #sendPacket(dueTimestamp: number): void {
    let timestamp = dueTimestamp;
    const ahead = (this.sender.sentUntil - timestamp) | 0;
    if (ahead > 0 && ahead <= this.#maxAheadUnits) {
      // The feed's packets cover this time already.
      if (ahead <= this.sender.unitsPerPacket) return;
      // The far side's clock behind the feed is faster than ours.
      timestamp = this.sender.sentUntil;
      this.#timestamp = (timestamp + this.sender.unitsPerPacket) | 0;
    }
    const source = this.#digits?.source ?? this.#playback?.player ?? this.#feed ?? this.#streamFeed ?? SILENCE;
    const first = source !== this.#speaker;
    this.#speaker = source;
    if (source.sendPacket(this.sender, timestamp, first)) return;
    // It ended by itself, not in the middle of its sound.
    this.sender.seam.forget();
    if (this.#digits?.source === source) this.#endDigits(this.#digits);
    else if (this.#playback?.player === source) this.#endPlayback('completed');
    else this.removeFeed(source);
  }

  #skipPacket(): void {
    this.#speaker = null;
    this.sender.seam.forget();
    if (this.#playback !== null && !this.#playback.player.skip(this.sender.packetMs)) {
      this.#endPlayback('completed');
    }
  }

  #endPlayback(outcome: 'completed' | 'stopped'): void {
    const playback = this.#playback;
    if (playback === null) return;
    this.#playback = null;
    this.#report('playbackEnded', { playbackId: playback.id, outcome });
  }

  #endDigits({ digits, reported }: DigitsToSend): void {
    this.#digits = this.#waitingDigits.shift() ?? null;
    if (reported) this.#report('digitsSent', { digits });
  }
}

function tones(digits: string, toneMs: number, gapMs: number): PacketSource {
  const sampleRateHz = PROMPT_RATE_HZ;
  const samples = synthesizeDtmf(digits, { toneMs, pauseMs: gapMs, sampleRateHz });
  return new Player({ samples, sampleRateHz, encodedFor: (codec) => new EncodedPrompt(samples, codec) }, 0);
}
