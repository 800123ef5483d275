import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../io.ts';
import { DEFAULT_LANGUAGE_LIMITS } from '../limits.ts';
import { compileDocument, TooManyActions } from './compile.ts';
import { ProgramCache } from './program-cache.ts';

const compile = (actions: Json[]) =>
  compileDocument({ actions, flows: null, unknownKeys: [], sizeCharacters: 0 }, 10_000);

test('a document becomes a flat list in which nested lists are jumps', () => {
  const program = compile([
    {
      type: 'IF',
      condition: 'true',
      then: [{ type: 'GOTO', params: { label: 'END' } }],
      orElse: [{ $a: '1', $b: '2' }],
    },
    { type: 'COLLECT', actions: [{ type: 'HANGUP' }] },
    { type: 'LABEL', name: 'END' },
  ]);
  expect(program.instructions.map(({ op, path, next }) => [op, path, next])).toEqual([
    ['IF', 'actions[0]', 1],
    ['GOTO', 'actions[0].then[0]', 2],
    ['JUMP', 'actions[0]', 5],
    ['$', 'actions[0].orElse[0].$a', 4],
    ['$', 'actions[0].orElse[0].$b', 5],
    ['COLLECT', 'actions[1]', 8],
    ['HANGUP', 'actions[1].actions[0]', 7],
    ['LIST_END', 'actions[1]', 8],
    ['LABEL', 'actions[2]', 9],
    ['END', '', 10],
  ]);
  expect(program.instructions[0]?.args).toMatchObject({ otherwise: 3 });
  expect(program.instructions[1]?.args).toMatchObject({ target: 8 });
  expect(program.instructions[5]?.args).toMatchObject({ prompt: { from: 6, to: 7 } });
  expect(program.actionCount).toBe(6);
  expect(JSON.parse(JSON.stringify(program))).toEqual(program);
});

test('a program is frozen through and through', () => {
  const program = compile([{ type: 'SESSIONDATA', session_data: { a: { b: 1 } } }]);
  expect(Object.isFrozen(program.instructions[0]?.args)).toBe(true);
  expect(() => program.instructions.pop()).toThrow(TypeError);
});

test('keys in the wrong place are named', () => {
  const { warnings } = compile([{ type: 'SAY', text: 'x', parms: {}, comment: 'ok', colour: 'ok' }]);
  expect(warnings.map(({ message }) => message)).toEqual([
    '"text" belongs inside "params"; here it has no effect',
    'unknown key "parms"; did you mean "params"?',
    'unknown key "colour" has no effect',
    'params.text is missing',
  ]);
});

test('an unknown name is taken for the only parameter that is missing', () => {
  const messages = (entry: JsonObject) => compile([entry]).warnings.map(({ message }) => message);
  expect(messages({ type: 'WAIT', params: { duration: 2_000 } })).toEqual([
    'params.time is missing',
    'unknown parameter "duration"; did you mean "time"?',
  ]);
  expect(messages({ type: 'WAIT', params: { duration: 2_000, unit: 'ms' } })).toEqual([
    'params.time is missing',
    'unknown parameter "duration"',
    'unknown parameter "unit"',
  ]);
  expect(messages({ type: 'WAIT', duration: 2_000 })).toEqual([
    'unknown key "duration"; did you mean "time" inside "params"?',
    'params.time is missing',
  ]);
  expect(messages({ type: 'COLLECT', nun_digits: 2 })).toEqual([
    'unknown key "nun_digits"; did you mean "num_digits" inside "params"?',
  ]);
  expect(messages({ type: 'SWITCH', value: '1', cases: [{ when: 1, them: [], comment: '' }] })).toEqual([
    'cases[0] has no key "them"; did you mean "then"?',
    'then is missing; nothing is run for it',
  ]);
});

test('remarks inside params are no parameters', () => {
  const params = { label: 'A', comment: 'x', 'comment:params:label': 'x', comments: [] };
  expect(
    compile([
      { type: 'LABEL', name: 'A' },
      { type: 'GOTO', params },
    ]).warnings,
  ).toEqual([]);
});

test('more actions than allowed are refused, more warnings than useful left out', () => {
  const many = Array.from({ length: 10_001 }, () => ({ type: 'X' }));
  expect(() => compile(many)).toThrow(TooManyActions);
  const { warnings } = compile(many.slice(1));
  expect(warnings.length).toBe(201);
  expect(warnings.at(-1)?.message).toBe('more warnings are left out');
});

test('equal texts are compiled once; the cache is bounded in number and in size', () => {
  const cache = new ProgramCache({ ...DEFAULT_LANGUAGE_LIMITS, maxCachedPrograms: 2, maxCachedCharacters: 60 });
  const text = (name: string) => `{"actions":[],"name":"${name}"}`;
  const first = cache.load(text('a'));
  expect(cache.load(text('a'))).toBe(first);
  cache.load(text('b'));
  cache.load(text('a'));
  cache.load(text('c'));
  expect(cache.load(text('a'))).toBe(first);
  const large = text('x'.repeat(50));
  expect(cache.load(large)).not.toBe(cache.load(large));
  expect(cache.load('{').ok).toBe(false);
});
