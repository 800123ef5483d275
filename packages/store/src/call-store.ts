import { type Kysely, type Selectable, sql } from 'kysely';
import { beganBefore } from './began-before.ts';
import type { LaterColumns } from './call-columns.ts';
import type { CallWriter } from './call-writer.ts';
import type { CallStore, Recovery } from './contract.ts';
import type { EventLog } from './event-log.ts';
import type { CallEnding, CallListFilter, CallOpening, CallRow } from './rows.ts';
import type { CallTable, Tables } from './tables.ts';

export function createCallStore(parts: {
  db: Kysely<Tables>;
  writer: CallWriter;
  events: EventLog;
  processId: string;
}): CallStore {
  const { db, writer, events, processId } = parts;
  const change = (callId: string, columns: LaterColumns) => writer.push({ kind: 'change', callId, columns });
  return {
    open: async (call) => {
      const opened = writer.push({ kind: 'open', callId: call.callId, columns: openingColumns(call, processId) });
      await (call.dialog == null ? opened : Promise.all([opened, change(call.callId, { dialog: call.dialog })]));
    },
    answered: (callId, { answerTimeMs, dialog }) => change(callId, { answer_time: answerTimeMs, dialog }),
    setDialog: (callId, dialog) => change(callId, { dialog }),
    finish: (callId, ending) => {
      events.release(callId);
      return change(callId, endingColumns(ending));
    },
    endCallbackDelivered: (callId) => change(callId, { end_callback_state: 'delivered' }),
    endCallbackFailed: (callId, error) => change(callId, { end_callback_state: 'failed', end_callback_error: error }),
    get: async (callId) => {
      const row = await db.selectFrom('calls').selectAll().where('call_id', '=', callId).executeTakeFirst();
      return row === undefined ? null : callRow(row);
    },
    list: (filter) => listCalls(db, filter),
    recover: () => recoverCalls(db, processId),
  };
}

async function listCalls(db: Kysely<Tables>, filter: CallListFilter): Promise<CallRow[]> {
  const { beginTimeMs, endTimeMs, endId, direction, finished } = filter;
  let query = db.selectFrom('calls').selectAll().where('app_id', '=', filter.appId);
  if (beginTimeMs !== undefined) query = query.where('start_time', '>=', new Date(beginTimeMs));
  if (endTimeMs !== undefined) query = query.where(beganBefore(endTimeMs, 'call_id', endId));
  if (direction !== undefined) query = query.where('direction', '=', direction);
  if (finished !== undefined) query = query.where('end_time', finished ? 'is not' : 'is', null);
  const rows = await query.orderBy('start_time', 'desc').orderBy('call_id').limit(filter.limit).execute();
  return rows.map(callRow);
}

/** A running process has a connection under its name (`applicationName`). */
async function recoverCalls(db: Kysely<Tables>, processId: string): Promise<Recovery> {
  const { rows } = await sql<Selectable<CallTable>>`
    update calls set process_id = ${processId}
    where (end_time is null or end_callback_state = 'pending') and process_id <> ${processId}
      and not exists (
        select from pg_stat_activity where application_name = 'voxology-' || calls.process_id
      )
    returning *`.execute(db);
  const recovery: Recovery = { unfinished: [], pendingEndCallbacks: [] };
  for (const row of rows) {
    if (row.end_time === null) recovery.unfinished.push(callRow(row));
    else if (row.end_callback !== null) {
      recovery.pendingEndCallbacks.push({ callId: row.call_id, endCallback: row.end_callback });
    }
  }
  return recovery;
}

function openingColumns(call: CallOpening, processId: string) {
  return {
    call_id: call.callId,
    id: call.id,
    app_id: call.appId,
    subaccount_id: call.subaccountId,
    direction: call.direction,
    caller_no: call.callerNo,
    api_no: call.apiNo,
    start_time: call.startTimeMs,
    origin_api: call.originApi,
    sip_domain: call.sipDomain,
    sip_forwarded_for: call.sipForwardedFor,
    process_id: processId,
  };
}

function endingColumns(ending: CallEnding): LaterColumns {
  return {
    end_time: ending.endTimeMs,
    duration_ms: ending.durationMs,
    connect_time_sec: ending.connectTimeSec,
    status: ending.status,
    hangup_end: ending.hangupEnd,
    detection: ending.detection,
    error: ending.error,
    audio: ending.audio ?? null,
    end_callback: ending.endCallback,
    end_callback_state: ending.endCallback === null ? 'none' : 'pending',
  };
}

function callRow(row: Selectable<CallTable>): CallRow {
  return {
    callId: row.call_id,
    id: row.id,
    appId: row.app_id,
    subaccountId: row.subaccount_id,
    direction: row.direction,
    callerNo: row.caller_no,
    apiNo: row.api_no,
    startTimeMs: row.start_time.getTime(),
    answerTimeMs: row.answer_time?.getTime() ?? null,
    endTimeMs: row.end_time?.getTime() ?? null,
    // A bigint arrives as text.
    durationMs: row.duration_ms === null ? null : Number(row.duration_ms),
    connectTimeSec: row.connect_time_sec,
    status: row.status,
    hangupEnd: row.hangup_end,
    detection: row.detection,
    error: row.error,
    audio: row.audio,
    originApi: row.origin_api,
    sipDomain: row.sip_domain,
    sipForwardedFor: row.sip_forwarded_for,
    dialog: row.dialog,
    processId: row.process_id,
    endCallback: row.end_callback,
    endCallbackState: row.end_callback_state,
    endCallbackError: row.end_callback_error,
  };
}
