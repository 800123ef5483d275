import fc from 'fast-check';
import type { Json, JsonObject } from '../io.ts';
import { isJsonObject } from '../json-value.ts';
import { flowJsonSchema } from '../schema/flow-json-schema.ts';

/** Texts that mean something somewhere: expressions, templates, names that meet, addresses, keys, numbers, units. */
const TEXTS = [
  '$n + 1',
  "$keyPresses == '1'",
  '$sessionData.a',
  'Math.random()',
  '[1,2]',
  '((',
  'true',
  '$n < 3',
  'Hi ${n}',
  '${...n}',
  '$sessionData',
  'A',
  'B',
  'f',
  'g',
  '',
  '#',
  '12w#',
  '[1-3]',
  '5',
  'https://example.com/x',
  'wss://example.com/',
  '+12125550111',
  '<speak>a<break time="1s"/><say-as interpret-as="digits">12</say-as></speak>',
  '<speak>',
];
const NAMES = ['$n', '$m', '$sessionData.a', '$sessionData'];
const EXPRESSIONS = ['1', '$n + 1', '$n', "'x'", '$sessionData.a', '[1,2]', '((', '{a: 1}', 'new Date().getTime()'];
/** Small ones let a call come on, the others are where limits are. */
const NUMBERS = [0, 1, 2, 3, 10, 700, 3_000, 30_000, -1, 1.5, 1e15];
const NAMES_OF_FLOWS = ['f', 'g'];
const MOST_NESTED = 3;
const MOST_ENTRIES = 4;

const ODD: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(...TEXTS, ...NUMBERS, null, true),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
);

const assignments: fc.Arbitrary<Json> = fc.dictionary(
  fc.constantFrom(...NAMES),
  fc.oneof(fc.constantFrom(...EXPRESSIONS), ODD),
  { minKeys: 1, maxKeys: 3 },
) as fc.Arbitrary<Json>;

/**
 * Flow documents made from the published schema, so that every action, parameter and event of the language occurs, new
 * ones too; some of their values are not what the schema asks for.
 */
export const arbitraryFlow: fc.Arbitrary<JsonObject> = fc.record(
  {
    actions: listOf(MOST_NESTED),
    flows: fc.record(Object.fromEntries(NAMES_OF_FLOWS.map((name) => [name, listOf(1)])), { requiredKeys: [] }),
  },
  { requiredKeys: ['actions'] },
) as fc.Arbitrary<JsonObject>;

/** Lists of actions as in {@link arbitraryFlow}. */
export const arbitraryActions: fc.Arbitrary<Json[]> = listOf(MOST_NESTED);

/** The text of a document after an accident: pieces of it lost, doubled, put elsewhere, or other characters put in. */
export function damaged(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const accident = fc.record({
    at: fc.nat(),
    length: fc.nat({ max: 20 }),
    from: fc.nat(),
    put: fc.oneof(fc.constantFrom(...'{}[]",:\\\t\n#-&*!|$'), fc.string({ maxLength: 3 }), fc.constant('\u0000')),
    kind: fc.constantFrom(
      'lost' as const,
      'doubled' as const,
      'replaced' as const,
      'put in' as const,
      'cut off' as const,
    ),
  });
  return fc.tuple(text, fc.array(accident, { minLength: 1, maxLength: 4 })).map(([whole, accidents]) => {
    let left = whole;
    for (const { kind, at, length, from, put } of accidents) {
      const place = at % (left.length + 1);
      const [before, piece, after] = [
        left.slice(0, place),
        left.slice(place, place + length),
        left.slice(place + length),
      ];
      const other = from % (left.length + 1);
      if (kind === 'lost') left = before + after;
      else if (kind === 'doubled') left = before + piece + piece + after;
      else if (kind === 'replaced') left = before + left.slice(other, other + length) + after;
      else if (kind === 'put in') left = before + put + piece + after;
      else left = before;
    }
    return left;
  });
}

/** Documents of one action each that a schema finds right, but for texts that have to look like something. */
export function soundActions(schema: JsonObject): fc.Arbitrary<JsonObject> {
  const actions = definitionsOf(schema).map((definition) => arbitraryOf(definition, { list: fc.constant([]), odd: 0 }));
  return fc.record({ actions: fc.tuple(fc.oneof(...actions)) });
}

/** How values are made: what a list of actions is, and how many of ten are none that the schema asks for. */
interface Making {
  list: fc.Arbitrary<Json[]>;
  odd: number;
}

function listOf(depth: number): fc.Arbitrary<Json[]> {
  if (depth === 0) return fc.constant([]);
  const making = { list: listOf(depth - 1), odd: 1 };
  const actions = definitionsOf(flowJsonSchema()).map((definition) => arbitraryOf(definition, making));
  return fc.array(fc.oneof({ weight: 12, arbitrary: fc.oneof(...actions) }, { weight: 1, arbitrary: ODD }), {
    maxLength: MOST_ENTRIES,
  });
}

/** The schemas of the actions. */
function definitionsOf({ $defs }: JsonObject): Json[] {
  return Object.entries($defs as JsonObject).flatMap(([name, one]) =>
    name === 'list' || name === 'action' ? [] : [one],
  );
}

function arbitraryOf(schema: Json | undefined, making: Making): fc.Arbitrary<Json> {
  if (!isJsonObject(schema)) return ODD;
  const { odd } = making;
  return fc.oneof({ weight: 10 - odd, arbitrary: soundOf(schema, making) }, { weight: odd, arbitrary: ODD });
}

function soundOf(schema: JsonObject, making: Making): fc.Arbitrary<Json> {
  if (schema.$ref !== undefined) return making.list;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  if (Array.isArray(schema.anyOf)) return fc.oneof(...schema.anyOf.map((one) => arbitraryOf(one, making)));
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? null];
  return fc.oneof(...types.map((type) => typedValue(type, schema, making)));
}

function typedValue(type: Json, schema: JsonObject, making: Making): fc.Arbitrary<Json> {
  switch (type) {
    case 'string':
      return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...TEXTS) }, { weight: 1, arbitrary: fc.string() });
    case 'integer':
    case 'number':
      return numberOf(schema, making);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(arbitraryOf(schema.items, making), { maxLength: 3 });
    case 'object':
      return isJsonObject(schema.properties) ? objectOf(schema, schema.properties, making) : assignments;
    default:
      return type === 'null' ? fc.constant(null) : ODD;
  }
}

function numberOf({ minimum = -1, maximum = 1e9 }: JsonObject, { odd }: Making): fc.Arbitrary<Json> {
  if (odd > 0) return fc.constantFrom(...NUMBERS);
  const within = NUMBERS.filter((one) => Number.isInteger(one) && one >= Number(minimum) && one <= Number(maximum));
  return fc.constantFrom(...within, Number(minimum), Number(maximum));
}

function objectOf(schema: JsonObject, properties: JsonObject, making: Making): fc.Arbitrary<Json> {
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const members = Object.entries(properties).map(([name, one]) => [name, memberOf(name, one, making)] as const);
  return fc.record(Object.fromEntries(members), { requiredKeys: required }) as fc.Arbitrary<Json>;
}

/** An action that has another type than its own is another action: then its members would not be met with. */
function memberOf(name: string, schema: Json, making: Making): fc.Arbitrary<Json> {
  return name === 'type' && isJsonObject(schema) ? soundOf(schema, making) : arbitraryOf(schema, making);
}
