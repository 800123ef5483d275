import { describe, expect, test } from 'vitest';
import type { Effect, Input, JsonObject } from '../io.ts';
import { VirtualCall, type VirtualCallOptions } from '../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const HELLO = { document: { actions: [say('Hello.'), HANGUP] } };
const APOLOGY = 'We are sorry, an application error has occurred. Goodbye.';
const types = (call: VirtualCall): Effect['type'][] => call.effects.map((effect) => effect.type);
const reasons = (call: VirtualCall) => call.of('hang_up').map((effect) => effect.reason);
const start = (options: VirtualCallOptions) => new VirtualCall(options);

describe('no good answer', () => {
  test.each<[string, VirtualCallOptions['answers'], string]>([
    ['all attempts failed', { failure: 'connection refused' }, 'the callback failed: connection refused'],
    ['HTTP 404', { bodyText: '{}', httpStatus: 404 }, 'the callback was answered with HTTP status 404'],
    [
      'bad JSON',
      { bodyText: '{"actions": [}' },
      'the answer is not valid JSON: expected a value, found "}" (line 1, column 14)',
    ],
    ['no actions', { bodyText: '{}' }, 'the answer has no "actions" list'],
    ['a bare list', { bodyText: '[]' }, 'the answer is a bare list; wrap it: {"actions": [...]}'],
    ['nothing', { bodyText: ' \n' }, 'the answer is empty; an object with an "actions" list is expected'],
  ])('%s: answered, apologised for, hung up', (_, answers, reason) => {
    const call = start({ answers }).toEnd();
    expect(types(call)).toEqual([
      'ring',
      'request_callback',
      'answer',
      'set_timer',
      'play',
      'cancel_timer',
      'hang_up',
      'finish',
    ]);
    expect(call.heard).toEqual([APOLOGY]);
    expect(call.messages('error')).toEqual([reason]);
    expect(reasons(call)).toEqual([reason]);
  });

  test('later in the call: no second answer', () => {
    const call = start({ answers: [{ document: { actions: [say('one')] } }, { failure: 'timed out' }] }).toEnd();
    expect(call.heard).toEqual(['one', APOLOGY]);
    expect(call.of('answer').length).toBe(1);
  });

  test('an apology that cannot be said, or is not wanted, does not keep the call', () => {
    const mute = start({ answers: { failure: 'x' }, playback: () => 'broken' }).toEnd();
    expect(mute.messages('error')).toEqual(['the callback failed: x', 'could not say the apology: broken']);
    expect(types(mute).at(-1)).toBe('finish');
    const silent = start({ answers: { failure: 'x' }, settings: { apologyText: '' } }).toEnd();
    expect(types(silent)).toEqual(['ring', 'request_callback', 'hang_up', 'finish']);
  });
});

