import { type Kysely, type Selectable, sql } from 'kysely';
import { beganBefore } from './began-before.ts';
import type { MessageStore } from './contract.ts';
import { storableText, toJsonText } from './json-text.ts';
import type { MessageOpening, MessageRow, OutboundMessage } from './message-rows.ts';
import type { MessageTable, Tables } from './tables.ts';
import { isUuid } from './uuid.ts';

export function createMessageStore(db: Kysely<Tables>, processId: string): MessageStore {
  const facts = (message: MessageOpening | OutboundMessage) => ({
    message_id: message.messageId,
    app_id: message.appId,
    caller_no: storableText(message.callerNo),
    api_no: message.apiNo,
    text_message: storableText(message.textMessage),
    media_urls: toJsonText(message.mediaUrls),
    origin: message.origin,
    start_time: new Date(message.startTimeMs),
    process_id: processId,
  });
  return {
    receive: (message, consent) =>
      db.transaction().execute(async (transaction) => {
        const { appId, callerNo } = message;
        const externalId = message.externalId === null ? null : storableText(message.externalId);
        const inserted = await transaction
          .insertInto('messages')
          .values({
            ...facts(message),
            direction: 'inbound',
            keyword: message.keyword,
            external_id: externalId,
            status: 'received',
          })
          .onConflict((conflict) => conflict.column('external_id').doNothing())
          .returning('message_id')
          .executeTakeFirst();
        if (inserted === undefined) {
          const known = await transaction
            .selectFrom('messages')
            .select('message_id')
            .where('external_id', '=', externalId)
            .executeTakeFirstOrThrow();
          return { messageId: known.message_id, isNew: false };
        }
        if (consent === 'withdrawn') {
          await transaction
            .insertInto('opt_outs')
            .values({ app_id: appId, no: storableText(callerNo) })
            .onConflict((conflict) => conflict.doNothing())
            .execute();
        } else if (consent === 'given') {
          await transaction
            .deleteFrom('opt_outs')
            .where('app_id', '=', appId)
            .where('no', '=', storableText(callerNo))
            .execute();
        }
        return { messageId: inserted.message_id, isNew: true };
      }),
    finish: async (messageId, { status, error, endTimeMs }) => {
      await db
        .updateTable('messages')
        .set({ status, error: error === null ? null : storableText(error), end_time: new Date(endTimeMs) })
        .where('message_id', '=', messageId)
        .execute();
    },
    add: async (message) => {
      const { status, error, callId, endTimeMs } = message;
      await db
        .insertInto('messages')
        .values({
          ...facts(message),
          direction: 'outbound',
          status,
          error: error === null ? null : storableText(error),
          call_id: callId,
          end_time: new Date(endTimeMs),
        })
        // Whoever heard no answer writes it again.
        .onConflict((conflict) => conflict.column('message_id').doNothing())
        .execute();
    },
    get: async (messageId) => {
      const row = await db.selectFrom('messages').selectAll().where('message_id', '=', messageId).executeTakeFirst();
      return row === undefined ? null : messageRow(row);
    },
    list: async ({ appId, direction, beginTimeMs, endTimeMs, endId, limit }) => {
      if (!isUuid(appId)) return [];
      let query = db.selectFrom('messages').selectAll().where('app_id', '=', appId);
      if (beginTimeMs !== undefined) query = query.where('start_time', '>=', new Date(beginTimeMs));
      if (endTimeMs !== undefined) query = query.where(beganBefore(endTimeMs, 'message_id', endId));
      if (direction !== undefined) query = query.where('direction', '=', direction);
      const rows = await query.orderBy('start_time', 'desc').orderBy('message_id').limit(limit).execute();
      return rows.map(messageRow);
    },
    hasOptedOut: async (appId, no) => {
      const row = await db
        .selectFrom('opt_outs')
        .select('no')
        .where('app_id', '=', appId)
        .where('no', '=', no)
        .executeTakeFirst();
      return row !== undefined;
    },
    recover: async (error) => {
      const { numUpdatedRows } = await db
        .updateTable('messages')
        .set({ status: 'failed', error, end_time: new Date() })
        .where('end_time', 'is', null)
        .where('process_id', '<>', processId)
        .where(
          sql<boolean>`not exists (select from pg_stat_activity where application_name = 'voxology-' || messages.process_id)`,
        )
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },
  };
}

function messageRow(row: Selectable<MessageTable>): MessageRow {
  return {
    messageId: row.message_id,
    appId: row.app_id,
    direction: row.direction,
    type: row.media_urls.length === 0 ? 'sms' : 'mms',
    callerNo: row.caller_no,
    apiNo: row.api_no,
    textMessage: row.text_message,
    mediaUrls: row.media_urls,
    keyword: row.keyword,
    origin: row.origin,
    callId: row.call_id,
    status: row.status,
    error: row.error,
    startTimeMs: row.start_time.getTime(),
    endTimeMs: row.end_time?.getTime() ?? null,
  };
}
