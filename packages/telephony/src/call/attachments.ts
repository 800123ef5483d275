import type { CalleeLeg, CallInfo, Effect } from '@voxology/callflow';
import type { Egress } from '@voxology/egress';
import type { MediaSession, PromptRef } from '@voxology/media';
import { CallDetections } from '../detection/call-detections.ts';
import { CallRecordings } from '../recording/call-recordings.ts';
import type { Recordings } from '../recording/recordings.ts';
import { CallListening, type CallListeningOptions } from '../speech/call-listening.ts';
import type { CallTranscriptionOptions } from '../speech/call-transcription.ts';
import { CallTranscriptions } from '../speech/call-transcriptions.ts';
import { CallStreams, type StreamFigures } from '../stream/call-streams.ts';
import type { CallLog } from './call-log.ts';
import type { CallInput, PostInput } from './input.ts';
import type { Leg } from './leg.ts';

type ListeningEffect = Extract<Effect, { type: 'start_listening' | 'stop_listening' }>;
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
  /** That of a callee that is asked before it is connected; null: it has gone. */
  calleeLeg(leg: CalleeLeg): Leg | null;
  /** Who a transfer has reached; null: there is nobody. */
  farSession(): MediaSession | null;
  nowMs(): number;
  onDefect(error: unknown): void;
}

const NO_SOUND = 'the call has no sound';

/**
 * What listens to one call's sound or adds to it beside its flow: recordings, streams, detections, speech recognition, transcripts. Most calls have none, so
 * each kind is made when it is first asked for.
 */
export class Attachments {
  readonly #options: AttachmentsOptions;
  #recordings: CallRecordings | null = null;
  #streams: CallStreams | null = null;
  #detections: CallDetections | null = null;
  /** By the leg that is listened to. */
  readonly #listening = new Map<string, CallListening>();
  #transcriptions: CallTranscriptions | null = null;

  constructor(options: AttachmentsOptions) {
    this.#options = options;
  }

  carryOut(effect: AttachmentEffect | ListeningEffect): void {
    if (effect.type === 'start_listening' || effect.type === 'stop_listening') {
      this.#listen(effect);
      return;
    }
    const { session } = this.#options.leg();
    if (session === null) this.#refuse(effect);
    else this.#attach(session, effect);
  }

  /** The streams that are up. */
  get streams(): StreamFigures[] {
    return this.#streams?.figures() ?? [];
  }

  /** True when the flow need not hear of it. */
  take(input: CallInput): boolean {
    if (input.type === 'digit' && input.leg === undefined) this.#streams?.digit(input.digit);
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
    for (const listening of this.#listening.values()) listening.close();
    this.#listening.clear();
  }

  /** To the call, or to a callee that is asked: when that has gone the flow is about to hear of it. */
  #listen(effect: ListeningEffect): void {
    const { leg } = effect;
    const on = leg === undefined ? '' : JSON.stringify([leg.transferId, leg.no]);
    const listening = this.#listening.get(on);
    if (effect.type === 'stop_listening') {
      listening?.stop(effect.listenId);
      return;
    }
    const heard = leg === undefined ? this.#options.leg() : this.#options.calleeLeg(leg);
    if (heard === null) return;
    const { session } = heard;
    if (session === null) {
      this.#options.post({ type: 'listening_failed', listenId: effect.listenId, reason: NO_SOUND });
      return;
    }
    const begun = listening ?? new CallListening({ ...this.#options.listening, ...this.#options });
    this.#listening.set(on, begun);
    begun.start(session, effect);
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
    const reason = NO_SOUND;
    if (effect.type === 'start_recording') {
      this.#options.post({ type: 'recording_failed', recordingId: effect.recordingId, reason });
    } else if (effect.type === 'start_stream') {
      this.#options.post({ type: 'stream_failed', streamId: effect.streamId, reason });
    } else if (effect.type === 'start_detection') {
      this.#options.post({ type: 'detection_failed', detectionId: effect.detectionId, reason });
    } else if (effect.type === 'start_transcription') {
      this.#options.post({ type: 'transcription_failed', transcriptionId: effect.transcriptionId, reason });
    }
  }
}
