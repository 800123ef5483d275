import type { Json, JsonObject } from '../io.ts';
import { isJsonObject, kindOf } from '../json-value.ts';
import { nearestName } from '../nearest-name.ts';
import { isComment } from '../remarks.ts';
import { parseTemplate } from '../template/parse-template.ts';
import { typedReference } from '../template/template.ts';
import { faultsOf, type ParameterSchema, type ParameterValues } from './parameter.ts';

/**
 * The `params` of one action after compilation. `fixed` holds every parameter, read and with defaults; `filled` the
 * written values that hold references or templates and so are known only when the action runs.
 */
export type CompiledParameters = {
  fixed: JsonObject;
  filled: JsonObject | null;
};

export { isComment };

/** Takes a warning. One given as a function is worded only if there is still room for it. */
export type Warn = (message: string | (() => string)) => void;

/** Reads written `params` against a schema. Nothing here is fatal: every doubt becomes a warning. */
export function compileParameters(schema: ParameterSchema, written: Json | undefined, warn: Warn): CompiledParameters {
  const params = paramsObject(written, warn);
  const fixed: [string, Json][] = [];
  const filled: [string, Json][] = [];
  for (const [name, parameter] of Object.entries(schema)) {
    const value = Object.hasOwn(params, name) ? (params[name] ?? null) : null;
    if (value === null && parameter.required) warn(`params.${name} is missing`);
    if (holdsReference(value)) {
      fixed.push([name, parameter.default]);
      filled.push([name, value]);
      continue;
    }
    const reading = parameter.read(value);
    for (const { path, message } of faultsOf(name, reading)) warn(`params.${path.join('.')} ${message}`);
    fixed.push([name, reading.value]);
  }
  warnOfUnknown(schema, params, warn);
  return { fixed: Object.fromEntries(fixed), filled: filled.length === 0 ? null : Object.fromEntries(filled) };
}

/**
 * The parameter values of a running action: templates and references filled by `fill`, then read like written ones.
 * Coercions are silent here, because references often carry digits as texts; refusals are warned of.
 */
export function parameterValues<Schema extends ParameterSchema>(
  schema: Schema,
  compiled: CompiledParameters,
  fill: (value: Json) => Json | undefined,
  warn: (message: string) => void,
): ParameterValues<Schema> {
  if (compiled.filled === null) return compiled.fixed as ParameterValues<Schema>;
  const values: JsonObject = { ...compiled.fixed };
  for (const [name, written] of Object.entries(compiled.filled)) {
    const parameter = schema[name];
    if (parameter === undefined) continue;
    const reading = parameter.read(fill(written) ?? null);
    for (const { path, verdict, message } of faultsOf(name, reading))
      if (verdict === 'refused') warn(`params.${path.join('.')} ${message}`);
    values[name] = reading.value;
  }
  return values as ParameterValues<Schema>;
}

/** True when some text in the value is a reference or a template, so that the value is known only when the action runs. */
export function holdsReference(value: Json): boolean {
  if (typeof value === 'string') return value.includes('$') && isFilled(value);
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) ? value.some(holdsReference) : Object.values(value).some(holdsReference);
}

function isFilled(text: string): boolean {
  return typedReference(text) !== null || parseTemplate(text).some((piece) => typeof piece !== 'string');
}

function paramsObject(written: Json | undefined, warn: Warn): JsonObject {
  if (written === undefined || written === null) return {};
  if (isJsonObject(written)) return written;
  warn(`params is ${kindOf(written)}; an object is expected`);
  return {};
}

function warnOfUnknown(schema: ParameterSchema, params: JsonObject, warn: Warn): void {
  const unknown = unknownNames(params, Object.keys(schema));
  for (const name of unknown) {
    warn(() => {
      const meant = parameterMeant(name, unknown, schema, params);
      return `unknown parameter "${name.slice(0, 60)}"${meant === null ? '' : `; did you mean "${meant}"?`}`;
    });
  }
}

/** The names in an object that are neither known nor remarks. */
export function unknownNames(written: JsonObject, known: readonly string[]): string[] {
  return Object.keys(written).filter((name) => !known.includes(name) && !isComment(name));
}

/**
 * The parameter that an unknown name most likely stands for: one of nearly that name; or, when no other name is unknown, the
 * only one that is needed and not there. Null when it resembles nothing.
 */
export function parameterMeant(
  name: string,
  unknown: readonly string[],
  schema: ParameterSchema,
  params: JsonObject,
): string | null {
  const near = nearestName(name, Object.keys(schema));
  if (near !== null || unknown.length !== 1) return near;
  const isThere = (needed: string): boolean => Object.hasOwn(params, needed) && params[needed] !== null;
  const missing = Object.keys(schema).filter((one) => schema[one]?.required === true && !isThere(one));
  return missing.length === 1 ? (missing[0] ?? null) : null;
}
