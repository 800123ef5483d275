import { describe, expect, test } from 'vitest';
import type { Input, Json, JsonObject } from '../io.ts';
import { EPOCH_MS, VirtualCall, type VirtualCallOptions } from '../testing/virtual-call.ts';
import { createInterpreter } from './interpreter.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const document = (...actions: JsonObject[]) => ({ document: { actions } });
const start = (actions: JsonObject[], options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: document(...actions), ...options });

type When = Extract<Input, { type: 'inject_actions' }>['when'];
function inject(call: VirtualCall, when: When, ...actions: JsonObject[]): VirtualCall {
  return call.input({ type: 'inject_actions', when, actions, atMs: call.nowMs });
}
const injections = (call: VirtualCall) => call.events.filter(({ type }) => type === 'actions_injected');

describe('now', () => {
  test('cuts the current action short; the flow goes on after it', () => {
    const call = start([say('one'), say('two'), HANGUP]).advance(500);
    inject(call, 'now', say('put in'), say('and more'));
    expect(call.of('stop_playback').map(({ playbackId }) => playbackId)).toEqual(['p1']);
    expect(call.toEnd().heard).toEqual(['one', 'put in', 'and more', 'two']);
    expect(injections(call)).toMatchObject([{ path: 'injected', data: { when: 'now', action_count: 2 } }]);
    expect(call.events.filter(({ type }) => type === 'action_started').map(({ path }) => path)).toEqual([
      'actions[0]',
      'injected[0]',
      'injected[1]',
      'actions[1]',
      'actions[2]',
    ]);
  });

  test('a COLLECT in its prompt is ended as a whole, with an entry', () => {
    const collect = { type: 'COLLECT', name: 'pin', params: { num_digits: 4 }, actions: [say('prompt'), say('more')] };
    const call = start([collect, say('after'), HANGUP]).advance(500);
    expect(inject(call, 'now', say('put in')).toEnd().heard).toEqual(['prompt', 'put in', 'after']);
    expect(call.of('finish')[0]?.body.key_presses).toEqual([{ name: 'pin', digits: '' }]);
  });

  test('a COLLECT that waits is ended with the digits so far, and its timer is taken back', () => {
    const call = start([{ type: 'COLLECT', params: { num_digits: 4 } }, say('${keyPresses}'), HANGUP]).advance(500);
    call.press('12');
    expect(inject(call, 'now').toEnd().heard).toEqual(['12']);
    expect(call.of('finish')[0]?.record.durationMs).toBeLessThan(2_000);
  });

  test('in a loop or a flow the action inside is meant, and the loop goes on', () => {
    const loop = { type: 'FOREACH', params: { iterator: ['a', 'b'] }, then: [say('${val}'), say('${val}!')] };
    const call = start([loop, HANGUP]).advance(500);
    expect(inject(call, 'now', say('put in at ${val}')).toEnd().heard).toEqual(['a', 'put in at a', 'a!', 'b', 'b!']);
  });

  test('over an injected list: the innermost goes first, then the one below', () => {
    const call = start([say('one'), say('two'), HANGUP]).advance(500);
    inject(call, 'now', say('A1'), say('A2')).advance(500);
    inject(call, 'now', say('B')).toEnd();
    expect(call.heard).toEqual(['one', 'A1', 'B', 'A2', 'two']);
  });

  test('an empty list only cuts short', () => {
    const call = start([{ type: 'WAIT', params: { time: 60_000 } }, say('two'), HANGUP]).advance(500);
    expect(inject(call, 'now').toEnd().heard).toEqual(['two']);
  });
});

describe('after_current', () => {
  test('waits for the end of the action', () => {
    const call = start([say('one'), say('two'), HANGUP]).advance(500);
    inject(call, 'after_current', say('A'));
    inject(call, 'after_current', say('B'));
    expect(call.of('stop_playback')).toEqual([]);
    expect(call.toEnd().heard).toEqual(['one', 'A', 'B', 'two']);
  });

  test('waits for the end of a COLLECT, not of its prompt; keys go to the COLLECT', () => {
    const collect = { type: 'COLLECT', params: { num_digits: 2 }, actions: [say('prompt'), say('more')] };
    const call = start([collect, say('${keyPresses}'), HANGUP]).advance(500);
    inject(call, 'after_current', say('put in')).advance(1_000).press('1').advance(300).press('2').toEnd();
    expect(call.heard).toEqual(['prompt', 'more', 'put in', '12']);
  });

  test('after the last action it runs before the next callback', () => {
    const call = new VirtualCall({ answers: [document(say('one')), document(HANGUP)] }).advance(500);
    inject(call, 'after_current', say('put in')).toEnd();
    expect(call.heard).toEqual(['one', 'put in']);
    expect(call.of('request_callback').map(({ atMs }) => atMs - EPOCH_MS)).toEqual([0, 2_100]);
  });

  test('with now: what is now comes first', () => {
    const call = start([say('one'), say('two'), HANGUP]).advance(500);
    inject(call, 'after_current', say('later'));
    expect(inject(call, 'now', say('now')).toEnd().heard).toEqual(['one', 'now', 'later', 'two']);
  });
});

