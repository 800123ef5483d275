import type { CallInfo, Effect } from '@voxology/callflow';
import type { Egress } from '@voxology/egress';
import type { MediaSession, PromptRef } from '@voxology/media';
import { CallDetections } from '../detection/call-detections.ts';
import { CallRecordings } from '../recording/call-recordings.ts';
import type { Recordings } from '../recording/recordings.ts';
import { CallListening, type CallListeningOptions } from '../speech/call-listening.ts';
import type { CallTranscriptionOptions } from '../speech/call-transcription.ts';
import { CallTranscriptions } from '../speech/call-transcriptions.ts';
import { CallStreams } from '../stream/call-streams.ts';
import type { CallLog } from './call-log.ts';
import type { CallInput, PostInput } from './input.ts';
import type { Leg } from './leg.ts';

type AttachmentEffect = Extract<
  Effect,
  {
    type:
      | 'start_recording'
      | 'stop_recording'
      | 'pause_recording'
      | 'resume_recording'
      | 'start_stream'
      | 'stop_stream'
      | 'start_detection'
      | 'stop_detection'
      | 'start_listening'
      | 'stop_listening'
      | 'start_transcription'
      | 'stop_transcription';
  }
>;

export interface AttachmentServices {
  egress: Pick<Egress, 'openSocket'>;
  recordings: Recordings;
  listening: Pick<CallListeningOptions, 'recognition' | 'maxUtteranceMs'>;
  transcription: Pick<CallTranscriptionOptions, 'recognition' | 'maxUtteranceMs' | 'transcripts' | 'client' | 'logs'>;
  /** What is heard before a message is recorded. */
  beep(): PromptRef;
}

export interface AttachmentsOptions extends AttachmentServices {
  call: CallInfo;
  log: CallLog;
  post: PostInput;
  leg(): Leg;
  /** Who a transfer has reached; null: there is nobody. */
  farSession(): MediaSession | null;
  nowMs(): number;
  onDefect(error: unknown): void;
}

/**
 * What listens to one call's sound or adds to it beside its flow: recordings, streams, detections, speech recognition, transcripts. Most calls have none, so
 * each kind is made when it is first asked for.
 */
export class Attachments {
  readonly #options: AttachmentsOptions;
  #recordings: CallRecordings | null = null;
  #streams: CallStreams | null = null;
  #detections: CallDetections | null = null;
  #listening: CallListening | null = null;
  #transcriptions: CallTranscriptions | null = null;

  constructor(options: AttachmentsOptions) {
    this.#options = options;
  }

  carryOut(effect: AttachmentEffect): void {
    const { session } = this.#options.leg();
    if (session === null) this.#refuse(effect);
    else this.#attach(session, effect);
  }

  /** True when the flow need not hear of it. */
  take(input: CallInput): boolean {
    if (input.type === 'digit') this.#streams?.digit(input.digit);
    if (input.type === 'transfer_answered' || input.type === 'transfer_ended') {
      this.#transcriptions?.farSideChanged(this.#options.farSession());
    }
    return input.type === 'playback_ended' && this.#recordings?.playbackEnded(input.playbackId) === true;
  }

  /** After the media are given back: resolves when what was recorded is in the books. What was said is entered after that. */
  settled(): Promise<void> {
    this.#transcriptions?.seal();
    return this.#recordings?.settled() ?? Promise.resolve();
  }

  /** The call is over. */
  close(): void {
    this.#recordings?.close();
    this.#streams?.close();
    this.#listening?.close();
  }

  #attach(session: MediaSession, effect: AttachmentEffect): void {
    switch (effect.type) {
      case 'start_stream':
        this.#streams ??= new CallStreams(this.#options);
        this.#streams.start(session, effect);
        return;
      case 'stop_stream':
        this.#streams?.stop(effect.streamId);
        return;
      case 'start_detection':
      case 'stop_detection':
        this.#detections ??= new CallDetections(this.#options.post);
        this.#detections.carryOut(session, effect);
        return;
      case 'start_listening':
      case 'stop_listening':
        this.#listening ??= new CallListening({ ...this.#options.listening, ...this.#options });
        this.#listening.carryOut(session, effect);
        return;
      case 'start_transcription':
      case 'stop_transcription':
        this.#transcriptions ??= new CallTranscriptions({ ...this.#options, ...this.#options.transcription });
        this.#transcriptions.carryOut(session, this.#options.farSession(), effect);
        return;
      default:
        this.#recordings ??= new CallRecordings({
          ...this.#options,
          play: (playbackId, prompt) => this.#options.leg().play(playbackId, prompt),
        });
        this.#recordings.carryOut(session, effect);
    }
  }

  #refuse(effect: AttachmentEffect): void {
    const reason = 'the call has no sound';
    if (effect.type === 'start_recording') {
      this.#options.post({ type: 'recording_failed', recordingId: effect.recordingId, reason });
    } else if (effect.type === 'start_stream') {
      this.#options.post({ type: 'stream_failed', streamId: effect.streamId, reason });
    } else if (effect.type === 'start_detection') {
      this.#options.post({ type: 'detection_failed', detectionId: effect.detectionId, reason });
    } else if (effect.type === 'start_listening') {
      this.#options.post({ type: 'listening_failed', listenId: effect.listenId, reason });
    } else if (effect.type === 'start_transcription') {
      this.#options.post({ type: 'transcription_failed', transcriptionId: effect.transcriptionId, reason });
    }
  }
}
