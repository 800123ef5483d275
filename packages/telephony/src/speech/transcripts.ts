import { setTimeout as delay } from 'node:timers/promises';
import {
  type Store,
  StoreError,
  type TranscriptEnding,
  type TranscriptOpening,
  type TranscriptPiece,
} from '@voxology/store';
import type { CallLogs } from '../call/call-logs.ts';
import { patiently } from '../call/patience.ts';
import { Deliveries, type DeliveriesOptions } from '../callback/deliveries.ts';
import { webhookDelivery } from '../callback/webhook-delivery.ts';
import { transcriptFacts } from './transcript-facts.ts';

export interface TranscriptsOptions extends Pick<DeliveriesOptions, 'client'> {
  store: Pick<Store, 'transcripts' | 'calls' | 'jobs'>;
  logs: Pick<CallLogs, 'use' | 'isInUse'>;
}

/** All transcripts in the books, and the webhooks that get them whole. */
export class Transcripts {
  readonly #books: Store['transcripts'];
  readonly #webhooks: Deliveries;
  readonly #ending = new Set<Promise<void>>();
  #isStopped = false;

  constructor({ store: { transcripts, calls, jobs }, client, logs }: TranscriptsOptions) {
    this.#books = transcripts;
    this.#webhooks = new Deliveries({
      client,
      logs,
      task: 'transcript_webhook',
      jobs,
      books: {
        find: async (transcriptId) => {
          const row = await transcripts.get(transcriptId);
          if (row?.webhook == null || row.webhookState !== 'pending') return null;
          const type = row.recordingId === null ? 'end_transcript' : 'recording_transcript';
          const body = { type, ...row.webhook.call, ...transcriptFacts(row) };
          return webhookDelivery(row.webhook, row.callId, body, { logs, calls });
        },
        delivered: (transcriptId) => transcripts.webhookDelivered(transcriptId),
        failed: (transcriptId, error) => transcripts.webhookFailed(transcriptId, error),
      },
    });
  }

  begin(opening: TranscriptOpening): Promise<void> {
    return this.#books.begin(opening);
  }

  add(transcriptId: string, piece: TranscriptPiece): Promise<void> {
    return this.#write(() => this.#books.add(transcriptId, piece));
  }

  /** Enters the end, and has the whole told to who wants it. */
  async finish(transcriptId: string, ending: TranscriptEnding): Promise<void> {
    await this.#write(() => this.#books.finish(transcriptId, ending));
    const row = await this.#books.get(transcriptId);
    if (row?.webhookState === 'pending') await this.#webhooks.enqueue(transcriptId);
  }

  /** Something that {@link stop} waits for. It must not reject. */
  keep(ending: Promise<void>): void {
    this.#ending.add(ending);
    void ending.then(() => this.#ending.delete(ending));
  }

  /** Resolves when those that are about to end have, or after this time; the next start ends the others. */
  async stop(timeoutMs: number): Promise<void> {
    const late = new AbortController();
    const timeout = delay(timeoutMs, undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([Promise.all(this.#ending), timeout]);
    late.abort();
    this.#isStopped = true;
  }

  /** Ends what a killed process left of calls: what was written down by then is kept, and told. Once, before calls are taken. */
  async recover(): Promise<void> {
    const error = 'the server was stopped before the transcript was whole';
    for (const transcriptId of await this.#books.unfinishedOfCalls()) {
      await this.#books.finish(transcriptId, { status: 'ready', error });
    }
    for (const transcriptId of await this.#books.pendingWebhooks()) await this.#webhooks.enqueue(transcriptId);
  }

  /** Waits for a database that is away, as long as the server runs. */
  #write(act: () => Promise<void>): Promise<void> {
    const unlessStopped = async () => {
      if (this.#isStopped) throw new StoreError('closed', 'the server has stopped: the next start ends the transcript');
      await act();
    };
    return patiently(unlessStopped, { whileAway: true });
  }
}
