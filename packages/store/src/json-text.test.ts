import fc from 'fast-check';
import { expect, it } from 'vitest';
import { storableText, toJsonText } from './json-text.ts';

it('replaces NUL and lone surrogates visibly, in keys too', () => {
  expect(storableText('a\0b\ud800c😀')).toBe('a␀b�c😀');
  expect(JSON.parse(toJsonText({ 'k\0': ['\udc00', '😀'] }))).toEqual({ 'k␀': ['�', '😀'] });
});

it('leaves text alone that only looks like an escape', () => {
  const value = { a: '\\u0000', b: '\\\\u0000', c: '\\ud800' };
  expect(JSON.parse(toJsonText(value))).toEqual(value);
  expect(JSON.parse(toJsonText({ a: '\\\0' }))).toEqual({ a: '\\␀' });
});

it('writes undefined as null', () => {
  expect(toJsonText(undefined)).toBe('null');
});

it('equals storableText of every string of any value', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('\\', '\0', 'u', '0', '\ud834', '\udd1e') }),
      (a, b) => {
        expect(JSON.parse(toJsonText([a, b]))).toEqual([storableText(a), storableText(b)]);
      },
    ),
  );
});
