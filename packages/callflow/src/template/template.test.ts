import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { valueAt } from '../expression/property.ts';
import type { Json } from '../io.ts';
import { fillJson, fillTemplate, typedReference } from './template.ts';

const variables = {
  name: 'Ann',
  no: '+19495550102',
  count: 3,
  half: 0.5,
  yes: true,
  nothing: null,
  list: [{ b: 'x' }, 2],
  sessionData: { a: { b: 'deep' }, conference_name: 'room' },
};
const lookup = (path: readonly string[]) => valueAt(variables, path);
const fill = (text: string) => fillTemplate(text, lookup);

describe('fillTemplate', () => {
  test.each([
    ['Hello, ${name}.', 'Hello, Ann.'],
    ['${sessionData.a.b}${name}', 'deepAnn'],
    ['${list[0].b} ${list[1]}', 'x 2'],
    ['${list[01]}', '2'],
    ['${count} ${half} ${yes}', '3 0.5 true'],
    ['Call ${...no}', 'Call 1 9 4 9 5 5 5 0 1 0 2'],
    ['${...list}', '{"b":"x"} 2'],
    ['${...count}', '3'],
    ['{{$name}} {{...$no}} {{$sessionData.a.b}}', 'Ann 1 9 4 9 5 5 5 0 1 0 2 deep'],
    ['${missing}|${nothing}|${sessionData.a.x.y}|${...missing}', '|||'],
    ['${sessionData.a}', '{"b":"deep"}'],
    ['costs $${{$count}}', 'costs $$3'],
    ['${no.length} ${list.length}', '12 2'],
  ])('%s', (text, filled) => {
    expect(fill(text)).toBe(filled);
  });

  test.each([
    'no braces',
    '${+19495550102}',
    '${name + 1}',
    '${ name }',
    '${$name}',
    '${}',
    '${...}',
    '${name',
    '${name.}',
    '${list[x]}',
    '${list[0}',
    '{name}',
    '{{name}}',
    '{{$name}',
    '$name',
    '${"name"}',
    '${1}',
    '',
  ])('%s stays as it is', (text) => {
    expect(fill(text)).toBe(text);
  });

  test('what a value holds is never filled in its turn', () => {
    expect(fillTemplate('${a}${b}', ([name]) => (name === 'a' ? '${b' : '}{{$a}}'))).toBe('${b}{{$a}}');
  });

  test('prototypes are out of reach', () => {
    for (const path of ['constructor', 'sessionData.__proto__', 'name.constructor.name', 'list.map', 'toString']) {
      expect(fill(`\${${path}}`)).toBe('');
    }
  });

  test('the length is limited', () => {
    const limits = { maxLength: 10 };
    expect(fillTemplate('${t}${t}', () => 'abcdef', limits)).toBe('abcdefabcd');
    expect(fillTemplate('x'.repeat(20), () => '', limits)).toBe('x'.repeat(10));
    expect(fillTemplate('${...t}', () => 'x'.repeat(1e6), limits)).toHaveLength(10);
  });

  test('the time grows with the text, not with its square', () => {
    for (const piece of ['${', '{{$', '{', '${a', '${a.b[0]', '${...', '{{...$a.b']) {
      const text = piece.repeat(200_000 / piece.length);
      const startMs = performance.now();
      expect(fill(text)).toBe(text);
      expect(performance.now() - startMs).toBeLessThan(500);
    }
  });

  test('any text is filled without a throw, and texts without braces stay', () => {
    const token = fc.constantFrom('${', '}', '{{$', '}}', '...', 'name', '.', '[0]', '$', ' ', 'é', '{');
    fc.assert(
      fc.property(fc.array(token, { maxLength: 20 }), (tokens) => {
        const text = tokens.join('');
        const filled = fill(text);
        if (!text.includes('{')) expect(filled).toBe(text);
      }),
      { seed: 1, numRuns: 1_000 },
    );
  });
});

test('typedReference', () => {
  expect(typedReference('$name')).toEqual(['name']);
  expect(typedReference('$sessionData.a.b')).toEqual(['sessionData', 'a', 'b']);
  expect(typedReference('$list[0].b')).toEqual(['list', '0', 'b']);
  for (const text of ['$', 'name', '$name ', ' $name', '$5', '$a.', '$a b', '${a}', '$$a', '$a + 1', '']) {
    expect(typedReference(text)).toBeNull();
  }
});

describe('fillJson', () => {
  test('fills every string, keeps types of references and keys', () => {
    const document: Json = {
      text: 'Hi ${name}',
      data: '$sessionData',
      list: ['$count', '$yes', '$missing', 7, null, false, { '${name}': '${count}' }],
    };
    expect(fillJson(document, lookup)).toEqual({
      text: 'Hi Ann',
      data: { a: { b: 'deep' }, conference_name: 'room' },
      list: [3, true, null, 7, null, false, { '${name}': '3' }],
    });
  });

  test('references are copies, and their texts are not filled', () => {
    const data = { text: '${name}', self: '$name' };
    const filled = fillJson('$data', () => data);
    expect(filled).toEqual(data);
    expect(filled).not.toBe(data);
  });

  test('keys that lead to prototypes are left out', () => {
    const filled = fillJson(JSON.parse('{"__proto__": {"polluted": 1}, "a": 1}'), lookup);
    expect(filled).toEqual({ a: 1 });
    expect(Object.getPrototypeOf(filled)).toBe(Object.prototype);
  });

  test('size and depth are limited', () => {
    const big = Array.from({ length: 1_000 }, () => 'x'.repeat(100));
    const filled = fillJson(
      Array.from({ length: 1_000 }, () => '$big'),
      () => big,
      { maxLength: 5_000 },
    );
    expect(JSON.stringify(filled).length).toBeLessThan(12_000);
    let deep: Json = 1;
    for (let i = 0; i < 20_000; i++) deep = [deep];
    expect(() => fillJson(deep, lookup)).not.toThrow();
  });

  test('what is not JSON becomes null', () => {
    expect(fillJson(['$a', '$b'], ([name]) => (name === 'a' ? Number.NaN : () => 1))).toEqual([null, null]);
  });
});
