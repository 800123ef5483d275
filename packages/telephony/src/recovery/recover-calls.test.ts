import {
  type CallInfo,
  createInterpreter,
  defaultFlowSettings,
  type Input,
  type Interpreter,
} from '@voxology/callflow';
import type { CallEvent, CallRow, EndCallback } from '@voxology/store';
import { beforeEach, expect, test } from 'vitest';
import { CallLog } from '../call/call-log.ts';
import { CallLogs } from '../call/call-logs.ts';
import type { Delivery } from '../callback/deliveries.ts';
import { APP_ID, MemoryStore, NUMBER, numberRow, USER_NO } from '../testing/memory-store.ts';
import { recoverCalls } from './recover-calls.ts';

const place = { city: '', region: '', country: '', timezone: '' };
const {
  callback: _,
  callbackFailover: __,
  answerOnRing: ___,
  ...limits
} = defaultFlowSettings({
  url: '',
  method: 'GET',
  contentType: '',
});
const NOW_MS = 100_000;

let store: MemoryStore;
let byes: unknown[];
let sent: Delivery[];
let errors: unknown[];

beforeEach(() => {
  store = new MemoryStore();
  [byes, sent, errors] = [[], [], []];
});

function row(changes: Partial<CallRow> = {}): CallRow {
  const opened = {
    callId: 'c1',
    id: 'i',
    appId: APP_ID,
    subaccountId: 0,
    direction: 'inbound',
    callerNo: USER_NO,
    apiNo: NUMBER,
    startTimeMs: 10_000,
    originApi: 'CallFlows',
    sipDomain: 'one.example',
    sipForwardedFor: '',
    dialog: { callId: 'x' },
    answerTimeMs: 20_000,
    ...changes,
  } as CallRow;
  store.rows.set(opened.callId, opened);
  return opened;
}

async function recover(
  interpreter: Interpreter = createInterpreter(),
  nowMs = NOW_MS,
  lastAliveMs = nowMs,
): Promise<void> {
  await recoverCalls({
    store: store.asStore(),
    endpoint: { byeRestored: async (dialog) => void byes.push(dialog) },
    interpreter,
    endCallbacks: {
      send: async (_callId, callback) => void sent.push(callback),
      enqueue: async (callId) => {
        if (callId === 'bad') throw new Error('no database');
        store.jobsAdded.push(callId);
      },
    },
    logs: new CallLogs(store.events),
    places: { of: async () => place },
    limits,
    lastAliveMs,
    nowMs: () => nowMs,
    onError: (_callId, error) => errors.push(error),
  });
}

const callback = { url: 'http://flow.example/', method: 'POST', contentType: 'application/json' } as const;
const info = { ...row0(), callId: 'c1', direction: 'inbound', startTimeMs: 10_000 } as unknown as CallInfo;
function row0() {
  return { appId: APP_ID, subaccountId: '0', callerNo: USER_NO, callerPlace: place, apiNo: NUMBER, apiPlace: place };
}
const start: Input = {
  type: 'start',
  atMs: 10_000,
  call: { ...info, customData: null, sipDomain: 'one.example', sipForwardedFor: '' },
  settings: { ...limits, callback, callbackFailover: null, answerOnRing: true },
  sessionData: { kept: true },
  seed: 1,
};

function logOf(...inputs: Input[]): void {
  const log = new CallLog('c1', store.events);
  for (const input of inputs) log.input(input);
}

test('a call that was up: BYE, its record from the log, its last callback', async () => {
  store.recovery = { unfinished: [row()], pendingEndCallbacks: [] };
  logOf(start, { type: 'answered', atMs: 21_000 });
  await recover();
  expect(byes).toEqual([{ callId: 'x' }]);
  expect(store.row).toMatchObject({
    status: 'failed',
    hangupEnd: 'api',
    connectTimeSec: 79,
    durationMs: 90_000,
    error: expect.stringContaining('process ended'),
  });
  expect(sent[0]?.body).toMatchObject({ type: 'end_call', session_data: { kept: true } });
  const seqs = store.log.map(({ seq }: CallEvent) => seq);
  expect(seqs).toEqual(seqs.map((_seq, index) => index + 1));
  expect(store.logged('effect')).toEqual(['finish']);
});

test('an answer that had not reached the log counts all the same', async () => {
  store.recovery = { unfinished: [row()], pendingEndCallbacks: [] };
  logOf(start);
  await recover();
  expect(store.row.connectTimeSec).toBe(80);
});

