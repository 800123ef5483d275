import { describe, expect, test } from 'vitest';
import type { Effect, Input, JsonObject } from '../io.ts';
import { EPOCH_MS, VirtualCall, type VirtualCallOptions } from '../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const HELLO = { document: { actions: [say('Hello.'), HANGUP] } };
const OUTBOUND = { call: { direction: 'outbound' as const } };
const APOLOGY = 'We are sorry, an application error has occurred. Goodbye.';
const types = (call: VirtualCall): Effect['type'][] => call.effects.map((effect) => effect.type);
const reasons = (call: VirtualCall) => call.of('hang_up').map((effect) => effect.reason);
const start = (options: VirtualCallOptions) => new VirtualCall(options);

describe('the beginning', () => {
  test('inbound, answer_on_ring: answered first, then asked', () => {
    const call = start({ answers: HELLO, settings: { answerOnRing: true } });
    expect(types(call)).toEqual(['answer']);
    call.advance(50);
    expect(types(call)).toEqual(['answer', 'set_timer', 'request_callback']);
    expect(call.of('request_callback')[0]?.body).toMatchObject({ type: 'init_call', status: 'live-in-progress' });
    expect(call.toEnd().of('answer').length).toBe(1);
  });

  test('inbound: rings while the callback is pending, answers before the first media', () => {
    const call = start({ answers: HELLO });
    expect(types(call)).toEqual(['ring', 'request_callback']);
    expect(call.of('request_callback')[0]?.body).toMatchObject({ type: 'init_call', status: 'live-ringing' });
    call.advance(50);
    expect(types(call).slice(2)).toEqual(['answer']);
    expect(call.heard).toEqual([]);
    call.advance(50);
    expect(call.heard).toEqual(['Hello.']);
  });

  test('inbound, HANGUP before the answer: never answered', () => {
    const call = start({ answers: { document: { actions: [{ $x: '1' }, HANGUP] } } }).toEnd();
    expect(types(call)).toEqual(['ring', 'request_callback', 'hang_up', 'finish']);
    expect(call.of('finish')[0]?.record).toMatchObject({ status: 'canceled', connectTimeSec: 0, hangupEnd: 'api' });
  });

  test('outbound: nothing until the callee answers', () => {
    const call = start({ answers: HELLO, ...OUTBOUND }).advance(10_000);
    expect(types(call)).toEqual([]);
    call.answer().toEnd();
    expect(types(call)).toEqual(['set_timer', 'request_callback', 'play', 'cancel_timer', 'hang_up', 'finish']);
    expect(call.of('request_callback')[0]?.body).toMatchObject({
      type: 'init_call',
      direction: 'outbound',
      duration: 10_000,
    });
  });

  test('outbound, not answered: the row and the last callback, nothing else', () => {
    const call = start({ answers: HELLO, ...OUTBOUND }).advance(20_000);
    call.input({ type: 'ended', status: 'no-answer', by: 'api', reason: '408', error: null, atMs: call.nowMs });
    expect(types(call)).toEqual(['finish']);
    expect(call.of('finish')[0]?.body).toMatchObject({ type: 'end_call', status: 'no-answer', duration: 20_000 });
  });

  test('outbound, hung up by command while it rings', () => {
    const call = start({ answers: HELLO, ...OUTBOUND });
    call.input({ type: 'hang_up', reason: 'asked by REST', atMs: call.nowMs });
    call.answer();
    expect(types(call)).toEqual(['hang_up']);
    expect(types(call.toEnd())).toEqual(['hang_up', 'finish']);
  });

  test('inputs before the start change nothing', () => {
    const call = start({ answers: HELLO });
    const before = call.effects.length;
    call.input({ ...(call.inputs[0] as Input) });
    expect(call.effects.length).toBe(before);
  });
});

describe('the callback body', () => {
  test('every field, in the published order', () => {
    const call = start({
      answers: [{ document: { actions: [{ type: 'COLLECT', name: 'rating', params: { num_digits: 1 } }] } }, HELLO],
      call: { customData: { tenant: 7 }, sipDomain: 'pbx.example' },
      sessionData: { a: 1 },
    });
    call.advance(200).press('1').toEnd();
    const body = call.of('request_callback')[1]?.body;
    expect(JSON.stringify(body)).toBe(
      JSON.stringify({
        type: 'live_call',
        app_id: '7d1c2f6e-9a31-4b0f-8d55-2f4f3f0f6a10',
        subaccount_id: '0',
        call_id: '17@3423993409',
        start_time: '2026-01-02T09:00:00.000Z',
        end_time: null,
        direction: 'inbound',
        duration: 200,
        status: 'live-in-progress',
        detection: 'unknown',
        caller_no: '+19495550101',
        caller_no_city: 'Newport Beach',
        caller_no_region: 'CA',
        caller_no_country: 'US',
        caller_no_timezone: 'America/Los_Angeles',
        api_no: '+12125550123',
        api_no_city: 'New York',
        api_no_region: 'NY',
        api_no_country: 'US',
        api_no_timezone: 'America/New_York',
        key_presses: [{ name: 'rating', digits: '1' }],
        recordings: [],
        custom_data: { tenant: 7 },
        session_data: { a: 1 },
        sip_domain: 'pbx.example',
        sip_forwarded_for: '192.0.2.7',
      }),
    );
    expect(call.of('finish')[0]?.body.key_presses).toEqual([]);
  });

  test('the last one: end_time, final status, the whole duration', () => {
    const call = start({ answers: HELLO }).toEnd();
    expect(call.of('finish')).toMatchObject([
      {
        target: { url: 'https://example.com/flow' },
        body: { type: 'end_call', end_time: '2026-01-02T09:00:01.150Z', status: 'completed', duration: 1_150 },
        record: {
          status: 'completed',
          hangupEnd: 'api',
          endTimeMs: EPOCH_MS + 1_150,
          durationMs: 1_150,
          connectTimeSec: 2,
          detection: 'unknown',
          error: null,
        },
      },
    ]);
  });

  test('the configured failover goes with every request', () => {
    const callbackFailover = {
      url: 'https://backup.example/',
      method: 'GET',
      contentType: 'application/json',
    } as const;
    const call = start({ answers: HELLO, settings: { callbackFailover } }).toEnd();
    expect(call.of('request_callback')[0]?.failover).toEqual(callbackFailover);
    expect(call.of('finish')[0]?.failover).toEqual(callbackFailover);
  });
});

