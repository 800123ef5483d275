import { describe, expect, test } from 'vitest';
import type { Json } from '../io.ts';
import { boolean } from './boolean.ts';
import { choice } from './choice.ts';
import { choices } from './choices.ts';
import { compileParameters, holdsReference, parameterValues } from './compile.ts';
import { integer } from './integer.ts';
import { asWritten } from './parameter.ts';
import { text, textList } from './text.ts';
import { values } from './values.ts';
import { webhook } from './webhook.ts';

describe('a whole number', () => {
  const count = integer({ description: '', default: 5, minimum: 0, maximum: 10 });
  test.each<[Json, number, string]>([
    [3, 3, 'as_written'],
    [null, 5, 'as_written'],
    ['7', 7, 'coerced'],
    [' +7 ', 7, 'coerced'],
    [2.9, 2, 'refused'],
    [-0, 0, 'as_written'],
    [99, 10, 'refused'],
    [-1, 0, 'refused'],
    ['', 5, 'refused'],
    ['1e3', 5, 'refused'],
    ['0x10', 5, 'refused'],
    [true, 5, 'refused'],
    [[1], 5, 'refused'],
  ])('%j is %j, %s', (written, value, verdict) => {
    const reading = count.read(written);
    expect(reading).toMatchObject({ value, verdict });
    expect(Object.is(reading.value, -0)).toBe(false);
    expect(reading.message === '').toBe(verdict === 'as_written');
  });
});

describe('a text, and a list of texts', () => {
  test.each<[Json, string | null, string]>([
    ['x', 'x', 'as_written'],
    [null, null, 'as_written'],
    [7, '7', 'coerced'],
    [true, 'true', 'coerced'],
    [{}, null, 'refused'],
  ])('text %j is %j, %s', (written, value, verdict) => {
    expect(text({ description: '', default: null }).read(written)).toMatchObject({ value, verdict });
  });

  test.each<[Json, string[], string]>([
    ['x', ['x'], 'as_written'],
    [['x', 'y'], ['x', 'y'], 'as_written'],
    [['x', 1], ['x', '1'], 'coerced'],
    [['x', 1, null], ['x', '1'], 'refused'],
    [7, ['7'], 'coerced'],
    [{}, [], 'refused'],
    [null, [], 'as_written'],
  ])('list %j is %j, %s', (written, value, verdict) => {
    expect(textList({ description: '' }).read(written)).toMatchObject({ value, verdict });
  });
});

test('references are filled when the action runs; only what cannot be used is warned of then', () => {
  const schema = {
    loop: integer({ description: '', default: 1, minimum: 0, maximum: 9 }),
    text: text({ description: '', default: '' }),
  };
  const warnings: string[] = [];
  const compiled = compileParameters(schema, { loop: '$n', text: 'fixed' }, () => warnings.push('at load'));
  expect(compiled).toEqual({ fixed: { loop: 1, text: 'fixed' }, filled: { loop: '$n' } });
  const values = (filled: Json) =>
    parameterValues(
      schema,
      compiled,
      () => filled,
      (message) => warnings.push(message),
    );
  expect(values('3')).toEqual({ loop: 3, text: 'fixed' });
  expect(warnings).toEqual([]);
  expect(values('many')).toEqual({ loop: 1, text: 'fixed' });
  expect(warnings).toEqual(['params.loop is "many"; a whole number is expected, 1 is used']);
});

test('a reference or a template anywhere in a value is found; an expression is neither', () => {
  const found: Json[] = [{ a: ['x', { b: '$y' }] }, 'a ${y}', '{{$y}}', ['$y.z[0]']];
  const none: Json[] = ['a $', '$y * 1000', '$y == "1"', '${y + 1}', 'a', 1, null, [[]]];
  expect(found.map(holdsReference)).toEqual(found.map(() => true));
  expect(none.map(holdsReference)).toEqual(none.map(() => false));
});

