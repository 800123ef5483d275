import type { CallInfo, Effect } from '@voxology/callflow';
import type { MediaSession, PromptRef, RecordingEnd } from '@voxology/media';
import type { PostInput } from '../call/input.ts';
import type { Recordings } from './recordings.ts';

type RecordingEffect = Extract<
  Effect,
  { type: 'start_recording' | 'stop_recording' | 'pause_recording' | 'resume_recording' }
>;

export interface CallRecordingsOptions {
  recordings: Pick<Recordings, 'begin' | 'end' | 'fail'>;
  call: CallInfo;
  post: PostInput;
  /** Made when it is first needed. */
  beep(): PromptRef;
  /** Puts a sound on the call in place of what it hears; {@link CallRecordings.playbackEnded} is told of its end. */
  play(playbackId: string, prompt: PromptRef): void;
  onDefect(error: unknown): void;
}

const BEEP = 'beep/';

interface Running {
  /** What was asked before it could begin. */
  asked: 'stop' | 'pause' | null;
  begun: boolean;
}

/** The recordings of one call. */
export class CallRecordings {
  readonly #options: CallRecordingsOptions;
  readonly #running = new Map<string, Running>();
  readonly #beeps = new Map<string, () => void>();
  #session: MediaSession | null = null;
  #over = false;
  #settling: PromiseWithResolvers<void> | null = null;

  constructor(options: CallRecordingsOptions) {
    this.#options = options;
  }

  carryOut(session: MediaSession, effect: RecordingEffect): void {
    const { recordingId } = effect;
    if (effect.type === 'start_recording') {
      this.#listen(session);
      const running: Running = { asked: null, begun: false };
      this.#running.set(recordingId, running);
      this.#start(session, effect, running).catch((error: unknown) => this.#failed(recordingId, error));
      return;
    }
    const running = this.#running.get(recordingId);
    if (running === undefined) return;
    if (!running.begun) {
      if (running.asked !== 'stop') {
        running.asked = effect.type === 'stop_recording' ? 'stop' : effect.type === 'pause_recording' ? 'pause' : null;
      }
    } else if (effect.type === 'stop_recording') session.stopRecording(recordingId);
    else if (effect.type === 'pause_recording') session.pauseRecording(recordingId);
    else session.resumeRecording(recordingId);
  }

  /** True when the playback was a beep of ours, of which the flow need not hear. */
  playbackEnded(playbackId: string): boolean {
    if (!playbackId.startsWith(BEEP)) return false;
    this.#beeps.get(playbackId)?.();
    this.#beeps.delete(playbackId);
    return true;
  }

  /** Resolves when none is under way any more: all are in the books. */
  settled(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    this.#settling ??= Promise.withResolvers<void>();
    return this.#settling.promise;
  }

  /** The call is over: recordings end with their media session, the flow is told nothing any more. */
  close(): void {
    this.#over = true;
    for (const beepEnded of this.#beeps.values()) beepEnded();
    this.#beeps.clear();
  }

  async #start(
    session: MediaSession,
    effect: Extract<RecordingEffect, { type: 'start_recording' }>,
    running: Running,
  ): Promise<void> {
    const { recordings, call } = this.#options;
    const { recordingId } = effect;
    // Whoever hears the end of the beep begins to speak: all is ready by then.
    const [options] = await Promise.all([
      recordings.begin(call, effect),
      effect.beep ? this.#beep(recordingId) : Promise.resolve(),
    ]);
    const ended = (reason: RecordingEnd['reason']): RecordingEnd => ({
      recordingId,
      reason,
      durationMs: 0,
      bytes: 0,
      sha256: '',
      error: null,
    });
    if (this.#over) return await this.#ended(ended('session_closed'));
    if (running.asked === 'stop') return await this.#ended(ended('stopped'));
    try {
      session.startRecording(options);
    } catch (error) {
      await recordings.fail(recordingId, reasonOf(error));
      throw error;
    }
    running.begun = true;
    if (running.asked === 'pause') session.pauseRecording(recordingId);
  }

  async #beep(recordingId: string): Promise<void> {
    const { play, beep } = this.#options;
    const playbackId = `${BEEP}${recordingId}`;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#beeps.set(playbackId, resolve);
    play(playbackId, beep());
    await promise;
  }

  #listen(session: MediaSession): void {
    if (this.#session !== null) return;
    this.#session = session;
    session.on('recordingEnded', (end) => {
      this.#ended(end).catch((error: unknown) => this.#failed(end.recordingId, error));
    });
  }

  async #ended(end: RecordingEnd): Promise<void> {
    const { recordingId, reason, durationMs } = end;
    const useless = await this.#options.recordings.end(end);
    this.#done(recordingId);
    if (this.#over || reason === 'session_closed') return;
    if (useless !== null) {
      this.#options.post({ type: 'recording_failed', recordingId, reason: useless });
      return;
    }
    const by = reason === 'stopped' ? 'stop' : reason === 'silence' ? 'silence' : 'limit';
    this.#options.post({ type: 'recording_ended', recordingId, by, durationMs });
  }

  #done(recordingId: string): void {
    this.#running.delete(recordingId);
    if (this.#running.size > 0) return;
    this.#settling?.resolve();
    this.#settling = null;
  }

  #failed(recordingId: string, error: unknown): void {
    this.#done(recordingId);
    this.#options.onDefect(error);
    if (this.#over) return;
    this.#options.post({ type: 'recording_failed', recordingId, reason: reasonOf(error) });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
