import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../io.ts';
import { VirtualCall } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const run = (entry: JsonObject, sessionData: JsonObject | null = null) => {
  const document = { actions: [{ type: 'SWITCH', ...entry }, say('after'), { type: 'HANGUP' }] };
  return new VirtualCall({ answers: { document }, sessionData }).toEnd();
};
const CASES: Json = [
  { when: 1, then: [say('one')] },
  { when: ['2', '$sessionData.also', null], then: [say('two')] },
  { when: 'text', then: [say('text')] },
  { when: 1, then: [say('never')] },
];

test.each<[string, string]>([
  ["'1'", 'one'],
  ['1', 'one'],
  ['true', 'one'],
  ['1 + 1', 'two'],
  ['9', 'two'],
  ['$missing', 'two'],
  ["'te' + 'xt'", 'text'],
  ["'other'", 'else'],
])('%s is %s', (value, heard) => {
  expect(run({ value, cases: CASES, orElse: [say('else')] }, { also: 9 }).heard).toEqual([heard, 'after']);
});

test('without orElse nothing runs; default means the same', () => {
  expect(run({ value: '5', cases: CASES }).heard).toEqual(['after']);
  expect(run({ value: '5', cases: CASES, default: [say('else')] }).heard).toEqual(['else', 'after']);
  const both = run({ value: '5', cases: CASES, orElse: [say('else')], default: [say('default')] });
  expect(both.heard).toEqual(['else', 'after']);
  expect(both.messages('warning')).toEqual(['"orElse" and "default" are the same; "default" is left out']);
});

test('the event names the value and the branch; paths lead into the cases', () => {
  const call = run({ value: '$sessionData.also', cases: CASES, orElse: [] }, { also: '1' });
  expect(call.events.find(({ type }) => type === 'branch_taken')).toMatchObject({
    path: 'actions[0]',
    message: '$sessionData.also is "1": cases[0].then',
    data: { value: '$sessionData.also', result: '"1"', branch: 'cases[0].then' },
  });
  expect(call.events.find(({ action }) => action === 'SAY')?.path).toBe('actions[0].cases[0].then[0]');
});

test('a GOTO leaves a case, and a label in one is found', () => {
  const cases = [
    { when: 1, then: [{ type: 'GOTO', params: { label: 'IN' } }] },
    { when: 2, then: [say('no'), { type: 'LABEL', name: 'IN' }, say('in')] },
  ];
  expect(run({ value: '1', cases }).heard).toEqual(['in', 'after']);
});

test('a value that cannot be computed is an error, and orElse runs', () => {
  const call = run({ value: '$a +', cases: CASES, orElse: [say('else')] });
  expect(call.heard).toEqual(['else', 'after']);
  expect(call.messages('warning')[0]).toMatch(/^the value cannot be computed: .*\(column \d+\)$/);
  expect(call.messages('error')[0]).toMatch(/^the value cannot be computed/);
});

test.each<[string, JsonObject, string[], string[]]>([
  [
    'one case alone',
    { value: '1', cases: { when: 1, then: [say('x')] } },
    ['x'],
    ['cases is a single case; it is taken as a list of one'],
  ],
  ['no cases', { value: '1', orElse: [say('else')] }, ['else'], ['cases is missing']],
  ['no value', { cases: [{ when: null, then: [say('x')] }] }, ['x'], ['value is missing']],
  ['a number as value', { value: 1, cases: CASES }, ['one'], ['value is a number, taken as the expression "1"']],
  ['a list as value', { value: [1], cases: [] }, [], ['value is a list; an expression is expected']],
  ['cases of text', { value: '1', cases: 'x' }, [], ['cases is a string; a list of { "when", "then" } is expected']],
  [
    'no cases at all',
    { value: '1', cases: [7, { then: [] }, { when: 1 }] },
    [],
    [
      'cases[0] is a number; an object is expected; it is left out',
      'cases[1] has no "when"; it is left out',
      'then is missing; nothing is run for it',
    ],
  ],
])('%s', (_, entry, heard, warnings) => {
  const call = run(entry);
  expect(call.heard).toEqual([...heard, 'after']);
  expect(call.messages('warning')).toEqual(warnings);
});
