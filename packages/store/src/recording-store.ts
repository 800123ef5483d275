import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely';
import { beganBefore } from './began-before.ts';
import type { RecordingStore } from './contract.ts';
import { storableText, toJsonText } from './json-text.ts';
import type { DeliveryState, RecordingRow } from './rows.ts';
import type { RecordingTable, Tables } from './tables.ts';
import { isUuid } from './uuid.ts';

/** Of a recording that is over. */
const toBeTold = sql<DeliveryState>`case when webhook is null then 'none' else 'pending' end`;

export function createRecordingStore(db: Kysely<Tables>): RecordingStore {
  const setWebhook = async (recordingId: string, state: DeliveryState, error: string | null) => {
    await db
      .updateTable('recordings')
      .set({ webhook_state: state, webhook_error: error })
      .where('recording_id', '=', recordingId)
      .execute();
  };
  const rows = () =>
    db
      .selectFrom('recordings')
      .selectAll('recordings')
      .select(({ exists, selectFrom }) =>
        exists(
          selectFrom('transcripts')
            .select('transcript_id')
            .whereRef('transcripts.recording_id', '=', 'recordings.recording_id'),
        ).as('has_transcript'),
      );
  return {
    begin: async ({ recordingId, appId, callId, name, file, format, channels, startTimeMs, webhook }) => {
      await db
        .insertInto('recordings')
        .values({
          recording_id: recordingId,
          app_id: appId,
          call_id: callId,
          name,
          file,
          format,
          channels,
          start_time: new Date(startTimeMs),
          status: 'recording',
          webhook: webhook === null ? null : toJsonText(webhook),
        })
        .execute();
    },
    finish: async (recordingId, { durationMs, bytes, sha256, error = null }) => {
      await db
        .updateTable('recordings')
        .set({ status: 'ready', duration_ms: durationMs, bytes, sha256, error, webhook_state: toBeTold })
        .where('recording_id', '=', recordingId)
        .execute();
    },
    fail: async (recordingId, error) => {
      await db
        .updateTable('recordings')
        .set({ status: 'failed', error, webhook_state: toBeTold })
        .where('recording_id', '=', recordingId)
        .execute();
    },
    get: async (recordingId) => {
      const row = await rows().where('recording_id', '=', recordingId).executeTakeFirst();
      return row === undefined ? null : recordingRow(row);
    },
    list: async ({ appId, callId, beforeTimeMs, beforeId, limit }) => {
      if (!isUuid(appId)) return [];
      let query = rows().where('app_id', '=', appId);
      if (callId !== undefined) query = query.where('call_id', '=', callId);
      if (beforeTimeMs !== undefined) query = query.where(beganBefore(beforeTimeMs, 'recording_id', beforeId));
      const found = await query.orderBy('start_time', 'desc').orderBy('recording_id').limit(limit).execute();
      return found.map(recordingRow);
    },
    unfinished: async () => {
      const found = await rows().where('status', '=', 'recording').execute();
      return found.map(recordingRow);
    },
    webhookDelivered: (recordingId) => setWebhook(recordingId, 'delivered', null),
    webhookFailed: (recordingId, error) => setWebhook(recordingId, 'failed', storableText(error)),
    pendingWebhooks: async () => {
      const found = await db
        .selectFrom('recordings')
        .select('recording_id')
        .where('webhook_state', '=', 'pending')
        .execute();
      return found.map((row) => row.recording_id);
    },
    remove: async (recordingId) => {
      const { numDeletedRows } = await db
        .deleteFrom('recordings')
        .where('recording_id', '=', recordingId)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

function recordingRow(row: Selectable<RecordingTable> & { has_transcript: SqlBool }): RecordingRow {
  return {
    recordingId: row.recording_id,
    appId: row.app_id,
    callId: row.call_id,
    name: row.name,
    file: row.file,
    format: row.format,
    channels: row.channels,
    startTimeMs: row.start_time.getTime(),
    status: row.status,
    hasTranscript: row.has_transcript === true,
    // A bigint arrives as text.
    durationMs: row.duration_ms === null ? null : Number(row.duration_ms),
    bytes: row.bytes === null ? null : Number(row.bytes),
    sha256: row.sha256,
    error: row.error,
    webhook: row.webhook,
    webhookState: row.webhook_state,
    webhookError: row.webhook_error,
  };
}
