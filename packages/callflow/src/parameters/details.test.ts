import { expect, test } from 'vitest';
import type { Json } from '../io.ts';
import { choice } from './choice.ts';
import { details } from './details.ts';
import { integer } from './integer.ts';

const wanted = details({
  description: '',
  members: {
    size: integer({ description: '', default: 2, minimum: 1, maximum: 9 }),
    colour: choice({ description: '', options: ['red', 'blue'], default: 'red' }),
  },
});
const PLAIN = { size: 2, colour: 'red' };

test.each<[Json, Json]>([
  [null, null],
  [false, null],
  ['FALSE', null],
  [true, PLAIN],
  [' true ', PLAIN],
  [{}, PLAIN],
  [{ size: null, comment: 'x' }, PLAIN],
  [{ size: 7 }, { size: 7, colour: 'red' }],
])('%j', (written, value) => {
  expect(wanted.read(written)).toEqual({ value, verdict: 'as_written', message: '' });
});

test.each<[Json, string, Json]>([
  [1, 'coerced', PLAIN],
  [0, 'coerced', null],
  ['yes please', 'refused', null],
  [[], 'refused', null],
])('%j is no yes or no', (written, verdict, value) => {
  expect(wanted.read(written)).toMatchObject({
    verdict,
    value,
    message: expect.stringContaining('an object is expected'),
  });
});

test('each member that is wrong is told; the others count', () => {
  const reading = wanted.read({ size: '7', colour: 'green', color: 'blue', constructor: 1 });
  expect(reading).toMatchObject({ value: { size: 7, colour: 'red' }, verdict: 'refused', message: '' });
  expect(reading.members?.map(({ path, verdict }) => [...path, verdict])).toEqual([
    ['size', 'coerced'],
    ['colour', 'refused'],
    ['color', 'refused'],
    ['constructor', 'refused'],
  ]);
  expect(wanted.read({ size: '7' }).verdict).toBe('coerced');
  const hostile = JSON.parse('{ "__proto__": { "size": 9 } }');
  expect(wanted.read(hostile).value).toEqual(PLAIN);
});
