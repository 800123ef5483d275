import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { MessageRow } from '@voxology/store';
import { type Static, Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import { ApiError, errors } from '../schema/error.ts';
import { ListQuery, listedPeriod } from '../schema/log-list.ts';
import { PrintableId } from '../schema/printable-id.ts';

const Nullable = (description: string) => Type.Union([Type.String(), Type.Null()], { description });

const MessageRecord = Type.Object({
  message_id: Type.String(),
  app_id: Type.String({ format: 'uuid' }),
  subaccount_id: Type.Integer(),
  caller_no: Type.String({ description: 'The remote party, in both directions.' }),
  api_no: Type.String({ description: 'Your number.' }),
  start_time: Type.String({ format: 'date-time' }),
  end_time: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
    description: '`null` while the flow of the message runs.',
  }),
  type: Type.Union([Type.Literal('sms'), Type.Literal('mms')]),
  direction: Type.Union([Type.Literal('inbound'), Type.Literal('outbound')]),
  text_message: Type.String(),
  media_urls: Type.Array(Type.String()),
  keyword_detected: Nullable('A message that came in: its keyword.'),
  status: Type.String({
    description: 'In: `received` while its flow runs, `completed`, `failed`. Out: `sent`, `opt-out`, `failed`.',
  }),
  error: Nullable('Why it failed.'),
  call_id: Nullable('A message that went out: the call or the message whose flow sent it.'),
  origin_api: Type.Literal('CallFlows'),
  origin: Type.String({
    description:
      'In: `sip` (a phone or a trunk), `http` (the provider), `on-net` (another number of this server). Out: `flow`, `api`.',
  }),
  charge: Type.Object({ total: Type.Number({ description: 'Your own server charges nothing.' }) }),
  service: Type.Literal('programmable_messaging'),
});

const MessageRecords = Type.Object({
  is_truncated: Type.Boolean({
    description: 'There are more; ask again with `end_date` at the last `start_time` and `end_id` at its `message_id`.',
  }),
  begin_date: Type.String({ format: 'date-time' }),
  end_date: Type.String({ format: 'date-time' }),
  logs: Type.Array(MessageRecord),
});

/** Text messages in and out (voxology-api.md §6.8). */
export function messageHistoryRoutes({ store }: ApiContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/History/Logs/Messages',
      {
        schema: {
          summary: 'List text messages',
          description: 'In and out, the newest first; of the same moment the one with the lesser id.',
          tags: ['Logs'],
          querystring: ListQuery,
          response: { 200: MessageRecords, ...errors(400, 401) },
        },
      },
      async ({ appId, query }) => {
        const { most, period, shown } = listedPeriod(query);
        const rows = await store.messages.list({ appId, ...period, direction: query.direction, limit: most + 1 });
        return { is_truncated: rows.length > most, ...shown, logs: rows.slice(0, most).map(present) };
      },
    );

    app.get(
      '/History/Logs/Messages/:message_id',
      {
        schema: {
          summary: 'Read a text message',
          tags: ['Logs'],
          params: Type.Object({ message_id: PrintableId(128) }),
          response: { 200: MessageRecord, ...errors(401, 404) },
        },
      },
      async ({ appId, params: { message_id: messageId } }) => {
        const row = await store.messages.get(messageId);
        if (row?.appId === appId) return present(row);
        throw new ApiError(404, `There is no message ${messageId}`, 'List them with GET /v1/History/Logs/Messages.');
      },
    );
  };
}

function present(row: MessageRow): Static<typeof MessageRecord> {
  return {
    message_id: row.messageId,
    app_id: row.appId,
    subaccount_id: 0,
    caller_no: row.callerNo,
    api_no: row.apiNo,
    start_time: new Date(row.startTimeMs).toISOString(),
    end_time: row.endTimeMs === null ? null : new Date(row.endTimeMs).toISOString(),
    type: row.type,
    direction: row.direction,
    text_message: row.textMessage,
    media_urls: [...row.mediaUrls],
    keyword_detected: row.keyword,
    status: row.status,
    error: row.error,
    call_id: row.callId,
    origin_api: 'CallFlows',
    origin: row.origin,
    charge: { total: 0 },
    service: 'programmable_messaging',
  };
}