describe('the end', () => {
  const moments: [string, VirtualCallOptions, number][] = [
    ['before the callback is answered', { answers: 'never' }, 5_000],
    ['while it is being answered', { answers: HELLO }, 70],
    ['during a prompt', { answers: HELLO }, 600],
    ['during a later callback', { answers: [{ document: { actions: [say('x')] } }, 'never'] }, 5_000],
    ['during the pause after an empty answer', { answers: { document: { actions: [] } } }, 500],
    ['during the apology', { answers: { failure: 'x' } }, 600],
    ['while a COLLECT waits', { answers: { document: { actions: [{ type: 'COLLECT' }] } } }, 3_000],
    ['during a WAIT', { answers: { document: { actions: [{ type: 'WAIT', params: { time: 5_000 } }] } } }, 600],
    [
      'while digits are sent',
      { answers: { document: { actions: [{ type: 'SEND_DIGITS', params: { digits: '123456789' } }] } } },
      600,
    ],
    [
      'inside loops and flows',
      {
        answers: {
          document: {
            actions: [{ type: 'RUN', params: { flow: 'f' } }],
            flows: { f: [{ type: 'FOREACH', params: { iterator: [1, 2] }, then: [say('${val}')] }] },
          },
        },
      },
      600,
    ],
    [
      'during the prompt of a COLLECT',
      { answers: { document: { actions: [{ type: 'COLLECT', actions: [say('x')] }] } } },
      600,
    ],
  ];
  test.each(moments)('by the caller %s: timers cancelled, one finish, nothing after it', (_, options, afterMs) => {
    const call = start(options).advance(afterMs).callerEnds();
    const count = call.effects.length;
    const set = call.of('set_timer').map(({ timerId }) => timerId);
    const fired = call.inputs.flatMap((input) => (input.type === 'timer' ? [input.timerId] : []));
    const cancelled = call.of('cancel_timer').map(({ timerId }) => timerId);
    expect([...fired, ...cancelled].sort()).toEqual(set.sort());
    expect(types(call).filter((type) => type === 'finish')).toEqual(['finish']);
    expect(types(call).at(-1)).toBe('finish');
    expect(types(call)).not.toContain('hang_up');
    expect(call.of('finish')[0]?.record.hangupEnd).toBe('caller');

    for (const input of lateInputs(call.nowMs)) call.input(input);
    expect(call.effects.length).toBe(count);
  });

  test('by command, at each moment', () => {
    for (const [, options, afterMs] of moments) {
      const call = start(options).advance(afterMs);
      call.input({ type: 'hang_up', reason: 'asked by REST', atMs: call.nowMs });
      call.input({ type: 'hang_up', reason: 'asked again', atMs: call.nowMs });
      expect(reasons(call)).toEqual(['asked by REST']);
      call.toEnd();
      expect(types(call).at(-1)).toBe('finish');
      expect(call.of('finish').length).toBe(1);
    }
  });

  test('asked for by us, while the caller hangs up too', () => {
    const call = start({ answers: HELLO }).advance(1_100);
    expect(types(call).at(-1)).toBe('hang_up');
    call.callerEnds();
    expect(call.of('finish')[0]?.record.hangupEnd).toBe('caller');
  });

  function lateInputs(atMs: number): Input[] {
    return [
      { type: 'answered', atMs },
      { type: 'callback_answered', requestId: 'r1', httpStatus: 200, bodyText: '{"actions":[]}', atMs },
      { type: 'callback_failed', requestId: 'r1', reason: 'x', atMs },
      { type: 'digit', digit: '1', durationMs: 80, atMs },
      { type: 'playback_ended', playbackId: 'p1', outcome: 'completed', atMs },
      { type: 'playback_failed', playbackId: 'p1', reason: 'x', atMs },
      { type: 'timer', timerId: 't1', atMs },
      { type: 'ended', status: 'failed', by: 'api', reason: 'x', error: 'x', atMs },
      { type: 'inject_session_data', sessionData: { a: 1 }, atMs },
      { type: 'digits_sent', sendId: 'd1', error: null, atMs },
      { type: 'inject_actions', actions: [say('x')], when: 'now', atMs },
      { type: 'hang_up', reason: 'x', atMs },
    ];
  }
});

describe('stale inputs', () => {
  test('change nothing while something else is awaited', () => {
    const call = start({ answers: { document: { actions: [say('one'), say('two'), HANGUP] } } }).advance(1_200);
    expect(call.heard).toEqual(['one', 'two']);
    const count = call.effects.length;
    const { nowMs: atMs } = call;
    call.input({ type: 'playback_ended', playbackId: 'p1', outcome: 'completed', atMs });
    call.input({ type: 'playback_failed', playbackId: 'p9', reason: 'x', atMs });
    call.input({ type: 'timer', timerId: 't9', atMs });
    call.input({ type: 'callback_answered', requestId: 'r1', httpStatus: 200, bodyText: '{"actions":[]}', atMs });
    call.input({ type: 'callback_failed', requestId: 'r1', reason: 'x', atMs });
    call.answer();
    expect(call.effects.length).toBe(count);
    expect(call.messages('error')).toEqual([]);
  });
});
