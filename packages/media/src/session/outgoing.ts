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

/**
 * What we send: in every packet exactly one source speaks, digits before the playback before silence. The timestamps
 * follow the clock, also while the direction forbids sending; the playback's time goes on then, so that it ends when it
 * would have ended. Digits wait instead. A playback interrupted by digits goes on where it was.
 */
export class Outgoing {
  readonly sender: RtpSender;
  readonly #report: ReportEvent;
  readonly #tickMs: number;
  #maySend = false;
  #packetTicks = 0;
  #dueTick = -1;
  #timestamp: number;
  #digits: { source: PacketSource; digits: string } | null = null;
  readonly #waitingDigits: { source: PacketSource; digits: string }[] = [];
  #playback: { id: string; player: Player } | null = null;
  /** Who sent the last packet; null after a pause. */
  #speaker: PacketSource | null = null;

  constructor(options: OutgoingOptions) {
    this.#report = options.report;
    this.#tickMs = options.tickMs;
    this.#timestamp = options.firstTimestamp;
    this.sender = new RtpSender(options.send, AUDIO_CODECS.PCMU, options.ssrc, options.firstSequence);
  }

  configure(agreement: MediaAgreement): void {
    this.#maySend = agreement.maySend;
    this.#packetTicks = agreement.packetMs / this.#tickMs;
    this.sender.configure(AUDIO_CODECS[agreement.codec], agreement);
  }

  /** Replaces the current playback, which ends as stopped. */
  play(playbackId: string, prompt: Prompt, offsetMs: number): void {
    this.#endPlayback('stopped');
    const player = new Player(prompt, Math.round((offsetMs * PROMPT_RATE_HZ) / 1000));
    this.#playback = { id: playbackId, player };
  }

  /** Does nothing when that playback is not the current one: it has ended already. */
  stopPlayback(playbackId: string): void {
    if (this.#playback?.id === playbackId) this.#endPlayback('stopped');
  }

  /** Puts digits behind those still being sent: as events when agreed, else as tones. */
  sendDigits(digits: string, toneMs: number, gapMs: number): void {
    const asTones = this.sender.eventPayloadType === null;
    const source = asTones ? tones(digits, toneMs, gapMs) : new EventDigits(digits, toneMs, gapMs);
    if (this.#digits === null) this.#digits = { source, digits };
    else this.#waitingDigits.push({ source, digits });
  }

  /** The far side cannot be reached any more. */
  close(): void {
    this.#endPlayback('stopped');
  }

  /** One tick of the packet schedule; sends at most one packet. */
  tick(tick: number): void {
    if (tick < this.#dueTick) return;
    const unitsPerTick = (this.#tickMs * this.sender.codec.clockRateHz) / 1000;
    if (this.#dueTick >= 0 && tick > this.#dueTick) {
      // The clock left out ticks, or the packet length changed.
      this.#timestamp = (this.#timestamp + (tick - this.#dueTick) * unitsPerTick) | 0;
      this.#speaker = null;
    }
    this.#dueTick = tick + this.#packetTicks;
    const timestamp = this.#timestamp;
    this.#timestamp = (timestamp + this.sender.unitsPerPacket) | 0;
    if (this.#maySend) this.#sendPacket(timestamp);
    else this.#skipPacket();
  }

  #sendPacket(timestamp: number): void {
    const source = this.#digits?.source ?? this.#playback?.player ?? SILENCE;
    const first = source !== this.#speaker;
    this.#speaker = source;
    if (source.sendPacket(this.sender, timestamp, first)) return;
    if (this.#digits?.source === source) this.#endDigits(this.#digits.digits);
    else this.#endPlayback('completed');
  }

  #skipPacket(): void {
    this.#speaker = null;
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

  #endDigits(digits: string): void {
    this.#digits = this.#waitingDigits.shift() ?? null;
    this.#report('digitsSent', { digits });
  }
}

function tones(digits: string, toneMs: number, gapMs: number): PacketSource {
  const samples = synthesizeDtmf(digits, { toneMs, pauseMs: gapMs, sampleRateHz: PROMPT_RATE_HZ });
  return new Player({ samples, encodedFor: (codec) => new EncodedPrompt(samples, codec) }, 0);
}
