export { Bridge } from './bridge.ts';
export type { CodecName } from './codec/audio-codec.ts';
export { codecUnavailability } from './codec/codecs.ts';
export { MediaConfigError, MediaPortsExhausted, MediaUsageError } from './control/errors.ts';
export { Analysis, type AnalysisOptions } from './detect/analysis.ts';
export type { AnsweringOptions } from './detect/answering.ts';
export type { AnsweringReason, Finding, NetworkTone } from './detect/finding.ts';
export { DtmfDetector, type DtmfDetectorOptions } from './dsp/dtmf-detector.ts';
export { resample, resampleShared } from './dsp/resample.ts';
export { type DtmfOptions, synthesizeDtmf, synthesizeTone, type ToneComponent, type ToneOptions } from './dsp/tone.ts';
export { MediaEngine, type MediaEngineEvents, type MediaEngineStats, type SessionOptions } from './engine.ts';
export type { MediaEngineOptions } from './engine-options.ts';
export { AudioDecodeError, type AudioDecodeReason } from './file/audio-decode-error.ts';
export {
  AudioDecoder,
  type AudioDecoderOptions,
  type DecodeAudioOptions,
  type DecodedAudio,
} from './file/audio-decoder.ts';
export { writeWav } from './file/wav-writer.ts';
export type { HealthChange, HealthFigures, HealthIssue } from './health/call-health.ts';
export { type ListeningOptions, UtteranceDetector } from './listen/utterance-detector.ts';
export { UtteranceMemory } from './listen/utterance-memory.ts';
export { type DigitTimes, MediaSession, type MediaSessionEvents, type PromptRef } from './media-session.ts';
export type {
  PauseFilling,
  RecordingEnd,
  RecordingEndReason,
  RecordingErrorReason,
  RecordingFormat,
  RecordingOptions,
} from './record/recording.ts';
export { type RecoveredRecording, recoverRecordings } from './record/recover.ts';
export { type MemberOptions, Room, type RoomEvents } from './room.ts';
export type { SecurityMethod } from './sdp/agreed-security.ts';
export type { MediaAgreement } from './sdp/agreement.ts';
export { SdpError } from './sdp/error.ts';
export type { PlaybackOutcome, SessionEvents, SessionStats } from './session/events.ts';
export type { SrtpSuiteName } from './srtp/suite.ts';
export type { StreamSettings, StreamTrack } from './stream/session-streams.ts';
export type { MediaStream, StreamOptions } from './stream/stream-control.ts';
export { choosePacketIo, type PacketIo, type PacketIoChoice } from './worker/packet-io.ts';
