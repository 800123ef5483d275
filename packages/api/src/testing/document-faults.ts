import Schema from 'typebox/schema';

type Json = Record<string, unknown>;

const METHODS = new Set(['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace']);

/**
 * What is wrong with an OpenAPI 3.1 document, by the rules of the specification that our way of making it can break:
 * paths that differ in the names of their templates only, templates and path parameters that do not match, operations
 * without answers, schemas that are no JSON Schema.
 */
export function documentFaults(document: Json): string[] {
  const faults: string[] = [];
  if (!/^3\.1\.\d+$/.test(String(document.openapi))) faults.push(`openapi is ${String(document.openapi)}`);
  const { title, version } = document.info as Json;
  if (typeof title !== 'string' || typeof version !== 'string') faults.push('info lacks title or version');
  const shapes = new Map<string, string>();
  for (const [path, item] of Object.entries(document.paths as Record<string, Json>)) {
    const shape = path.replaceAll(/\{[^}]*\}/g, '{}');
    const twin = shapes.get(shape);
    if (twin !== undefined) faults.push(`${path} and ${twin} are the same path`);
    shapes.set(shape, path);
    for (const [method, operation] of Object.entries(item)) {
      if (!METHODS.has(method)) faults.push(`${path}: ${method} is no method`);
      faults.push(...operationFaults(path, operation as Json).map((fault) => `${method} ${path}: ${fault}`));
    }
  }
  return faults;
}

function operationFaults(path: string, operation: Json): string[] {
  const faults: string[] = [];
  const parameters = (operation.parameters ?? []) as Json[];
  const templated = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name);
  const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
  if (templated.toSorted().join() !== named.toSorted().join()) faults.push(`parameters ${named} for the path ${path}`);
  for (const { name, in: place, required, schema, examples } of parameters) {
    if (place === 'path' && required !== true) faults.push(`${name} is in the path and not required`);
    if (Array.isArray(examples)) faults.push(`examples of ${name} are a list, not a map`);
    faults.push(...schemaFaults(String(name), schema));
  }
  const responses = (operation.responses ?? {}) as Record<string, Json>;
  if (Object.keys(responses).length === 0) faults.push('no responses');
  for (const [status, response] of Object.entries(responses)) {
    if (typeof response.description !== 'string') faults.push(`${status} lacks a description`);
    faults.push(...contentFaults(status, response));
  }
  if (operation.requestBody !== undefined) faults.push(...contentFaults('body', operation.requestBody as Json));
  return faults;
}

function contentFaults(where: string, { content = {} }: Json): string[] {
  return Object.values(content as Record<string, Json>).flatMap(({ schema }) => schemaFaults(where, schema));
}

function schemaFaults(where: string, schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [`${where} has no schema`];
  try {
    Schema.Compile(schema);
  } catch (error) {
    return [`the schema of ${where}: ${String(error)}`];
  }
  return keywordFaults(where, schema as Json);
}

const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

/** The keywords that hold types and schemas, all the way down. */
function keywordFaults(where: string, schema: Json): string[] {
  const types = schema.type === undefined ? [] : [schema.type].flat();
  const faults = types
    .filter((type) => !TYPES.has(String(type)))
    .map((type) => `${where}: "${String(type)}" is no type`);
  for (const keyword of ['items', 'additionalProperties', 'not']) {
    if (keyword in schema) faults.push(...innerFaults(`${where}.${keyword}`, schema[keyword]));
  }
  for (const keyword of ['properties', 'patternProperties', 'anyOf', 'oneOf', 'allOf']) {
    for (const [name, inner] of Object.entries(schema[keyword] ?? {})) {
      faults.push(...innerFaults(`${where}.${keyword}.${name}`, inner));
    }
  }
  return faults;
}

function innerFaults(where: string, schema: unknown): string[] {
  if (typeof schema === 'boolean') return [];
  if (typeof schema !== 'object' || schema === null) return [`${where} is no schema`];
  return keywordFaults(where, schema as Json);
}
