import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { ACTIONS } from '../actions/registry.ts';
import { parseDocument } from '../document/document.ts';
import type { Json, JsonObject } from '../io.ts';
import { DEFAULT_LANGUAGE_LIMITS } from '../limits.ts';
import { RULES } from '../lint/rules.ts';
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
  ['an unknown event', flow({ type: 'CONFERENCE', params: { name: 'a' }, events: { on_entry: [] } })],
])('wrong: %s', (_what, document) => {
  expect(isValid(document)).toBe(false);
});
