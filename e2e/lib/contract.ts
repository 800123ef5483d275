/** The published contract of callbacks and call logs, as the tests check it (voxology-api §3.2, §1.2.9). */
import { between, equal, matches } from './check.ts';

export const CALLBACK_FIELDS = [
  'api_no',
  'api_no_city',
  'api_no_country',
  'api_no_region',
  'api_no_timezone',
  'app_id',
  'call_id',
  'caller_no',
  'caller_no_city',
  'caller_no_country',
  'caller_no_region',
  'caller_no_timezone',
  'custom_data',
  'detection',
  'direction',
  'duration',
  'end_time',
  'key_presses',
  'recordings',
  'session_data',
  'sip_domain',
  'sip_forwarded_for',
  'start_time',
  'status',
  'subaccount_id',
  'type',
];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ISO_MS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const E164 = /^\+[1-9]\d{6,14}$/;
const ZONE = /^(|[A-Z][A-Za-z_]+\/[A-Za-z_/]+)$/;

export interface ExpectedCallback {
  type: 'init_call' | 'live_call' | 'end_call';
  direction: 'inbound' | 'outbound';
  callerNo: string;
  apiNo: string;
  status: string;
  keyPresses: unknown[];
  sessionData: unknown;
  customData: unknown;
}

/** Every field of a callback's JSON body, with its type and, where the test knows it, its value. */
export function checkCallbackBody(body: unknown, expected: ExpectedCallback): Record<string, unknown> {
  if (typeof body !== 'object' || body === null) throw new Error(`the callback has no JSON object: ${String(body)}`);
  const fields = body as Record<string, unknown>;
  equal(Object.keys(fields).sort(), CALLBACK_FIELDS, 'fields of the callback');
  equal(fields.type, expected.type, 'type');
  matches(fields.app_id, UUID, 'app_id');
  equal(fields.subaccount_id, '0', 'subaccount_id');
  matches(fields.call_id, /^\S+$/, 'call_id');
  matches(fields.start_time, ISO_MS, 'start_time');
  if (expected.type === 'end_call') matches(fields.end_time, ISO_MS, 'end_time');
  else equal(fields.end_time, null, 'end_time while the call is up');
  equal(fields.direction, expected.direction, 'direction');
  between(fields.duration, 0, 120_000, 'duration');
  equal(Number.isInteger(fields.duration), true, 'duration is whole milliseconds');
  equal(fields.status, expected.status, 'status');
  matches(fields.detection, /^(unknown|live_person)$/, 'detection');
  for (const [field, no] of [
    ['caller_no', expected.callerNo],
    ['api_no', expected.apiNo],
  ] as const) {
    equal(fields[field], no, field);
    matches(fields[field], E164, field);
    for (const part of ['city', 'region']) matches(fields[`${field}_${part}`], /^.*$/, `${field}_${part}`);
    equal(fields[`${field}_country`], 'US', `${field}_country`);
    matches(fields[`${field}_timezone`], ZONE, `${field}_timezone`);
  }
  equal(fields.key_presses, expected.keyPresses, 'key_presses');
  equal(fields.recordings, [], 'recordings');
  equal(fields.session_data, expected.sessionData, 'session_data');
  equal(fields.custom_data, expected.customData, 'custom_data');
  matches(fields.sip_domain, /./, 'sip_domain');
  equal(fields.sip_forwarded_for, '127.0.0.1', 'sip_forwarded_for');
  return fields;
}

export interface ExpectedLog {
  callId: string;
  direction: 'inbound' | 'outbound';
  callerNo: string;
  apiNo: string;
  status: string;
  hangupEnd: 'caller' | 'api';
  /** Seconds connected, at least and at most. */
  connectTimeSec: [number, number];
  error?: RegExp | null;
}

/** Every field of a call's log row. */
export function checkCallLog(log: Record<string, unknown>, expected: ExpectedLog): void {
  matches(log.id, UUID, 'id');
  matches(log.app_id, UUID, 'app_id');
  equal(log.subaccount_id, 0, 'subaccount_id');
  equal(log.call_id, expected.callId, 'call_id');
  equal(log.caller_no, expected.callerNo, 'caller_no');
  equal(log.api_no, expected.apiNo, 'api_no');
  matches(log.start_time, ISO_MS, 'start_time');
  matches(log.end_time, ISO_MS, 'end_time');
  equal(log.type, 'voice', 'type');
  equal(log.direction, expected.direction, 'direction');
  equal(log.hangup_end, expected.hangupEnd, 'hangup_end');
  const span = Date.parse(String(log.end_time)) - Date.parse(String(log.start_time));
  between(log.duration, span - 2, span + 2, 'duration is end minus start');
  equal(log.status, expected.status, 'status');
  matches(log.detection, /^(unknown|live_person)$/, 'detection');
  if (expected.error instanceof RegExp) matches(log.error, expected.error, 'error');
  else equal(log.error, null, 'error');
  between(log.connect_time_sec, expected.connectTimeSec[0], expected.connectTimeSec[1], 'connect_time_sec');
  const seconds = log.connect_time_sec as number;
  equal(log.connect_time_billed, Math.ceil(seconds / 6) / 10, 'connect_time_billed in steps of six seconds');
  equal(log.origin_api, 'CallFlows', 'origin_api');
  equal(log.service, 'programmable_voice', 'service');
  equal(typeof (log.charge as { total?: unknown } | undefined)?.total, 'number', 'charge.total');
}
