import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { CallRow } from '@voxology/store';
import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import { AudioOfCall, presentAudio } from '../schema/call-audio.ts';
import { CallIdParams } from '../schema/call-id.ts';
import { ApiError, errors } from '../schema/error.ts';
import { ListQuery, listedPeriod } from '../schema/log-list.ts';

const BILLING_STEP_S = 6;
const S_PER_MIN = 60;

const CallRecord = Type.Object({
  id: Type.String({ format: 'uuid' }),
  app_id: Type.String({ format: 'uuid' }),
  subaccount_id: Type.Integer(),
  call_id: Type.String(),
  caller_no: Type.String(),
  api_no: Type.String(),
  start_time: Type.String({ format: 'date-time' }),
  end_time: Type.String({ format: 'date-time' }),
  type: Type.Literal('voice'),
  direction: Type.Union([Type.Literal('inbound'), Type.Literal('outbound')]),
  hangup_end: Type.String({ description: '`caller`: the remote party ended the call; `api`: we did.' }),
  duration: Type.Integer({ description: 'Milliseconds from start to end.' }),
  status: Type.String({ description: '`completed`, `busy`, `no-answer`, `failed` or `canceled`.' }),
  detection: Type.String(),
  error: Type.Union([Type.String(), Type.Null()]),
  audio: AudioOfCall,
  connect_time_billed: Type.Number({ description: 'Minutes, in steps of 6 seconds.' }),
  connect_time_sec: Type.Integer({ description: 'Seconds from the answer.' }),
  origin_api: Type.String(),
  charge: Type.Object({ total: Type.Number({ description: 'Your own server charges nothing.' }) }),
  service: Type.Literal('programmable_voice'),
});

const CallRecords = Type.Object({
  is_truncated: Type.Boolean({
    description: 'There are more; ask again with `end_date` at the last `start_time` and `end_id` at its `call_id`.',
  }),
  begin_date: Type.String({ format: 'date-time' }),
  end_date: Type.String({ format: 'date-time' }),
  logs: Type.Array(CallRecord),
});

/** Records of past calls (voxology-api.md §1.2.9; the list as §6.8). */
export function historyRoutes({ store }: ApiContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/History/Logs/Calls',
      {
        schema: {
          summary: 'List the records of calls',
          description:
            'The newest first, of those that began at the same moment the one with the lesser id; calls that are up are not among them.',
          tags: ['Logs'],
          querystring: ListQuery,
          response: { 200: CallRecords, ...errors(400, 401) },
        },
      },
      async ({ appId, query }) => {
        const { most, period, shown } = listedPeriod(query);
        const { direction } = query;
        const rows = await store.calls.list({ appId, ...period, direction, finished: true, limit: most + 1 });
        return {
          is_truncated: rows.length > most,
          ...shown,
          logs: rows
            .slice(0, most)
            .map(present)
            .filter((record) => record !== null),
        };
      },
    );

    app.get(
      '/History/Logs/Calls/:call_id',
      {
        schema: {
          summary: 'Read the record of a call',
          description: '404 while the call is up: the record is written when it ends.',
          tags: ['Logs'],
          params: CallIdParams,
          response: { 200: CallRecord, ...errors(401, 404) },
        },
      },
      async ({ appId, params: { call_id: callId } }) => {
        const row = await store.calls.get(callId);
        const record = row === null || row.appId !== appId ? null : present(row);
        if (record === null) {
          throw new ApiError(
            404,
            `There is no record of a call ${callId}`,
            'Records appear when a call ends: try again shortly.',
          );
        }
        return record;
      },
    );
  };
}

function present(row: CallRow) {
  const { endTimeMs, status, hangupEnd } = row;
  if (endTimeMs === null || status === null || hangupEnd === null) return null;
  const connectTimeSec = row.connectTimeSec ?? 0;
  return {
    id: row.id,
    app_id: row.appId,
    subaccount_id: row.subaccountId,
    call_id: row.callId,
    caller_no: row.callerNo,
    api_no: row.apiNo,
    start_time: new Date(row.startTimeMs).toISOString(),
    end_time: new Date(endTimeMs).toISOString(),
    type: 'voice' as const,
    direction: row.direction,
    hangup_end: hangupEnd,
    duration: row.durationMs ?? 0,
    status,
    detection: row.detection ?? 'unknown',
    error: row.error,
    audio: presentAudio(row.audio),
    connect_time_billed: (Math.ceil(connectTimeSec / BILLING_STEP_S) * BILLING_STEP_S) / S_PER_MIN,
    connect_time_sec: connectTimeSec,
    origin_api: row.originApi,
    charge: { total: 0 },
    service: 'programmable_voice' as const,
  };
}
