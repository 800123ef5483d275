import type { CallInfo, Effect, Input, Interpreter, InterpreterState } from '@voxology/callflow';
import { createInterpreter, defaultFlowSettings } from '@voxology/callflow';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Call, type CallServices } from './call.ts';
import { CallLog } from './call-log.ts';
import type { Conclusion } from './conclude.ts';
import type { Leg } from './leg.ts';

const settings = defaultFlowSettings({ url: 'http://flow.example/', method: 'GET', contentType: 'application/json' });
const place = { city: '', region: '', country: '', timezone: '' };
const info: CallInfo = {
  callId: 'c1',
  appId: 'a',
  subaccountId: '0',
  direction: 'inbound',
  callerNo: '+12125550101',
  callerPlace: place,
  apiNo: '+14155550100',
  apiPlace: place,
  startTimeMs: 1000,
  customData: null,
  sipDomain: 'one.example',
  sipForwardedFor: '',
};

let acts: string[];
let finished: Conclusion[];
let defects: unknown[];
let prompt: { resolve(id: string): void; reject(error: Error): void };
let logged: string[];

beforeEach(() => {
  [acts, finished, defects, logged] = [[], [], [], []];
});

/** A call whose interpreter answers each input with the effects given for its type. */
function callWith(effectsOf: Partial<Record<Input['type'], Effect[]>>, interpreter?: Interpreter): Call {
  const scripted: Interpreter = {
    initialState: () => ({ kind: 'fresh' }),
    step: (state: InterpreterState, input: Input) => ({ state, effects: effectsOf[input.type] ?? [], events: [] }),
  };
  const services: CallServices = {
    interpreter: interpreter ?? scripted,
    callbacks: { ask: async () => ({ type: 'callback_failed', requestId: 'r1', reason: 'no' }) },
    prompts: {
      get: () =>
        new Promise((resolve, reject) => {
          prompt = { resolve: (id) => resolve({ id, durationMs: 1 }), reject };
        }),
    },
    finish: { finish: async (_call, _leg, conclusion) => void finished.push(conclusion) },
    nowMs: () => 5000,
    dial: async (_info, { no }) => {
      acts.push(`dial ${no}`);
      if (no === '911') throw new Error('emergency');
    },
    onDefect: (_callId, error) => defects.push(error),
    attachments: {} as never,
    http: {} as never,
    messages: {} as never,
    connections: {
      transfer: () => {
        throw new Error('no transfers here');
      },
      conferences: { carryOut: () => undefined, drop: () => undefined },
      queues: { carryOut: () => undefined, drop: () => undefined, huntOf: () => null },
    },
  };
  const log = new CallLog('c1', {
    append: (_callId, events) => {
      logged.push(...events.map(({ seq, kind, type }) => `${seq} ${kind} ${type}`));
      return true;
    },
  });
  const call = new Call(info, log, services);
  const leg: Leg = {
    session: null,
    earlyMedia: () => undefined,
    background: () => undefined,
    ring: () => acts.push('ring'),
    answer: () => {
      acts.push('answer');
      call.post({ type: 'answered' });
      acts.push('answered posted');
    },
    play: (id, { id: promptId }) => {
      if (promptId === 'gone') throw new Error('The prompt "gone" is not loaded');
      acts.push(`play ${id} ${promptId}`);
    },
    stopPlayback: (id) => acts.push(`stop ${id}`),
    sendDigits: (id, digits) => acts.push(`send ${id} ${digits}`),
    passKeysTo: () => undefined,
    hangUp: (reason) => {
      acts.push(`hang up: ${reason}`);
      call.post({ type: 'ended', status: 'failed', by: 'api', reason, error: null });
    },
    release: async () => null,
  };
  call.start(leg, settings, null, 1);
  return call;
}

const play: Effect = {
  type: 'play',
  playbackId: 'p1',
  source: { kind: 'say', text: 'x', voice: null, language: null },
};
const hangUp: Effect = { type: 'hang_up', reason: 'x', sipStatus: null };
const stop: Effect = { type: 'stop_playback', playbackId: 'p1' };
const finish = { type: 'finish', target: settings.callback, failover: null, body: {}, record: {} } as unknown as Effect;

