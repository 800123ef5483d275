import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ACTIONS } from '../actions/registry.ts';
import { parseDocument } from '../document/document.ts';
import type { Json, JsonObject } from '../io.ts';
import { isJsonObject } from '../json-value.ts';
import { DEFAULT_LANGUAGE_LIMITS } from '../limits.ts';
import { RULES } from '../lint/rules.ts';
import { compileDocument } from '../program/compile.ts';
import { flowJsonSchema } from './flow-json-schema.ts';

const ROOT = new URL('../../../../', import.meta.url).pathname;

/** Strict: a keyword that is none, or that means nothing where it stands, is an error. */
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, allowMatchingProperties: true });
const validate = ajv.compile(flowJsonSchema());

function isValid(value: unknown): boolean {
  return validate(value);
}

/** What is wrong with a document, a line each. */
function faults(value: unknown): string[] {
  return isValid(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test('schema/flow.schema.json is what the definitions say (vitest -u writes it)', async () => {
  const file = new URL('../../schema/flow.schema.json', import.meta.url).pathname;
  await expect(`${JSON.stringify(flowJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(file);
});

test.each([
  ...readdirSync(`${ROOT}apps/server/flows`).map((name) => `apps/server/flows/${name}`),
  'examples/test-kit/opening-hours.json',
])('%s', (path) => {
  expect(faults(JSON.parse(readFileSync(ROOT + path, 'utf8')))).toEqual([]);
});

test.each(['examples/test-kit/night-menu.yaml', 'examples/test-kit/pizza-order.yaml'])('%s', (path) => {
  const parsed = parseDocument(readFileSync(ROOT + path, 'utf8'), DEFAULT_LANGUAGE_LIMITS);
  expect(parsed.ok && faults({ actions: parsed.document.actions })).toEqual([]);
});

test('the documents and actions in docs/call-flows.md', () => {
  const text = readFileSync(`${ROOT}docs/call-flows.md`, 'utf8');
  const blocks = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, block]) => JSON.parse(block ?? '') as JsonObject);
  expect(blocks.length).toBeGreaterThan(ACTIONS.length);
  for (const block of blocks)
    expect(faults('actions' in block && !('type' in block) ? block : { actions: [block] })).toEqual([]);
});

test.each(RULES.map((rule) => [rule.name, rule.good] as const))('what the linter finds right: %s', (_name, good) => {
  if (typeof good !== 'string') expect(faults(good)).toEqual([]);
});

const flow = (...actions: Json[]): JsonObject => ({ actions });

test.each(ACTIONS.map((action) => [action.type, action.example] as const))('the example of %s', (_type, example) => {
  expect(isValid(flow(example))).toBe(true);
});

test.each<[string, JsonObject]>([
  ['everything at the top', { $schema: 'x', name: 'x', comments: [], ...flow(), flows: { a: [{ type: 'RETURN' }] } }],
  ['variables in place of numbers', flow({ type: 'WAIT', params: { time: '$ms', comment: 'x' } })],
  ['a text for yes', flow({ type: 'CONFERENCE', params: { name: 'a', end_on_exit: 'true', hold_music: false } })],
  ['capital letters', flow({ type: 'HTTP', params: { url: 'https://example.com', method: 'GET' } })],
  ['nested lists', flow({ type: 'IF', condition: '1', then: [{ type: 'SAY', params: { text: 'x' } }] })],
  ['keys', flow({ type: 'COLLECT', params: { finish_on_key: 'Pound, star', valid: ['[1-39]', ' 9xx '] } })],
  [
    'no key',
    flow({ type: 'RECORD', params: { finish_on_key: 'none' } }, { type: 'COLLECT', params: { finish_on_key: '' } }),
  ],
  ['texts with variables where they have a form', flow({ type: 'SEND_DIGITS', params: { digits: 'w${pin}#' } })],
  ['one of a list from a variable', flow({ type: 'PLAY', params: { url: ['$first', 'HTTPS://example.com/a'] } })],
  ['a variable to set', flow({ type: 'HTTP', params: { url: 'https://a.example', result: 'order.größe[0]' } })],
  ['remarks beside an action', flow({ type: 'HANGUP', comment: 'x', 'comments:b': [1] })],
  ['remarks in a case', flow({ type: 'SWITCH', value: '1', cases: [{ when: [1], comment: 'x', then: [] }] })],
  ['events', flow({ type: 'TRANSFER', params: { no: 'a' }, events: { on_answer: [{ $a: 1 }] } })],
])('right: %s', (_what, document) => {
  expect(isValid(document)).toBe(true);
});

test.each<[string, JsonObject]>([
  ['no actions', {}],
  ['another key at the top', { ...flow(), action: [] }],
  ['an unknown action', flow({ type: 'SAI', params: { text: 'x' } })],
  ['an unknown parameter', flow({ type: 'SAY', params: { text: 'x', lop: 1 } })],
  ['a missing parameter', flow({ type: 'SAY', params: {} })],
  ['a number out of range', flow({ type: 'WAIT', params: { time: -1 } })],
  ['a text for a number', flow({ type: 'WAIT', params: { time: 'long' } })],
  ['no such choice', flow({ type: 'CONFERENCE', params: { event: 'enter' } })],
  ['in a nested list', flow({ type: 'COLLECT', actions: [{ type: 'SAI' }] })],
  ['in a case', flow({ type: 'SWITCH', value: '1', cases: [{ when: 1, then: [{ type: 'SAI' }] }] })],
  ['in an event', flow({ type: 'CONFERENCE', params: { name: 'a' }, events: { on_enter: [{ type: 'SAI' }] } })],
  ['what is no key', flow({ type: 'COLLECT', params: { finish_on_key: 'hashtag' } })],
  ['what is no key, in a list', flow({ type: 'COLLECT', params: { finish_on_key: ['#', 'hash tag'] } })],
  ['what is no pattern of keys', flow({ type: 'TRANSFER', params: { no: 'a', confirm_key: 'one' }, confirm: [] })],
  ['an empty key', flow({ type: 'QUEUE', params: { name: 'a', confirm_key: '' } })],
  ['a range downwards', flow({ type: 'COLLECT', params: { valid: '[3-1]' } })],
  ['digits that are none', flow({ type: 'SEND_DIGITS', params: { digits: '12e' } })],
  ['an address that is none', flow({ type: 'PLAY', params: { url: 'welcome.mp3' } })],
  ['an address of another kind', flow({ type: 'STREAM', params: { url: 'https://example.com' } })],
  ['a webhook that is none', flow({ type: 'RECORD', params: { recording_webhook: { url: 'example.com' } } })],
  ['another method', flow({ type: 'REDIRECT', params: { url: 'https://example.com', method: 'PUT' } })],
  ['an unknown track', flow({ type: 'STREAM', params: { url: 'wss://example.com', tracks: ['caller'] } })],
  ['another sample rate', flow({ type: 'STREAM', params: { url: 'wss://a.example', sample_rate: 11_025 } })],
  ['a list for an object', flow({ type: 'HTTP', params: { url: 'https://a.example', headers: ['a: b'] } })],
  ['a variable where none is read', flow({ type: 'HTTP', params: { url: 'https://a.example', result: '$order' } })],
  ['a label from a variable', flow({ type: 'GOTO', params: { label: '$where' } })],
  ['no means at all', flow({ type: 'COLLECT', params: { input: [] } })],
  ['a misspelt parameter', flow({ type: 'WAIT', params: { duration: 2_000 } })],
  ['a parameter outside params', flow({ type: 'COLLECT', num_digits: 1 })],
  ['an unknown key of an action', flow({ type: 'COLLECT', action: [] })],
  ['an unknown key of a case', flow({ type: 'SWITCH', value: '1', cases: [{ when: 1, den: [] }] })],
  ['no condition', flow({ type: 'IF', then: [] })],
  ['no cases', flow({ type: 'SWITCH', value: '1' })],
  ['a LABEL without a name', flow({ type: 'LABEL' })],
  ['an unknown event', flow({ type: 'CONFERENCE', params: { name: 'a' }, events: { on_entry: [] } })],
])('wrong: %s', (_what, document) => {
  expect(isValid(document)).toBe(false);
});

/** Texts that are nearly keys, patterns, addresses, names. */
const PIECES = [
  ...' ,1 9 x X [ ] - # * a D e pound Star none hashtag w W ( ) . http:// HTTPS:// ws:// wss:// example.com / ? GET post PUT'.split(
    ' ',
  ),
  ...' far near caller transfer order _a é a.b [0] [01] 0 \n'.split(' '),
];

const withForm = ACTIONS.flatMap((action) =>
  Object.entries(action.parameters)
    .filter(([, { form }]) => form !== undefined)
    .map(([name, parameter]) => [`${action.type} ${name}`, action, name, parameter] as const),
);

test('what has a form', () => {
  expect(withForm.length).toBeGreaterThan(15);
});

test.each(withForm)('the form of %s is what a call takes', (_what, action, name, { form = '', kind }) => {
  const told = (value: Json): string[] => {
    const confirm = [{ type: 'COLLECT', params: {} }];
    const params = isJsonObject(action.example.params ?? null) ? action.example.params : {};
    const others = action.type === 'STREAM' && name !== 'url' ? { bidirectional: true } : {};
    const entry = { ...action.example, params: { ...(params as JsonObject), ...others, [name]: value }, confirm };
    const document = { actions: [entry], flows: null, unknownKeys: [], sizeCharacters: 0 };
    return compileDocument(document, 100)
      .warnings.map(({ message }) => message)
      .filter((message) => message.startsWith(`params.${name}`));
  };
  expect(kind === 'text' || kind === 'text_list' || kind === 'webhook').toBe(true);
  const pattern = new RegExp(form, 'u');
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 5 }), fc.constantFrom('', ' '), (pieces, between) => {
      const text = pieces.join(between);
      expect({ text, isRight: pattern.test(text) }).toEqual({ text, isRight: told(text).length === 0 });
    }),
    { numRuns: 400, seed: 9 },
  );
});

test('the fields that an action needs are those that a call misses', () => {
  for (const { type, needs = [], example } of ACTIONS) {
    for (const field of needs) {
      const { [field]: _, ...rest } = example;
      const document = { actions: [rest], flows: null, unknownKeys: [], sizeCharacters: 0 };
      expect([type, field, compileDocument(document, 100).warnings.length]).toEqual([type, field, 1]);
    }
  }
});
