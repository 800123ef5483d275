import { expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { VirtualCall } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const goto = (label: string): JsonObject => ({ type: 'GOTO', params: { label } });
const label = (name: string): JsonObject => ({ type: 'LABEL', name });
const HANGUP: JsonObject = { type: 'HANGUP' };
const run = (actions: JsonObject[], options = {}) =>
  new VirtualCall({ answers: { document: { actions } }, ...options }).toEnd();

test('backwards out of a branch, as in a guessing game', () => {
  const call = run([
    { $n: '0' },
    label('AGAIN'),
    { $n: '$n + 1' },
    say('Round ${n}.'),
    { type: 'IF', condition: '$n < 3', then: [goto('AGAIN')] },
    HANGUP,
  ]);
  expect(call.heard).toEqual(['Round 1.', 'Round 2.', 'Round 3.']);
});

test('the innermost list is searched first, then outwards', () => {
  const inner = [goto('X'), say('no'), label('X'), say('inner')];
  const call = run([
    { type: 'IF', condition: 'true', then: inner },
    say('after'),
    goto('END'),
    label('X'),
    say('outer'),
    label('END'),
    HANGUP,
  ]);
  expect(call.heard).toEqual(['inner', 'after']);
});

test('a label in a branch elsewhere is found last', () => {
  const call = run([goto('DEEP'), { type: 'IF', condition: 'false', then: [label('DEEP'), say('deep')] }, HANGUP]);
  expect(call.heard).toEqual(['deep']);
});

test('nobody jumps into a prompt', () => {
  const call = run([goto('IN'), { type: 'COLLECT', actions: [label('IN'), say('prompt')] }, HANGUP], {
    settings: { apologyText: '' },
  });
  expect(call.heard).toEqual([]);
  expect(call.messages('warning')[0]).toBe('there is no LABEL "IN" that this GOTO can reach');
});

test('a missing label is a warning at load, an error when reached, and the next callback follows', () => {
  const call = new VirtualCall({
    answers: [
      { document: { actions: [say('one'), goto('MENU'), say('two'), label('MENUE')] } },
      { document: { actions: [HANGUP] } },
    ],
  }).toEnd();
  expect(call.heard).toEqual(['one']);
  expect(call.messages('warning')).toEqual([
    'there is no LABEL "MENU" that this GOTO can reach; did you mean "MENUE"?',
  ]);
  expect(call.messages('error')).toEqual(['there is no LABEL "MENU"; the rest of the list is left out']);
  expect(call.of('request_callback').map((effect) => effect.body.type)).toEqual(['init_call', 'live_call']);
});

test('labels are case-sensitive, a label that stands last is legal, the first of two counts', () => {
  const actions = [
    goto('a'),
    label('A'),
    say('A'),
    label('a'),
    say('first'),
    goto('END'),
    label('a'),
    say('second'),
    label('END'),
  ];
  const call = new VirtualCall({ answers: [{ document: { actions } }, { document: { actions: [HANGUP] } }] }).toEnd();
  expect(call.heard).toEqual(['first']);
  expect(call.messages('warning')).toEqual(['the label "a" stands twice in this list; the first one counts']);
  expect(call.messages('error')).toEqual([]);
});

test('a loop without media is ended, and the error names what closes it', () => {
  const call = run([say('Hi'), label('L'), { $n: '$n + 1' }, goto('L')], { settings: { maxStepsWithoutWait: 500 } });
  expect(call.heard).toEqual(['Hi', 'We are sorry, an application error has occurred. Goodbye.']);
  const error = call.events.find((event) => event.type === 'error');
  expect(error?.path).toBe('actions[3]');
  expect(error?.message).toMatch(/^endless loop: more than 500 instructions .* closed by actions\[3\]/);
});

test('a loop whose only media fails is ended too', () => {
  const call = run([label('L'), say('x'), goto('L')], {
    playback: () => 'broken',
    settings: { maxStepsWithoutWait: 100, apologyText: '' },
  });
  expect(call.messages('error').at(-1)).toMatch(/^endless loop/);
  expect(call.of('finish').length).toBe(1);
});
