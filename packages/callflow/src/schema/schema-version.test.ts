import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../io.ts';
import { soundActions } from '../testing/arbitrary-flow.ts';
import { flowJsonSchema } from './flow-json-schema.ts';
import { KEPT_SCHEMA_VERSIONS, SCHEMA_VERSION, schemaIdOf, versionIn } from './schema-version.ts';

const FOLDER = new URL('../../schema/', import.meta.url);
const NUM_RUNS = 1_500;

function keptSchema(version: string): JsonObject {
  return JSON.parse(readFileSync(new URL(`v1/${version}.schema.json`, FOLDER), 'utf8')) as JsonObject;
}

function validatorOf(schema: JsonObject): (document: unknown) => boolean {
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allowMatchingProperties: true }).compile(schema);
  return (document) => validate(document);
}

/** Documents that the one schema finds right and the other does not; and how many were right at all. */
function lostBetween(older: JsonObject, newer: JsonObject): { lost: JsonObject[]; right: number } {
  const [isRight, isStillRight] = [validatorOf(older), validatorOf(newer)];
  const documents = fc.sample(soundActions(older), { numRuns: NUM_RUNS, seed: 5 }).filter(isRight);
  return { lost: documents.filter((document) => !isStillRight(document)), right: documents.length };
}

test('every kept version is there, under its name, and no other', () => {
  expect(readdirSync(new URL('v1/', FOLDER)).sort()).toEqual(
    KEPT_SCHEMA_VERSIONS.map((version) => `${version}.schema.json`),
  );
  for (const version of KEPT_SCHEMA_VERSIONS) expect(keptSchema(version).$id).toBe(schemaIdOf(version));
  expect(KEPT_SCHEMA_VERSIONS).not.toContain(SCHEMA_VERSION);
  expect(versionIn(String(flowJsonSchema().$id))).toBe(SCHEMA_VERSION);
});

// When this fails, either the change can be made so that old documents stay right, or it is another language: then the
// schema becomes 2.0, with a folder of its own.
test.each(KEPT_SCHEMA_VERSIONS)('a document that version %s finds right is right still', (version) => {
  const { lost, right } = lostBetween(keptSchema(version), withoutWhatCallsNeverTook(flowJsonSchema()));
  expect(lost).toEqual([]);
  expect(right).toBeGreaterThan(NUM_RUNS / 4);
});

test.each<[string, (schema: JsonObject) => void]>([
  ['a parameter that is gone', (schema) => delete at(schema, 'SAY', 'properties', 'params', 'properties').loop],
  [
    'a parameter that is needed now',
    (schema) => Object.assign(at(schema, 'COLLECT'), { required: ['type', 'params'] }),
  ],
  ['an action that is gone', (schema) => (at(schema, 'action').anyOf = [{ $ref: '#/$defs/SAY' }])],
  ['an event that is gone', (schema) => delete at(schema, 'CONFERENCE', 'properties', 'events', 'properties').on_end],
])('%s is noticed', (_what, change) => {
  const changed = structuredClone(flowJsonSchema());
  change(changed);
  expect(lostBetween(flowJsonSchema(), changed).lost).not.toEqual([]);
});

/**
 * Without what the schema came to say of things that no call has ever taken, and that its log told of: texts that are no
 * key or no address, a list where an object is to be, an action without the field it lives by.
 */
function withoutWhatCallsNeverTook(schema: JsonObject): JsonObject {
  const loose = JSON.parse(JSON.stringify(schema), (key, value: Json) =>
    (key === 'pattern' && value !== '\\$') || key === 'minItems' ? undefined : value,
  ) as JsonObject;
  Object.assign(at(loose, 'HTTP', 'properties', 'params', 'properties'), { headers: {} });
  Object.assign(at(loose, 'STREAM', 'properties', 'params', 'properties'), { stream_data: {} });
  for (const type of ['IF', 'SWITCH', 'LABEL', 'SESSIONDATA']) Object.assign(at(loose, type), { required: ['type'] });
  return loose;
}

function at(schema: JsonObject, ...path: string[]): JsonObject {
  return path.reduce((below, key) => below[key] as JsonObject, schema.$defs as JsonObject);
}