describe('yes or no', () => {
  test.each<[Json, boolean, string]>([
    [true, true, 'as_written'],
    [false, false, 'as_written'],
    [null, true, 'as_written'],
    ['true', true, 'coerced'],
    [' False ', false, 'coerced'],
    [1, true, 'coerced'],
    [0, false, 'coerced'],
    ['yes', true, 'refused'],
    [2, true, 'refused'],
    [{}, true, 'refused'],
  ])('%j is %j, %s', (written, value, verdict) => {
    expect(boolean({ description: '', default: true }).read(written)).toMatchObject({ value, verdict });
  });
});

describe('one of a few words', () => {
  const reason = choice({ description: '', options: ['busy', 'declined'], default: 'declined' });
  test.each<[Json, string, string, string]>([
    ['busy', 'busy', 'as_written', ''],
    [null, 'declined', 'as_written', ''],
    [' BUSY ', 'busy', 'coerced', 'is " BUSY ", taken as "busy"'],
    [
      'bussy',
      'declined',
      'refused',
      'is "bussy"; one of busy, declined is expected, declined is used; did you mean "busy"?',
    ],
    [7, 'declined', 'refused', 'is a number; one of busy, declined is expected, declined is used'],
  ])('%j is %j, %s', (written, value, verdict, message) => {
    expect(reason.read(written)).toEqual({ value, verdict, message });
  });
});

describe('values', () => {
  test.each<[Json, Json, string]>([
    [[1, 'a'], [1, 'a'], 'as_written'],
    [{ a: 1 }, { a: 1 }, 'as_written'],
    [null, [], 'as_written'],
    ['x', ['x'], 'coerced'],
  ])('%j is %j, %s', (written, value, verdict) => {
    expect(values({ description: '' }).read(written)).toMatchObject({ value, verdict });
  });
});

describe('some of a few words', () => {
  const input = choices({ description: '', options: ['digits', 'speech'], default: ['digits'] });
  test.each<[Json, string[], string]>([
    [['speech', 'digits'], ['digits', 'speech'], 'as_written'],
    ['speech', ['speech'], 'as_written'],
    [null, ['digits'], 'as_written'],
    [['Speech ', 'speech'], ['speech'], 'coerced'],
    [[], ['digits'], 'refused'],
    [['dtmf', 'speech'], ['speech'], 'refused'],
    [['speach'], ['digits'], 'refused'],
    [[null], ['digits'], 'refused'],
    [true, ['digits'], 'refused'],
    [{}, ['digits'], 'refused'],
  ])('%j is %j, %s', (written, value, verdict) => {
    const reading = input.read(written);
    expect(reading).toMatchObject({ value, verdict });
    expect(reading.message === '').toBe(verdict === 'as_written');
  });

  const bargeIn = choices({ description: '', options: ['digits', 'speech'], default: [], whenTrue: ['digits'] });
  test.each<[Json, string[], string]>([
    [true, ['digits'], 'as_written'],
    [false, [], 'as_written'],
    [[], [], 'as_written'],
    ['speech', ['speech'], 'as_written'],
    ['TRUE', ['digits'], 'coerced'],
    [0, [], 'coerced'],
    [2, [], 'refused'],
    ['yes', [], 'refused'],
  ])('where yes and no may be written, %j is %j, %s', (written, value, verdict) => {
    expect(bargeIn.read(written)).toMatchObject({ value, verdict });
  });

  test('says what is wrong', () => {
    expect(input.read(['speach']).message).toBe(
      'holds "speach"; a list of digits, speech is expected, digits is used; did you mean "speech"?',
    );
  });
});

test('a blank text is none where that is said', () => {
  const read = text({ description: '', default: null, blankIsNone: true }).read;
  expect(['', ' ', 'x', null].map((written) => read(written).value)).toEqual([null, null, 'x', null]);
  expect(text({ description: '', default: null }).read('').value).toBe('');
});

test('a webhook is an http(s) address', () => {
  const read = webhook({ description: '' }).read;
  expect(read({ url: ' https://example.com/a ' })).toEqual(asWritten('https://example.com/a'));
  for (const written of ['ftp://x', { url: 'example.com' }])
    expect(read(written)).toMatchObject({ value: null, verdict: 'refused' });
  expect(read('ftp://x')).toMatchObject({ message: '"ftp://x" is no http(s) address; nothing is told to it' });
});
