import { describe, expect, test } from 'vitest';
import type { Json } from '../io.ts';
import { DEFAULT_LANGUAGE_LIMITS } from '../limits.ts';
import { parseDocument } from './document.ts';
import { looksLikeYaml } from './yaml.ts';

const parse = (text: string, limits = {}) => parseDocument(text, { ...DEFAULT_LANGUAGE_LIMITS, ...limits });
const entries = (text: string): Json | string => {
  const parsed = parse(text);
  return parsed.ok ? parsed.document.actions : parsed.fault.message;
};

test('a flow', () => {
  const text = `# The night menu
---
$schema: https://example.com/flow.schema.json
name: Night
actions:
  - type: SAY
    params:
      text: >
        We are closed.
        Call again at nine.
      loop: 2
  - $n: $n + 1
  - { type: HANGUP }
flows:
  a: [{ type: RETURN }]
`;
  for (const before of ['', '\uFEFF', '\r\n\n']) {
    const whole = before + text;
    expect(parse(whole)).toEqual({
      ok: true,
      document: {
        actions: [
          { type: 'SAY', params: { text: 'We are closed. Call again at nine.\n', loop: 2 } },
          { $n: '$n + 1' },
          { type: 'HANGUP' },
        ],
        flows: { a: [{ type: 'RETURN' }] },
        schema: 'https://example.com/flow.schema.json',
        unknownKeys: [],
        sizeCharacters: whole.length,
      },
    });
  }
});

test.each<[string, Json]>([
  ['12', 12],
  ['-1.5e3', -1500],
  ['+12125550123', '+12125550123'],
  ['0123', '0123'],
  ['0x1F', '0x1F'],
  ['.inf', '.inf'],
  ['2026-01-02', '2026-01-02'],
  ['true', true],
  ['yes', 'yes'],
  ['~', null],
  ['', null],
  ['"12"', '12'],
  ["'it''s'", "it's"],
  ['!!str 12', '12'],
  ['sip:ann@example.com', 'sip:ann@example.com'],
])('a scalar as it is meant: %s', (written, value) => {
  expect(entries(`actions:\n- a: ${written}\n`)).toEqual([{ a: value }]);
});

test('of duplicate keys the last wins, and a key is just a key', () => {
  expect(entries('actions:\n- a: 1\n  a: 2\n  1: x\n')).toEqual([{ a: 2, 1: 'x' }]);
  const [entry] = entries('actions:\n- __proto__: { a: 1 }\n') as object[];
  expect(Object.keys(entry ?? {})).toEqual(['__proto__']);
});

test.each([
  [
    'actions:\n- &a x\n- *a\n',
    'aliases such as *a are not read: write the value out, or RUN a sub-flow (line 3, column 3)',
  ],
  [
    'actions:\n- <<: { type: SAY }\n  params: {}\n',
    'merge keys (<<) are not read: write the keys out (line 2, column 3)',
  ],
  ['actions:\n- !!binary aGk=\n', 'tags such as tag:yaml.org,2002:binary are not read (line 2, column 12)'],
  ['actions:\n- !x y\n', 'tags such as !x are not read (line 2, column 6)'],
  ['actions: []\n---\nactions: []\n', 'a second document begins here; one is expected'],
  ['actions:\n- ? [a]\n  : b\n', 'a key must be a text (line 2, column 5)'],
  ['actions:\n\t- x\n', '(line 2, column 1)'],
  ['actions:\n- "open\n', '(line 3, column 1)'],
])('what is not read: %j', (text, message) => {
  const found = entries(text);
  expect(found).toMatch(/^the answer is not valid YAML: /);
  expect(found).toContain(message);
});

describe('limits', () => {
  test('size: what takes long to read may not be long', () => {
    expect(entries(`actions: []\n${'#\n'.repeat(40_000)}`)).toBe(
      'the answer is not valid YAML: YAML of 80012 characters is more than the 65536 allowed; write so large a document as JSON (line 1, column 1)',
    );
  });

  test.each([
    ['flow lists', `actions: ${'['.repeat(30_000)}`],
    ['closed flow lists', `actions: ${'['.repeat(30_000)}${']'.repeat(30_000)}`],
    ['block lists', `actions:\n ${'- '.repeat(30_000)}`],
    ['keys', `actions:\n ${'? '.repeat(30_000)}`],
  ])('depth of %s', (_what, text) => {
    expect(entries(text)).toMatch(/nested deeper than (?:the )?128 levels/);
  });

  test('the depth allowed is that of JSON', () => {
    const nested = (depth: number) => `actions: ${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(entries(nested(127))).toBeInstanceOf(Array);
    expect(entries(nested(128))).toBe('the answer is nested deeper than the 128 levels allowed');
  });
});

test.each([
  ['actions:', true],
  ['"actions": []', true],
  ["'actions': []", true],
  ['- type: SAY', true],
  ['# a\n\n%YAML 1.2\n---\nname: x', true],
  ['{"actions": []}', false],
  ['{actions: []}', false],
  ['<!DOCTYPE html>', false],
  ['Not found', false],
  ['http://example.com/', false],
  ['', false],
  ['"x"', false],
  ['null', false],
])('%j looks like YAML: %s', (text, is) => {
  expect(looksLikeYaml(text)).toBe(is);
});
