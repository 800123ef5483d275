import { EventEmitter } from 'node:events';
import {
  type MediaSession,
  type MediaSessionEvents,
  MediaUsageError,
  SdpError,
  type SecurityMethod,
  type SessionOptions,
  type SessionStats,
} from '@voxology/media';

export const SDP = 'v=0\r\no=- 1 1 IN IP4 10.0.0.9\r\ns=-\r\nc=IN IP4 10.0.0.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
/** An offer or answer that no codec is found in. */
export const BAD_SDP = SDP.replace('RTP/AVP 0', 'RTP/AVP 99');

/** The figures of a session that has sent and received nothing. */
export const QUIET_STATS: SessionStats = {
  packetsSent: 0,
  octetsSent: 0,
  packetsReceived: 0,
  octetsReceived: 0,
  lost: 0,
  duplicates: 0,
  jitterMs: 0,
  remoteLost: null,
  remoteJitterMs: null,
  roundTripMs: null,
  mos: null,
  health: {
    firstPacketInMs: null,
    firstPacketOutMs: null,
    silenceRatioIn: null,
    silenceRatioOut: null,
    clippingRatioIn: null,
    clippingRatioOut: null,
    issues: [],
  },
  malformed: 0,
  unknownPayload: 0,
  foreign: 0,
};

/** A media session without media: says what was asked of it, in `acts`, and fails as the real one does. */
export class FakeSession extends EventEmitter<MediaSessionEvents> {
  readonly acts: string[] = [];
  readonly name: string;
  readonly firstCodec: string | undefined;
  readonly security: SecurityMethod;
  agreement: { codec: string } | null = null;
  closed = false;

  constructor(name = 's', { firstCodec, security = 'none' }: SessionOptions = {}) {
    super();
    this.name = name;
    this.firstCodec = firstCodec;
    this.security = security;
  }

  answerOffer(sdp: string): string {
    this.#take(sdp);
    return SDP;
  }
  createOffer(): string {
    this.#assertOpen();
    return SDP;
  }
  acceptAnswer(sdp: string): void {
    this.#take(sdp);
  }
  start(): void {
    this.#assertOpen();
    if (this.agreement === null) throw new MediaUsageError('not agreed');
    this.acts.push('start');
  }
  play(playbackId: string, { id }: { id: string }): void {
    this.#assertOpen();
    if (id === 'gone') throw new MediaUsageError('The prompt "gone" is not loaded');
    this.acts.push(`play ${playbackId} ${id}`);
  }
  stopPlayback(playbackId: string): void {
    this.acts.push(`stop ${playbackId}`);
    queueMicrotask(() => this.emit('playbackEnded', { playbackId, outcome: 'stopped' }));
  }
  sendDigits(digits: string): void {
    this.#assertOpen();
    if (/[^0-9*#A-D]/.test(digits)) throw new RangeError('no digits');
    this.acts.push(`digits ${digits}`);
    queueMicrotask(() => this.emit('digitsSent', { digits }));
  }
  forwardDigit(digit: string): void {
    this.acts.push(`forward ${digit}`);
  }
  startListening(listenId: string): void {
    this.#assertOpen();
    this.acts.push(`listen ${listenId}`);
  }
  stopListening(listenId: string): void {
    this.acts.push(`no longer listen ${listenId}`);
    queueMicrotask(() => this.emit('listeningEnded', { listenId }));
  }
  async close(): Promise<SessionStats> {
    this.closed = true;
    return this.figures();
  }

  async figures(): Promise<SessionStats> {
    return { ...QUIET_STATS, packetsSent: 1 };
  }

  #take(sdp: string): void {
    this.#assertOpen();
    if (sdp === BAD_SDP) throw new SdpError(488, 'no codec in common');
    this.agreement = { codec: 'PCMU' };
  }
  #assertOpen(): void {
    if (this.closed) throw new MediaUsageError('closed');
  }
}

export function asSession(session: FakeSession): MediaSession {
  return session as unknown as MediaSession;
}
