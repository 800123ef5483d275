import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { CallInfo, Effect } from '@voxology/callflow';
import { type RecordingEnd, type RecordingOptions, recoverRecordings } from '@voxology/media';
import type { Store } from '@voxology/store';
import { patiently } from '../call/patience.ts';
import type { Deliveries } from '../callback/deliveries.ts';
import type { RecordingTranscripts } from '../speech/recording-transcripts.ts';
import { finishedFile } from './finished-file.ts';
import { factsOfCall } from './recording-webhooks.ts';

type StartRecording = Extract<Effect, { type: 'start_recording' }>;

export interface RecordingLimits {
  /** Folder of all recordings. */
  dir: string;
  maxDurationMs: number;
  maxBytes: number;
}

export interface RecordingsOptions {
  store: Pick<Store, 'recordings'>;
  webhooks: Pick<Deliveries, 'enqueue'>;
  transcripts: Pick<RecordingTranscripts, 'begin' | 'wake'>;
  limits: RecordingLimits;
  nowMs(): number;
  /** A webhook could not be queued; the next start queues it. */
  onError(error: unknown): void;
}

/** The recordings of all calls in the books: where their files are, what is known of them. */
export class Recordings {
  readonly #store: Pick<Store, 'recordings'>;
  readonly #limits: RecordingLimits;
  readonly #nowMs: () => number;
  readonly #webhooks: Pick<Deliveries, 'enqueue'>;
  readonly #transcripts: RecordingsOptions['transcripts'];
  readonly #onError: (error: unknown) => void;
  /** Those under way that have a webhook. */
  readonly #toBeTold = new Set<string>();
  /** Those under way that are written down. */
  readonly #toBeTranscribed = new Set<string>();

  constructor({ store, webhooks, transcripts, limits, nowMs, onError }: RecordingsOptions) {
    this.#store = store;
    this.#webhooks = webhooks;
    this.#transcripts = transcripts;
    this.#onError = onError;
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  /** Makes room for a recording and enters it; what the media session is to be told. */
  async begin(call: CallInfo, effect: StartRecording): Promise<RecordingOptions> {
    const { appId, callId } = call;
    const { recordingId, name, format, channels, callerOnly, maskDigits, silenceMs } = effect;
    const startTimeMs = this.#nowMs();
    const file = `${new Date(startTimeMs).toISOString().slice(0, 10).replaceAll('-', '/')}/${randomUUID()}.${format}`;
    const path = join(this.#limits.dir, file);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const webhook = effect.webhook === null ? null : { ...effect.webhook, call: factsOfCall(call) };
    const opening = { recordingId, appId, callId, name, file, format, channels, startTimeMs, webhook };
    await this.#store.recordings.begin(opening);
    if (webhook !== null) this.#toBeTold.add(recordingId);
    if (effect.transcribe) {
      const { hints, language } = effect;
      await this.#transcripts.begin({ appId, callId, recordingId, hints, language, startTimeMs, webhook });
      this.#toBeTranscribed.add(recordingId);
    }
    const { maxDurationMs, maxBytes } = this.#limits;
    return {
      recordingId,
      path,
      format,
      channels,
      farOnly: callerOnly,
      maxDurationMs,
      maxBytes,
      silenceTimeoutMs: silenceMs,
      trimSilence: callerOnly,
      suppressDigits: maskDigits,
    };
  }

  /** Enters the end. Resolves with why the recording is of no use, null when it is there. */
  async end({ recordingId, durationMs, bytes, sha256, error }: RecordingEnd): Promise<string | null> {
    const message = error?.message ?? (bytes === 0 ? 'nothing was recorded' : null);
    const reason = message === null ? null : this.#withoutFolder(message);
    if (bytes > 0) {
      await this.#enter(() => this.#store.recordings.finish(recordingId, { durationMs, bytes, sha256, error: reason }));
      await this.#tell(recordingId);
    } else await this.fail(recordingId, reason ?? 'nothing was recorded');
    return reason;
  }

  /** Enters that nothing came of it. */
  async fail(recordingId: string, reason: string): Promise<void> {
    await this.#enter(() => this.#store.recordings.fail(recordingId, this.#withoutFolder(reason)));
    await this.#tell(recordingId);
  }

  /** Where files lie on this machine is no business of who reads the API. */
  #withoutFolder(reason: string): string {
    return reason.replaceAll(join(this.#limits.dir, sep), '');
  }

  /** A database that is away is waited for: else nobody would be told before the next start. */
  async #enter(ending: () => Promise<void>): Promise<void> {
    await patiently(ending, { whileAway: true });
  }

  /** The books know already that somebody is to be told: what is missed here is found at the next start. */
  async #tell(recordingId: string): Promise<void> {
    if (this.#toBeTranscribed.delete(recordingId)) this.#transcripts.wake();
    if (this.#toBeTold.delete(recordingId)) await this.#webhooks.enqueue(recordingId).catch(this.#onError);
  }

  /** Finishes what a killed process left. To be called once, before calls are taken. */
  async recover(): Promise<void> {
    const unfinished = await this.#store.recordings.unfinished();
    const folders = new Set(unfinished.map(({ file }) => dirname(join(this.#limits.dir, file))));
    for (const folder of folders) {
      await recoverRecordings(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
    for (const { recordingId, file } of unfinished) {
      // A file may have had its own name already when the process was killed, here or before the books were told.
      const ending = await finishedFile(join(this.#limits.dir, file));
      if (ending === null) {
        await this.#store.recordings.fail(recordingId, 'the server was stopped before anything was recorded');
      } else await this.#store.recordings.finish(recordingId, ending);
    }
    for (const recordingId of await this.#store.recordings.pendingWebhooks()) await this.#webhooks.enqueue(recordingId);
    this.#transcripts.wake();
  }
}
