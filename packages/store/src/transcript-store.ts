import { type Kysely, type Selectable, sql } from 'kysely';
import type { TranscriptStore } from './contract.ts';
import { storableText, toJsonText } from './json-text.ts';
import type { DeliveryState } from './rows.ts';
import type { Tables, TranscriptPieceTable, TranscriptTable } from './tables.ts';
import type { TranscriptPiece, TranscriptRow } from './transcript-rows.ts';
import { isUuid } from './uuid.ts';

/** Of a transcript that is over. */
const toBeTold = sql<DeliveryState>`case when webhook is null then 'none' else 'pending' end`;

export function createTranscriptStore(db: Kysely<Tables>): TranscriptStore {
  const setWebhook = async (transcriptId: string, state: DeliveryState, error: string | null) => {
    await db
      .updateTable('transcripts')
      .set({ webhook_state: state, webhook_error: error })
      .where('transcript_id', '=', transcriptId)
      .execute();
  };
  const withPieces = async (rows: Selectable<TranscriptTable>[]): Promise<TranscriptRow[]> => {
    if (rows.length === 0) return [];
    const ids = rows.map((row) => row.transcript_id);
    const pieces = await db
      .selectFrom('transcript_pieces')
      .selectAll()
      .where('transcript_id', 'in', ids)
      .orderBy('start_ms')
      .orderBy('sequence')
      .execute();
    const byTranscript = Map.groupBy(pieces, (piece) => piece.transcript_id);
    return rows.map((row) => transcriptRow(row, byTranscript.get(row.transcript_id) ?? []));
  };
  return {
    begin: async ({ transcriptId, appId, callId, recordingId, hints, language, startTimeMs, webhook }) => {
      await db
        .insertInto('transcripts')
        .values({
          transcript_id: transcriptId,
          app_id: appId,
          call_id: callId,
          recording_id: recordingId,
          hints: toJsonText(hints),
          language: language === null ? null : storableText(language),
          start_time: new Date(startTimeMs),
          webhook: webhook === null ? null : toJsonText(webhook),
        })
        .execute();
    },
    add: async (transcriptId, { sequence, track, startMs, endMs, text, confidence }) => {
      await db
        .insertInto('transcript_pieces')
        .columns(['transcript_id', 'sequence', 'track', 'start_ms', 'end_ms', 'text', 'confidence'])
        .expression(
          db
            .selectFrom('transcripts')
            .where('transcript_id', '=', transcriptId)
            .select([
              'transcript_id',
              sql<number>`${sequence}::integer`.as('sequence'),
              sql<string>`${track}::text`.as('track'),
              sql<number>`${Math.round(startMs)}::bigint`.as('start_ms'),
              sql<number>`${Math.round(endMs)}::bigint`.as('end_ms'),
              sql<string>`${storableText(text)}::text`.as('text'),
              sql<number | null>`${confidence}::double precision`.as('confidence'),
            ]),
        )
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    clear: async (transcriptId) => {
      await db.deleteFrom('transcript_pieces').where('transcript_id', '=', transcriptId).execute();
    },
    finish: async (transcriptId, { status, error }) => {
      await db
        .updateTable('transcripts')
        .set({ status, error: error === null ? null : storableText(error), webhook_state: toBeTold })
        .where('transcript_id', '=', transcriptId)
        .where('status', '=', 'in_progress')
        .execute();
    },
    get: async (transcriptId) => {
      const rows = await db.selectFrom('transcripts').selectAll().where('transcript_id', '=', transcriptId).execute();
      return (await withPieces(rows))[0] ?? null;
    },
    ofCall: async (appId, callId) => {
      if (!isUuid(appId)) return [];
      const rows = await db
        .selectFrom('transcripts')
        .selectAll()
        .where('call_id', '=', callId)
        .where('app_id', '=', appId)
        .orderBy('start_time')
        .orderBy('transcript_id')
        .execute();
      return withPieces(rows);
    },
    removeOfCall: async (appId, callId) => {
      if (!isUuid(appId)) return 0;
      const { numDeletedRows } = await db
        .deleteFrom('transcripts')
        .where('call_id', '=', callId)
        .where('app_id', '=', appId)
        .where('status', '<>', 'in_progress')
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
    nextRecording: async () => {
      const row = await db
        .selectFrom('transcripts')
        .innerJoin('recordings', 'recordings.recording_id', 'transcripts.recording_id')
        .select(['transcripts.transcript_id', 'recordings.recording_id', 'transcripts.hints', 'transcripts.language'])
        .where('transcripts.status', '=', 'in_progress')
        .where('recordings.status', '<>', 'recording')
        .orderBy('transcripts.start_time')
        .orderBy('transcripts.transcript_id')
        .limit(1)
        .executeTakeFirst();
      if (row === undefined) return null;
      const { transcript_id: transcriptId, recording_id: recordingId, hints, language } = row;
      return { transcriptId, recordingId, hints, language };
    },
    unfinishedOfCalls: async () => {
      const rows = await db
        .selectFrom('transcripts')
        .select('transcript_id')
        .where('status', '=', 'in_progress')
        .where('recording_id', 'is', null)
        .execute();
      return rows.map((row) => row.transcript_id);
    },
    webhookDelivered: (transcriptId) => setWebhook(transcriptId, 'delivered', null),
    webhookFailed: (transcriptId, error) => setWebhook(transcriptId, 'failed', storableText(error)),
    pendingWebhooks: async () => {
      const rows = await db
        .selectFrom('transcripts')
        .select('transcript_id')
        .where('webhook_state', '=', 'pending')
        .execute();
      return rows.map((row) => row.transcript_id);
    },
  };
}

function transcriptRow(
  row: Selectable<TranscriptTable>,
  pieces: readonly Selectable<TranscriptPieceTable>[],
): TranscriptRow {
  return {
    transcriptId: row.transcript_id,
    appId: row.app_id,
    callId: row.call_id,
    recordingId: row.recording_id,
    hints: row.hints,
    language: row.language,
    startTimeMs: row.start_time.getTime(),
    status: row.status,
    error: row.error,
    webhook: row.webhook,
    webhookState: row.webhook_state,
    webhookError: row.webhook_error,
    pieces: pieces.map(pieceOf),
  };
}

function pieceOf(row: Selectable<TranscriptPieceTable>): TranscriptPiece {
  const { sequence, track, text, confidence } = row;
  // A bigint arrives as text.
  return { sequence, track, startMs: Number(row.start_ms), endMs: Number(row.end_ms), text, confidence };
}
