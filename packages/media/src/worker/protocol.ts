import type { MessagePort } from 'node:worker_threads';
import type { AnalysisOptions } from '../detect/analysis.ts';
import type { DtlsSrtpKeys } from '../dtls/dtls-endpoint.ts';
import type { ListeningOptions } from '../listen/utterance-detector.ts';
import type { FrameRingMemory } from '../mix/frame-ring-memory.ts';
import type { PauseFilling, RecordingSettings } from '../record/recording.ts';
import type { LatchTimes } from '../rtp/source-latch.ts';
import type { MediaAgreement } from '../sdp/agreement.ts';
import type { PlaybackOutcome, SessionEvents, SessionStats } from '../session/events.ts';
import type { PromptRateHz } from '../session/prompt.ts';
import type { SessionSecurity } from '../session/security.ts';
import type { StreamSettings } from '../stream/session-streams.ts';
import type { ClockStats } from './clock.ts';
import type { PacketIo } from './packet-io.ts';

/** What a worker is told once, at its start. */
export interface WorkerSettings {
  /** Address to bind. */
  host: string;
  rtpTimeoutMs: number;
  latchTimes: LatchTimes;
  /** The mean time between RTCP reports; 0: no RTCP. */
  rtcpIntervalMs: number;
  /** Encoded prompts kept for the next playback; the least recently used go first. */
  promptCacheBytes: number;
  /** Silence of ICE checks after which media to the far side ends. */
  iceConsentMs: number;
  /** Packets later than this are left out. */
  maxCatchUpMs: number;
  /** Memory for what is being said in sessions that are listened to. */
  utteranceBytes: number;
  packetIo: PacketIo;
}

/** How a member takes part in a room. */
export interface MemberSettings {
  muted: boolean;
  held: boolean;
  gainDb: number;
  /** Who alone hears it: a member of the same worker's part, or whoever reads the ring. */
  coach: { type: 'session'; sessionId: number } | { type: 'ring'; ring: FrameRingMemory } | null;
}

