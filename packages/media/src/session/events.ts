import type { Finding } from '../detect/finding.ts';
import { type HealthChange, type HealthFigures, NO_HEALTH } from '../health/call-health.ts';
import type { StreamTrack } from '../stream/session-streams.ts';

/** How a playback ended: its last packet was sent, or it was stopped, replaced or cut off by the end of the session. */
export type PlaybackOutcome = 'completed' | 'stopped';

/** What a session reports while it runs. */
export interface SessionEvents {
  /** A key of the far side, once per press and as early as it is certain; `durationMs` is what was heard of it so far. */
  digit: { digit: string; durationMs: number; method: 'rtp-event' | 'inband' };
  /** Exactly once for every `play`. */
  playbackEnded: { playbackId: string; outcome: PlaybackOutcome };
  /** All digits of one `sendDigits` are out. */
  digitsSent: { digits: string };
  /**
   * Sound of the far side at the rate of its codec (8000 or 16000), in order, lost packets as silence; only of a session
   * that was opened with `capture`.
   */
  audio: { samples: Int16Array; sampleRateHz: number };
  /** Sound of a stream in its format, in base64, as it is heard or sent. `timeMs`: since the stream began. */
  streamMedia: { streamId: string; track: StreamTrack; payload: string; timeMs: number };
  /** Everything written to the stream before this mark has been sent, or was cleared. */
  streamMark: { streamId: string; name: string };
  /** What an analysis heard of the far side. */
  finding: { analysisId: string; finding: Finding };
  /** The far side begins to say something; not a click or a key. */
  speechStarted: { listenId: string };
  /**
   * What it said, whole, with a little silence around it, at the rate of its codec (8000 or 16000), on shared memory; cut, or
   * empty, where there was no memory for it.
   */
  utterance: { listenId: string; samples: Int16Array; sampleRateHz: number };
  /** A listening was stopped; nothing comes of it any more. Not told where the session itself ends. */
  listeningEnded: { listenId: string };
  /** Something may be wrong with the sound, or is well again. */
  health: HealthChange;
  /** The first valid RTP packet came in. */
  firstPacket: { address: string; port: number };
  /** No packet, and no report, came for `silentMs` although the far side may send; once until something comes again. */
  rtpTimeout: { silentMs: number };
  /** The far side of a WebRTC session sent no check for `silentMs` and gets no media any more, until it checks again. */
  consentLost: { silentMs: number };
}

/** Takes the events of one session. */
export type ReportEvent = <Name extends keyof SessionEvents>(name: Name, event: SessionEvents[Name]) => void;

/** Figures of a whole session. */
export interface SessionStats {
  packetsSent: number;
  /** Payload octets. */
  octetsSent: number;
  packetsReceived: number;
  octetsReceived: number;
  /** Missing in the far side's sequence numbers (RFC 3550 A.3). */
  lost: number;
  duplicates: number;
  /** Interarrival jitter (RFC 3550 §6.4.1). */
  jitterMs: number;
  /** Of our packets, by the far side's last report; null: it sent none. */
  remoteLost: number | null;
  remoteJitterMs: number | null;
  /** There and back on the network, from the last reports; null: not known. */
  roundTripMs: number | null;
  /**
   * Estimated listening quality of what was received (ITU-T G.107), 1 (bad) to 4.4, from loss and delay; null when nothing
   * was received.
   */
  mos: number | null;
  /** How the sound was, as far as packets tell. */
  health: HealthFigures;
  /** Dropped datagrams: no RTP at all or none that its protection proves, a payload type that was not agreed, another source than the latched one. */
  malformed: number;
  unknownPayload: number;
  foreign: number;
}

/** The figures of a session of which nothing is known. */
export const NO_STATS: SessionStats = {
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
  health: NO_HEALTH,
  malformed: 0,
  unknownPayload: 0,
  foreign: 0,
};