describe('the cycle', () => {
  test('a list that is used up: the configured address is asked again, until the longest call', () => {
    const call = start({
      answers: { document: { actions: [say('Again.')] } },
      settings: { maxCallTimeMs: 10_000 },
    }).toEnd();
    expect(call.heard.length).toBeGreaterThan(8);
    expect(call.of('request_callback').map(({ body }) => body.type)).toEqual([
      'init_call',
      ...Array(9).fill('live_call'),
    ]);
    expect(reasons(call)).toEqual(['the call reached its longest time of 10000 ms']);
    expect(call.of('stop_playback').length).toBe(1);
    expect(call.of('finish')[0]?.record.durationMs).toBe(10_150);
  });

  test('empty lists: a pause, then asked again; given up after three', () => {
    const call = start({ answers: { document: { actions: [] } } }).toEnd();
    expect(call.of('request_callback').map(({ atMs }) => atMs - EPOCH_MS)).toEqual([0, 1_050, 2_100]);
    expect(reasons(call)).toEqual(['3 callback answers in a row had an empty "actions" list; the call is ended']);
    expect(call.heard).toEqual([]);
  });

  test('an empty list between others is no matter', () => {
    const empty = { document: { actions: [] } };
    const call = start({ answers: [empty, empty, { document: { actions: [say('x')] } }, empty, empty, HELLO] }).toEnd();
    expect(call.heard).toEqual(['x', 'Hello.']);
  });

  test('lists without media for ever: a pause between, and an end', () => {
    const call = start({
      answers: { document: { actions: [{ $n: '$n + 1' }] } },
      settings: { maxIdleCallbacks: 4 },
    }).toEnd();
    expect(call.of('request_callback').map(({ atMs }) => atMs - EPOCH_MS)).toEqual([0, 1_050, 2_100, 3_150]);
    expect(call.heard).toEqual([APOLOGY]);
    expect(call.messages('error')[0]).toMatch(/^4 callbacks in a row/);
  });

  test('a list whose only media fails is idle too', () => {
    const document = { actions: [{ type: 'PLAY', params: { url: 'https://example.com/gone.mp3' } }] };
    const call = start({
      answers: { document },
      playback: () => 'status 404',
      settings: { maxIdleCallbacks: 3, apologyText: '' },
    });
    expect(call.toEnd().of('request_callback').length).toBe(3);
  });
});

test('session data put in from outside is merged at once', () => {
  const call = start({
    answers: { document: { actions: [say('one'), say('${sessionData.b}'), HANGUP] } },
    sessionData: { a: 1 },
  });
  call.advance(500).input({ type: 'inject_session_data', sessionData: { b: 'two' }, atMs: EPOCH_MS + 500 });
  expect(call.toEnd().heard).toEqual(['one', 'two']);
  expect(call.of('finish')[0]?.body.session_data).toEqual({ a: 1, b: 'two' });
});

test('the timeline of a document: loaded with its size and actions, then its warnings', () => {
  const bodyText = JSON.stringify({
    actions: [{ type: 'SAI', params: {} }, { note: 'x' }, { comment: 'x' }, 7, { type: 'hangup' }],
  });
  const call = start({ answers: { bodyText } }).toEnd();
  const loaded = call.events[0];
  expect(loaded).toMatchObject({
    type: 'document_loaded',
    path: null,
    data: { size_characters: bodyText.length, action_count: 5 },
  });
  expect(call.events.filter(({ type }) => type === 'warning').map(({ path, message }) => [path, message])).toEqual([
    ['actions[0]', 'unknown action "SAI" is left out; did you mean "SAY"?'],
    ['actions[1]', 'there is no type; the action is left out'],
    ['actions[2]', 'only remarks; nothing to run'],
    ['actions[3]', 'an action is an object, this is a number; it is left out'],
    ['actions[4]', 'the type is written "hangup"; write "HANGUP"'],
  ]);
  expect(reasons(call)).toEqual(['HANGUP']);
});
