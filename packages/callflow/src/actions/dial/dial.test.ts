import { expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { VirtualCall } from '../../testing/virtual-call.ts';

const HANGUP: JsonObject = { type: 'HANGUP' };
const dial = (params: JsonObject, extra: JsonObject = {}): JsonObject => ({ type: 'DIAL', params, ...extra });
const run = (actions: JsonObject[], sessionData: JsonObject | null = null) =>
  new VirtualCall({ answers: { document: { actions: [...actions, HANGUP] } }, sessionData }).toEnd();
const dialled = (call: VirtualCall) => call.of('dial').map(({ atMs: _, type: __, ...rest }) => rest);

test('hands everything over and goes on at once, without answering', () => {
  const params = { no: '+12125550100', caller_id_no: '+12125550199', timeout: 30, max_call_time: 60_000 };
  const call = run([dial(params, { session_data: { a: 1, b: '$n', c: 'for ${n}' } }), { $after: '1' }], { n: 5 });
  expect(dialled(call)).toEqual([
    {
      no: '+12125550100',
      callerIdNo: '+12125550199',
      sessionData: { a: 1, b: null, c: 'for ' },
      ringTimeoutMs: 30_000,
      maxCallTimeMs: 60_000,
    },
  ]);
  expect(call.effects.map(({ type }) => type)).toEqual(['ring', 'request_callback', 'dial', 'hang_up', 'finish']);
});

test('what is not given: this call’s own number, no session data, the times of the driver', () => {
  expect(dialled(run([dial({ no: ' agent7 ' })]))).toEqual([
    { no: 'agent7', callerIdNo: '+12125550123', sessionData: null, ringTimeoutMs: null, maxCallTimeMs: null },
  ]);
});

test('$sessionData by value', () => {
  const call = run([dial({ no: '1' }, { session_data: '$sessionData' }), { '$sessionData.room': "'other'" }], {
    room: 'x',
  });
  expect(dialled(call)[0]?.sessionData).toEqual({ room: 'x' });
  expect(dialled(run([dial({ no: '1' }, { session_data: '$sessionData' })]))[0]?.sessionData).toBeNull();
});

test('several agents at once, in a loop', () => {
  const loop = { type: 'FOREACH', params: { iterator: '$agents' }, then: [dial({ no: '${val}' })] };
  const call = run([{ $agents: "['+1', '+2', '+3']" }, loop]);
  expect(dialled(call).map(({ no }) => no)).toEqual(['+1', '+2', '+3']);
});

test.each<[string, JsonObject, string]>([
  ['no number', dial({ no: '$missing' }), 'there is no number to call'],
  ['no params', { type: 'DIAL' }, 'there is no number to call'],
])('%s is an error, and nothing is dialled', (_, action, message) => {
  const call = run([action]);
  expect(call.of('dial')).toEqual([]);
  expect(call.messages('error')).toEqual([message]);
});

test.each<[JsonObject, string]>([
  [{ session_data: '$callId' }, 'session_data is a string; an object is expected, none is handed over'],
  [{ session_data: [1] }, 'session_data is a list; an object is expected, none is handed over'],
  [
    { session_data: { a: 'x'.repeat(70_000) } },
    'session_data: a value of 70008 characters is more than 65536; it is not taken',
  ],
])('session data that cannot be used is left out', (extra, warning) => {
  const call = run([dial({ no: '1' }, extra)]);
  expect(dialled(call)[0]?.sessionData).toBeNull();
  expect(call.messages('warning')).toEqual([warning]);
});