describe.each<When>(['now', 'after_current'])('%s, at every moment', (when) => {
  test('before an outbound call is answered: first of all after the answer', () => {
    const call = start([say('flow'), HANGUP], { call: { direction: 'outbound' } });
    inject(call, when, say('A'));
    inject(call, when, say('B')).advance(5_000);
    expect(call.effects).toEqual([]);
    expect(call.answer().toEnd().heard).toEqual(['A', 'B', 'flow']);
    expect(call.of('request_callback')[0]?.atMs).toBe(call.of('play')[0]?.atMs);
  });

  test('while an inbound call is being answered', () => {
    const call = start([say('flow'), HANGUP], { settings: { answerOnRing: true } });
    expect(inject(call, when, say('A')).toEnd().heard).toEqual(['A', 'flow']);
  });

  test('during the first callback: what needs no media runs at once, the rest answers the call', () => {
    const call = start([say('flow'), HANGUP]);
    inject(call, when, { $x: '1' }, say('A'));
    expect(call.effects.map(({ type }) => type)).toEqual(['ring', 'request_callback', 'answer']);
    expect(call.toEnd().heard).toEqual(['A', 'flow']);
    expect(call.of('answer').length).toBe(1);
  });

  test('between the answer of the callback and that of the call', () => {
    const call = start([say('flow'), HANGUP]).advance(60);
    expect(inject(call, when, say('A')).toEnd().heard).toEqual(['A', 'flow']);
  });

  test('during a later callback: the list runs while it is pending, and the answer follows', () => {
    const call = new VirtualCall({ answers: [document(say('one')), document(say('two'), HANGUP)] }).advance(1_120);
    inject(call, when, say('A'));
    expect(call.heard).toEqual(['one', 'A']);
    call.advance(100);
    expect(call.messages('document_loaded').length).toBe(2);
    expect(call.heard).toEqual(['one', 'A']);
    expect(call.toEnd().heard).toEqual(['one', 'A', 'two']);
  });

  test('a list that is over before the answer comes', () => {
    const call = new VirtualCall({ answers: [document(say('one')), document(say('two'), HANGUP)] }).advance(1_120);
    expect(inject(call, when, { $x: "'set'" }).toEnd().heard).toEqual(['one', 'two']);
    expect(call.messages('variable_set')).toEqual(['$x set']);
  });

  test('a callback that fails meanwhile is heard of after the list', () => {
    const call = new VirtualCall({ answers: [document(say('one')), { failure: 'refused' }] }).advance(1_120);
    expect(inject(call, when, say('A')).toEnd().heard.slice(0, 2)).toEqual(['one', 'A']);
    expect(call.heard[2]).toMatch(/^We are sorry/);
    expect(call.messages('error')).toEqual(['the callback failed: refused']);
  });

  test('REDIRECT in it takes the place of the pending callback, whose answer is stale then', () => {
    const answers = [document(say('one')), 'never' as const, document(say('redirected'), HANGUP)];
    const call = new VirtualCall({ answers }).advance(1_120);
    inject(call, when, { type: 'REDIRECT', params: { url: 'https://example.com/other' } });
    expect(call.toEnd().heard).toEqual(['one', 'redirected']);
    expect(
      call
        .of('request_callback')
        .map(({ target }) => target.url)
        .at(-1),
    ).toBe('https://example.com/other');
  });

  test('during the pause after an empty answer', () => {
    const call = new VirtualCall({ answers: [document(), document(say('two'), HANGUP)] }).advance(500);
    inject(call, when, say('A'), say('B'), say('C'));
    expect(call.toEnd().heard).toEqual(['A', 'B', 'C', 'two']);
    expect(call.of('request_callback').length).toBe(2);
  });

  test('REDIRECT in it ends such a pause', () => {
    const call = new VirtualCall({ answers: [document(), document(HANGUP)] }).advance(500);
    inject(call, when, { type: 'REDIRECT', params: { url: 'https://example.com/other' } }).toEnd();
    expect(call.of('request_callback').length).toBe(2);
    expect(call.of('cancel_timer').length).toBe(1);
  });

  test('during the apology or after a hang-up: not run, and said so', () => {
    const apology = new VirtualCall({ answers: { failure: 'x' } }).advance(600);
    expect(inject(apology, when, say('A')).toEnd().heard.length).toBe(1);
    expect(apology.messages('warning')).toEqual(['the call is ending; the injected actions are not run']);
    const leaving = start([HANGUP]).advance(60);
    expect(inject(leaving, when, say('A')).toEnd().heard).toEqual([]);
    expect(leaving.messages('warning')).toEqual(['the call is ending; the injected actions are not run']);
  });

  test('HANGUP in it ends the call; RETURN and a missing label end only the list', () => {
    expect(inject(start([say('one'), say('no')]).advance(500), when, HANGUP, say('no')).toEnd().heard).toEqual(['one']);
    for (const leave of [{ type: 'RETURN' }, { type: 'GOTO', params: { label: 'NO' } }]) {
      const call = inject(start([say('one'), say('two'), HANGUP]).advance(500), when, leave, say('no'));
      expect(call.toEnd().heard).toEqual(['one', 'two']);
    }
  });

  test('keys reach a COLLECT in it', () => {
    const call = start([say('one'), say('${keyPresses}'), HANGUP]).advance(500);
    inject(call, when, { type: 'COLLECT', params: { num_digits: 1 } });
    expect(call.advance(1_000).press('7').toEnd().heard).toEqual(['one', '7']);
  });

  test.each<[string, Json]>([
    ['no list', { type: 'SAY' }],
    ['nothing', null],
    ['too deep', JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) as Json],
  ])('%s changes nothing', (_, actions) => {
    const call = start([say('one'), HANGUP]).advance(500);
    const before = { ...call.state, nowMs: call.nowMs };
    call.input({ type: 'inject_actions', when, actions: actions as Json[], atMs: call.nowMs });
    expect(call.state).toEqual(before);
    expect(call.messages('document_rejected')[0]).toMatch(/^the injected actions are not run: the actions are /);
    expect(call.toEnd().heard).toEqual(['one']);
  });

  test('too large, too many, too many at once', () => {
    const limits = { maxDocumentCharacters: 200, maxActions: 2, maxOpenLists: 3 };
    const call = start([say('one'), HANGUP], { interpreter: createInterpreter({ limits }) }).advance(500);
    inject(call, when, say('x'.repeat(200)));
    inject(call, when, HANGUP, HANGUP, HANGUP);
    expect(call.messages('document_rejected')).toEqual([
      'the injected actions are not run: the actions have 237 characters, more than the 200 allowed',
      'the injected actions are not run: the document has more than the 2 actions allowed',
    ]);
    inject(call, when, say('A'));
    inject(call, when, say('B'));
    inject(call, when, say('C'));
    expect(call.messages('document_rejected').at(-1)).toBe(
      'the injected actions are not run: 3 lists are open or waiting already',
    );
    expect(call.toEnd().heard.length).toBe(3);
  });
});