describe('a call', () => {
  test('steps one input after the other, also those posted from within an effect', () => {
    callWith({ start: [{ type: 'answer' }, { type: 'ring' }], answered: [hangUp], ended: [finish] });
    expect(acts).toEqual(['answer', 'answered posted', 'ring', 'hang up: x']);
    expect(logged).toEqual([
      '1 input start',
      '2 effect answer',
      '3 effect ring',
      '4 input answered',
      '5 effect hang_up',
      '6 input ended',
      '7 effect finish',
    ]);
  });

  test('plays a prompt when it is there', async () => {
    callWith({ start: [play] });
    prompt.resolve('a');
    await vi.waitFor(() => expect(acts).toEqual(['play p1 a']));
  });

  test('tells the flow of a prompt that cannot be had, or cannot be played any more', async () => {
    callWith({ start: [play], playback_failed: [{ type: 'ring' }] });
    prompt.reject(new Error('404'));
    await vi.waitFor(() => expect(acts).toEqual(['ring']));
    callWith({ start: [play], playback_failed: [{ type: 'answer' }] });
    prompt.resolve('gone');
    await vi.waitFor(() => expect(acts).toContain('answer'));
  });

  test('a playback stopped while its prompt is made ends as stopped, once, and is never played', async () => {
    callWith({ start: [play, stop], playback_ended: [{ type: 'ring' }], playback_failed: [{ type: 'answer' }] });
    prompt.reject(new Error('aborted'));
    await new Promise(setImmediate);
    expect(acts).toEqual(['ring']);
  });

  test('a prompt that comes after the end is not played', async () => {
    const call = callWith({ start: [play], ended: [finish] });
    call.post({ type: 'ended', status: 'completed', by: 'caller', reason: 'BYE', error: null });
    prompt.resolve('a');
    await new Promise(setImmediate);
    expect([acts, finished.length, call.over]).toEqual([[], 1, true]);
    call.post({ type: 'ended', status: 'failed', by: 'api', reason: 'again', error: null });
    expect(finished).toHaveLength(1);
  });

  test('dials others without waiting for them, and notes why it cannot', async () => {
    const dial = (no: string): Effect => ({
      type: 'dial',
      no,
      callerIdNo: info.apiNo,
      sessionData: null,
      ringTimeoutMs: null,
      maxCallTimeMs: null,
    });
    callWith({ start: [dial('911'), dial('alice'), { type: 'send_digits', sendId: 's1', digits: '1w2' }] });
    await new Promise(setImmediate);
    expect(acts).toEqual(['dial 911', 'dial alice', 'send s1 1w2']);
    expect(logged.at(-1)).toBe('5 event error');
  });

  test('timers stop with the call', () => {
    vi.useFakeTimers();
    const timer: Effect = { type: 'set_timer', timerId: 't1', durationMs: 10 };
    const call = callWith({ start: [timer], timer: [{ type: 'ring' }], ended: [finish] });
    vi.advanceTimersByTime(10);
    expect(acts).toEqual(['ring']);
    call.post({ type: 'ended', status: 'completed', by: 'caller', reason: 'BYE', error: null });
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});

describe('an interpreter that fails', () => {
  const failingOn = (...types: Input['type'][]): Interpreter => {
    const real = createInterpreter();
    return {
      initialState: () => real.initialState(),
      step: (state, input) => {
        if (types.includes(input.type)) throw new Error(`defect on ${input.type}`);
        return real.step(state, input);
      },
    };
  };

  test('ends the call, which keeps its record and last callback', () => {
    const call = callWith({}, failingOn('digit'));
    call.post({ type: 'digit', digit: '1', durationMs: 100 });
    expect(acts).toEqual(['ring', 'hang up: internal error']);
    expect(defects).toHaveLength(1);
    expect(finished).toMatchObject([{ record: { status: 'failed' }, endCallback: { body: { type: 'end_call' } } }]);
    expect(logged.filter((line) => line.includes('defect'))).toHaveLength(1);
  });

  test('on the end itself still leaves a record', () => {
    const call = callWith({}, failingOn('ended'));
    call.post({ type: 'ended', status: 'completed', by: 'caller', reason: 'BYE', error: null });
    expect(finished).toMatchObject([{ record: { status: 'failed', durationMs: 4000 }, endCallback: null }]);
    expect(finished[0]?.record.error).toContain('defect on ended');
    expect(call.over).toBe(true);
  });

  test('on the start too', () => {
    callWith({}, failingOn('start'));
    expect(finished).toMatchObject([{ record: { status: 'failed' }, endCallback: null }]);
  });
});
