import { expect, test } from 'vitest';
import { ACTIONS } from '../actions/registry.ts';
import type { Json, JsonObject } from '../io.ts';
import { isJsonObject } from '../json-value.ts';
import { flowJsonSchema } from './flow-json-schema.ts';

const SCHEMA = flowJsonSchema();

/** A validator of just what the schema uses; anything else in it is an error. */
function isValid(value: Json, schema: Json | undefined): boolean {
  if (!isJsonObject(schema)) return false;
  return Object.entries(schema).every(([keyword, rule]) => meets(value, keyword, rule, schema));
}

function meets(value: Json, keyword: string, rule: Json, schema: JsonObject): boolean {
  const object = isJsonObject(value) ? value : null;
  switch (keyword) {
    case '$ref':
      return isValid(value, (SCHEMA.$defs as JsonObject)[String(rule).replace('#/$defs/', '')]);
    case 'anyOf':
      return (rule as Json[]).some((one) => isValid(value, one));
    case 'not':
      return !isValid(value, rule);
    case 'type':
      return [rule].flat().some((type) => isOfType(value, String(type)));
    case 'const':
      return value === rule;
    case 'enum':
      return (rule as Json[]).includes(value);
    case 'minimum':
      return typeof value !== 'number' || value >= Number(rule);
    case 'maximum':
      return typeof value !== 'number' || value <= Number(rule);
    case 'pattern':
      return typeof value !== 'string' || new RegExp(String(rule)).test(value);
    case 'items':
      return !Array.isArray(value) || value.every((item) => isValid(item, rule));
    case 'required':
      return object === null || (rule as string[]).every((key) => Object.hasOwn(object, key));
    case 'minProperties':
      return object === null || Object.keys(object).length >= Number(rule);
    case 'properties':
      return Object.entries(rule as JsonObject).every(([key, one]) => {
        return object === null || !Object.hasOwn(object, key) || isValid(object[key] ?? null, one);
      });
    case 'patternProperties':
      return Object.entries(rule as JsonObject).every(([pattern, one]) => {
        const keys = Object.keys(object ?? {}).filter((key) => new RegExp(pattern).test(key));
        return keys.every((key) => isValid(object?.[key] ?? null, one));
      });
    case 'additionalProperties': {
      const known = Object.keys((schema.properties as JsonObject | undefined) ?? {});
      const patterns = Object.keys((schema.patternProperties as JsonObject | undefined) ?? {});
      const others = Object.keys(object ?? {}).filter(
        (key) => !known.includes(key) && !patterns.some((pattern) => new RegExp(pattern).test(key)),
      );
      return rule === false ? others.length === 0 : others.every((key) => isValid(object?.[key] ?? null, rule));
    }
    case '$schema':
    case '$defs':
    case 'title':
    case 'description':
    case 'default':
    case 'examples':
      return true;
    default:
      throw new Error(`keyword ${keyword}`);
  }
}

function isOfType(value: Json, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isJsonObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

const flow = (...actions: Json[]): JsonObject => ({ actions });

test.each(ACTIONS.map((action) => [action.type, action.example] as const))('the example of %s', (_type, example) => {
  expect(isValid(flow(example), SCHEMA)).toBe(true);
});

test.each<[string, JsonObject]>([
  ['everything at the top', { $schema: 'x', name: 'x', comments: [], ...flow(), flows: { a: [{ type: 'RETURN' }] } }],
  ['variables in place of numbers', flow({ type: 'WAIT', params: { time: '$ms', comment: 'x' } })],
  ['a text for yes', flow({ type: 'CONFERENCE', params: { name: 'a', end_on_exit: 'true', hold_music: false } })],
  ['capital letters', flow({ type: 'HTTP', params: { url: 'https://example.com', method: 'GET' } })],
  ['nested lists', flow({ type: 'IF', condition: '1', then: [{ type: 'SAY', params: { text: 'x' } }] })],
  ['events', flow({ type: 'TRANSFER', params: { no: 'a' }, events: { on_answer: [{ $a: 1 }] } })],
])('right: %s', (_what, document) => {
  expect(isValid(document, SCHEMA)).toBe(true);
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
  expect(isValid(document, SCHEMA)).toBe(false);
});