test('doubtful entries are warned of, with their places; the list given is not frozen', () => {
  const call = start([say('one'), HANGUP]).advance(500);
  const actions: JsonObject[] = [{ type: 'SAI' }, { type: 'SESSIONDATA', session_data: { a: { b: 1 } } }];
  inject(call, 'now', ...actions);
  expect(call.events.filter(({ type }) => type === 'warning').map(({ path, message }) => [path, message])).toEqual([
    ['injected[0]', 'unknown action "SAI" is left out; did you mean "SAY"?'],
  ]);
  expect(Object.isFrozen(actions[1]?.session_data)).toBe(false);
});

test('an unknown moment is refused', () => {
  const call = start([say('one'), HANGUP]).advance(500);
  inject(call, 'later' as When, say('x'));
  expect(call.messages('document_rejected')).toEqual([
    'the injected actions are not run: "when" is neither "now" nor "after_current" nor "beside"',
  ]);
});

test('what still waits when the call ends is named', () => {
  const call = start([say('one'), HANGUP]).advance(500);
  inject(call, 'after_current', say('A')).callerEnds();
  expect(call.messages('warning')).toEqual(['the call ends; 1 injected lists of actions were not run']);
});

describe('beside', () => {
  const put = (call: VirtualCall, ...actions: JsonObject[]) => inject(call, 'beside', ...actions);
  const begun = (...actions: JsonObject[]) =>
    new VirtualCall({ answers: { document: { actions } }, settings: { answerOnRing: true } }).advance(3_000);

  test('a call in a conference is told something and stays in it', () => {
    const call = begun({ type: 'CONFERENCE', params: { name: 'a' } }, say('Out.'), HANGUP);
    put(call, say('One.'), say('Two.'));
    expect(put(call, say('Three.')).toEnd().heard).toEqual(['One.', 'Two.', 'Three.', 'Out.']);
    expect(call.of('leave_conference')).toEqual([]);
  });

  test('what the flow says waits, and is said again', () => {
    const call = begun({ type: 'SAY', params: { text: 'Long.', loop: 4 } }, HANGUP).advance(600);
    expect(put(call, say('In.')).toEnd().heard).toEqual(['Long.', 'Long.', 'Long.', 'Long.', 'In.', 'Long.']);
  });

  test('HANGUP ends the call; a list that is none is refused', () => {
    const call = begun({ type: 'WAIT', params: { time: 60_000 } });
    call.input({ type: 'inject_actions', when: 'beside', actions: 1 as never, atMs: call.nowMs });
    expect(call.messages('document_rejected').length).toBe(1);
    put(call, HANGUP).advance(100);
    expect(call.of('finish').length).toBe(1);
  });
});
