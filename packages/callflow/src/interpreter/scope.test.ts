import { expect, test } from 'vitest';
import type { JsonObject } from '../io.ts';
import { EPOCH_MS, VirtualCall } from '../testing/virtual-call.ts';
import { lookupPath } from './scope.ts';
import type { CallState } from './state.ts';

function callState(): CallState {
  const document = { actions: [{ $mine: "'x'" }, { type: 'COLLECT', params: { num_digits: 1 } }, { type: 'COLLECT' }] };
  const call = new VirtualCall({
    answers: { document },
    call: { customData: { tenant: { id: 7 } }, sipDomain: 'pbx.example' },
    sessionData: { list: ['a', { b: 'c' }], constructor: 'mine' },
  });
  call.advance(600).press('4').advance(400);
  call.input({ type: 'inject_session_data', sessionData: {}, atMs: call.nowMs });
  if (call.state.kind !== 'call') throw new Error('the call has not started');
  return call.state;
}

test.each<[string, unknown]>([
  ['callTime', 900],
  ['duration', 1_000],
  ['keyPresses', '4'],
  ['callId', '17@3423993409'],
  ['callerNo', '+19495550101'],
  ['apiNo', '+12125550123'],
  ['startTime', EPOCH_MS],
  ['endTime', null],
  ['appId', '7d1c2f6e-9a31-4b0f-8d55-2f4f3f0f6a10'],
  ['subaccountId', '0'],
  ['direction', 'inbound'],
  ['status', 'live-in-progress'],
  ['type', 'init_call'],
  ['detection', 'unknown'],
  ['customData.tenant.id', 7],
  ['recordings', []],
  ['callerNoCity', 'Newport Beach'],
  ['callerNoRegion', 'CA'],
  ['callerNoCountry', 'US'],
  ['callerNoTimezone', 'America/Los_Angeles'],
  ['apiNoCity', 'New York'],
  ['apiNoRegion', 'NY'],
  ['apiNoCountry', 'US'],
  ['apiNoTimezone', 'America/New_York'],
  ['sipDomain', 'pbx.example'],
  ['sipForwardedFor', '192.0.2.7'],
  ['mine', 'x'],
  ['sessionData.list.1.b', 'c'],
  ['sessionData.list.length', 2],
  ['sessionData.constructor', 'mine'],
  ['sessionData.toString', undefined],
  ['sessionData.list.push', undefined],
  ['sessionData.missing.deeper', undefined],
  ['constructor', undefined],
  ['__proto__', undefined],
  ['keyPress', undefined],
])('%s', (path, value) => {
  expect(lookupPath(callState(), path.split('.'))).toEqual(value);
});

test('how an action went takes the place of what the flow has assigned to the same name', () => {
  const names = [
    'transferStatus',
    'httpStatus',
    'recordingTime',
    'detection',
    'collectValid',
    'queueStatus',
    'streamStatus',
  ];
  const actions: JsonObject[] = [
    { ...Object.fromEntries(names.map((name) => [`$${name}`, "'mine'"])), $speech: "'mine'" },
    { type: 'COLLECT', params: { timeout: 500 } },
    { type: 'HTTP', params: { url: 'https://example.com', wait: true } },
    { type: 'TRANSFER', params: { no: 'alice' } },
    { type: 'RECORD' },
    { type: 'DETECT' },
    { type: 'QUEUE', params: { name: 'support' } },
    { type: 'STREAM', params: { url: 'wss://example.com', bidirectional: true } },
    { type: 'SAY', params: { text: [...names, 'speech'].map((name) => `\${${name}}`).join(' ') } },
    { $transferStatus: "'mine again'" },
    { type: 'SAY', params: { text: '${transferStatus}' } },
    { type: 'HANGUP' },
  ];
  const call = new VirtualCall({ answers: { document: { actions } } }).toEnd();
  expect(call.heard.slice(-2)).toEqual(['completed 200 10000 live_person true connected completed mine', 'mine again']);
});