/** What the control thread asks of a worker. Plain values, so that a worker may be a thread or live further away. */
export type WorkerCommand =
  /** Answered by `bound` or `bindFailed`. */
  | { type: 'bind'; port: number }
  | { type: 'unbind'; port: number }
  | { type: 'openSession'; sessionId: number; port: number; capture: boolean }
  | { type: 'configure'; sessionId: number; agreement: MediaAgreement }
  /** Before the `configure` that belongs to it. Holds keys: not to be logged. */
  | { type: 'secure'; sessionId: number; security: SessionSecurity }
  /** What came out of the DTLS handshake; not to be logged. */
  | { type: 'setSrtpKeys'; sessionId: number; keys: DtlsSrtpKeys }
  | { type: 'sendDtls'; sessionId: number; datagram: Uint8Array }
  | { type: 'startSession'; sessionId: number }
  | { type: 'play'; sessionId: number; playbackId: string; promptId: string; offsetMs: number }
  | { type: 'stopPlayback'; sessionId: number; playbackId: string }
  /** `digitsSent` is told when they are out, unless they are forwarded from another leg. */
  | { type: 'sendDigits'; sessionId: number; digits: string; toneMs: number; gapMs: number; forwarded?: boolean }
  /** Answered by `sessionClosed`; the socket stays bound. */
  | { type: 'closeSession'; sessionId: number }
  /** Two sessions of this worker hear each other; ends by itself when one of them ends. */
  | { type: 'bridge'; bridgeId: number; sessionIds: readonly [number, number] }
  | { type: 'unbridge'; bridgeId: number }
  | { type: 'openRoom'; roomId: number; reportSpeakers: boolean }
  /** What the part tells the other workers' parts (null: there are none), and what it hears of each of them. */
  | { type: 'linkRoom'; roomId: number; publish: FrameRingMemory | null; hear: FrameRingMemory[] }
  | ({ type: 'joinRoom'; roomId: number; sessionId: number } & MemberSettings)
  | ({ type: 'updateMember'; roomId: number; sessionId: number } & MemberSettings)
  | { type: 'leaveRoom'; roomId: number; sessionId: number }
  /** A coach on another worker whispers to this member. */
  | { type: 'hearCoach'; roomId: number; sessionId: number; ring: FrameRingMemory }
  | { type: 'unhearCoach'; roomId: number; sessionId: number; ringId: number }
  /** Answered by `roomPlaybackEnded`. The session `exceptFor`, one of this worker, does not hear it. */
  | { type: 'playInRoom'; roomId: number; playbackId: string; promptId: string; exceptFor: number | null }
  | { type: 'stopRoomPlayback'; roomId: number; playbackId: string }
  | { type: 'closeRoom'; roomId: number }
  /** A way to a thread that writes recordings; before the first recording that uses it, and instead of a former one. */
  | { type: 'connectWriter'; thread: number; port: MessagePort }
  /** `recording` is the engine's number of it. Answered by `recordingRefused`, or by the writer when the recording ends. */
  | { type: 'startRecording'; sessionId: number; recording: number; thread: number; settings: RecordingSettings }
  | { type: 'pauseRecording'; sessionId: number; recording: number; filling: PauseFilling }
  | { type: 'resumeRecording'; sessionId: number; recording: number }
  | { type: 'suppressDigits'; sessionId: number; recording: number; on: boolean }
  | { type: 'stopRecording'; sessionId: number; recording: number }
  | { type: 'startAnalysis'; sessionId: number; analysisId: string; options: Omit<AnalysisOptions, 'onFinding'> }
  | { type: 'stopAnalysis'; sessionId: number; analysisId: string }
  | { type: 'startListening'; sessionId: number; listenId: string; options: ListeningOptions }
  | { type: 'stopListening'; sessionId: number; listenId: string }
  | { type: 'startStream'; sessionId: number; streamId: string; settings: StreamSettings }
  /** `payload` is base64. */
  | { type: 'writeStream'; sessionId: number; streamId: string; payload: string }
  | { type: 'markStream'; sessionId: number; streamId: string; name: string }
  | { type: 'clearStream'; sessionId: number; streamId: string }
  | { type: 'stopStream'; sessionId: number; streamId: string }
  /** At 8 kHz unless told otherwise; the samples are shared memory. */
  | { type: 'loadPrompt'; promptId: string; samples: Int16Array; sampleRateHz?: PromptRateHz }
  | { type: 'dropPrompt'; promptId: string }
  /** Answered by `stats` with the same id. */
  | { type: 'readStats'; requestId: number }
  /** Answered by `sessionRead`; not of a session that is closed. */
  | { type: 'readSession'; sessionId: number }
  /** Closes everything, after which the worker ends by itself. */
  | { type: 'shutDown' };

/** Figures of one worker. */
export interface WorkerStats {
  sessions: number;
  sockets: number;
  promptCacheBytes: number;
  clock: ClockStats;
}

type SessionEvent = {
  [Name in keyof SessionEvents]: { type: 'sessionEvent'; sessionId: number; name: Name; event: SessionEvents[Name] };
}[keyof SessionEvents];

/** What a worker reports. */
export type WorkerEvent =
  | { type: 'ready' }
  | { type: 'bound'; port: number }
  | { type: 'bindFailed'; port: number; errorCode: string }
  /** A socket without a session got a packet: somebody still sends to a call that ended. At most once a second. */
  | { type: 'strayPacket'; port: number }
  | SessionEvent
  /** An error of ours ended the session; `sessionClosed` follows. */
  | { type: 'sessionFailed'; sessionId: number; reason: string }
  | { type: 'sessionClosed'; sessionId: number; stats: SessionStats }
  | { type: 'sessionRead'; sessionId: number; stats: SessionStats }
  /** The far side's handshake goes on in the control thread, where it keeps no sound waiting. */
  | { type: 'dtlsReceived'; sessionId: number; datagram: Uint8Array }
  /** ICE found the far side. */
  | { type: 'pathFound'; sessionId: number }
  | { type: 'roomPlaybackEnded'; roomId: number; playbackId: string; outcome: PlaybackOutcome }
  /** Who speaks of the part's members, or how loud, changed; null: nobody does. `level` is a mean magnitude of samples. */
  | { type: 'roomSpeaker'; roomId: number; sessionId: number | null; level: number }
  /** The session had ended before its recording began. */
  | { type: 'recordingRefused'; recording: number }
  | { type: 'stats'; requestId: number; stats: WorkerStats };