test('a call that rang gets no BYE', async () => {
  store.recovery = { unfinished: [row({ answerTimeMs: null })], pendingEndCallbacks: [] };
  logOf(start);
  await recover();
  expect(byes).toEqual([]);
  expect(store.row).toMatchObject({ status: 'failed', connectTimeSec: 0 });
});

test('a row without events is closed from its configuration', async () => {
  store.recovery = { unfinished: [row()], pendingEndCallbacks: [] };
  await recover();
  expect(store.row.connectTimeSec).toBe(80);
  expect(sent[0]?.body).toMatchObject({ type: 'end_call', custom_data: { tenant: 7 } });
});

test('a row whose number lost its configuration is closed without a callback', async () => {
  store.numberRows.set(NUMBER, numberRow(NUMBER, null));
  store.recovery = { unfinished: [row()], pendingEndCallbacks: [] };
  await recover();
  expect(store.row).toMatchObject({ status: 'failed', error: expect.stringContaining('no callback any more') });
  expect(sent).toEqual([]);
});

test('a call that had already ended keeps its end', async () => {
  store.recovery = { unfinished: [row()], pendingEndCallbacks: [] };
  logOf(
    start,
    { type: 'answered', atMs: 21_000 },
    { type: 'ended', atMs: 30_000, status: 'completed', by: 'caller', reason: 'BYE', error: null },
  );
  await recover();
  expect(store.row).toMatchObject({ status: 'completed', hangupEnd: 'caller', endTimeMs: 30_000, connectTimeSec: 9 });
  expect(store.logged('input')).toEqual(['start', 'answered', 'ended']);
});

test('the time the process was down is no part of the call', async () => {
  store.recovery = { unfinished: [row()], pendingEndCallbacks: [] };
  logOf(start, { type: 'answered', atMs: 21_000 });
  await recover(undefined, 10 * 86_400_000, 25_000);
  expect(store.row.endTimeMs).toBe(25_000);
});

test('without a sign of life of the process the last event counts', async () => {
  store.recovery = { unfinished: [row()], pendingEndCallbacks: [] };
  logOf(start, { type: 'answered', atMs: 21_000 });
  await recover(undefined, 10 * 86_400_000, 0);
  expect(store.row.endTimeMs).toBe(21_000);
});

test('a call is never longer than it could have been', async () => {
  store.recovery = { unfinished: [row()], pendingEndCallbacks: [] };
  logOf(start);
  await recover(undefined, 10 * 86_400_000, 9 * 86_400_000);
  expect(store.row.endTimeMs).toBe(20_000 + limits.maxCallTimeMs);
});

test('a log that the interpreter fails on is closed from its milestones', async () => {
  const real = createInterpreter();
  const failing: Interpreter = {
    initialState: () => real.initialState(),
    step: (state, input) => {
      if (input.type === 'digit') throw new Error('defect');
      return real.step(state, input);
    },
  };
  store.recovery = { unfinished: [row()], pendingEndCallbacks: [] };
  logOf(start, { type: 'digit', atMs: 22_000, digit: '1', durationMs: 100 });
  await recover(failing);
  expect(store.row).toMatchObject({ status: 'failed', connectTimeSec: 80 });
  expect(errors).toHaveLength(1);
});

test('pending last callbacks become jobs; one that cannot does not stop the start', async () => {
  const endCallback: EndCallback = { target: callback, failover: null, body: {} };
  store.recovery = {
    unfinished: [],
    pendingEndCallbacks: [
      { callId: 'bad', endCallback },
      { callId: 'c2', endCallback },
    ],
  };
  await recover();
  expect([store.jobsAdded, errors.length]).toEqual([['c2'], 1]);
});

test.each([
  ['both legs of a transfer', { own: { callId: 'own' }, others: { x1: { callId: 'far' } } }, 20_000, ['own', 'far']],
  [
    'the far side of a call not answered yet',
    { own: { callId: 'own' }, others: { x1: { callId: 'far' } } },
    null,
    ['far'],
  ],
  ['a call alone', { own: { callId: 'own' }, others: {} }, 20_000, ['own']],
])('a BYE goes to %s', async (_, dialog, answerTimeMs, expected) => {
  store.recovery = { unfinished: [row({ dialog, answerTimeMs })], pendingEndCallbacks: [] };
  await recover();
  expect(byes.map((bye) => (bye as { callId: string }).callId)).toEqual(expected);
});
