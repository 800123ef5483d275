import type { Json, JsonObject } from '../io.ts';
import { isJsonObject } from '../json-value.ts';
import { report, type Spot, type Step } from './step.ts';

/**
 * Sets a variable, or a member below one, to a value; undefined takes it away. Objects on the way are made where they
 * are missing. `$sessionData` and `$keyPresses` are the call's own; any other name is the user's.
 */
export function setVariable(step: Step, spot: Spot, path: readonly string[], value: Json | undefined): void {
  const [name, ...members] = path;
  if (name === undefined || !fits(step, spot, path, value)) return;
  const { call } = step;
  if (name === 'sessionData') {
    const sessionData = members.length === 0 ? value : withMember(call.sessionData ?? {}, members, value);
    if (sessionData !== undefined && sessionData !== null && !isJsonObject(sessionData)) {
      report(step, 'warning', spot, 'session data must be an object; it stays as it was');
      return;
    }
    call.sessionData = sessionData ?? null;
  } else if (name === 'keyPresses') {
    if (members.length > 0) {
      report(step, 'warning', spot, '$keyPresses is a text and has no members; it stays as it was');
      return;
    }
    call.keyPresses = value === undefined || value === null ? '' : String(value);
  } else {
    call.variables = withMember(call.variables, path, value);
  }
  report(step, 'variable_set', spot, `$${path.join('.')} set`, { name: path.join('.'), value: value ?? null });
}

/** Lays the members of `data` over the session data, making it when there is none. Members set to null stay null. */
export function mergeSessionData(step: Step, spot: Spot, data: JsonObject): void {
  const { call } = step;
  const merged: JsonObject = { ...call.sessionData, ...data };
  const { maxVariables } = step.limits;
  if (Object.keys(merged).length > Math.max(maxVariables, Object.keys(call.sessionData ?? {}).length)) {
    report(step, 'warning', spot, `session data would have more than ${maxVariables} members; it stays as it was`);
    return;
  }
  if (!isShort(step, spot, 'the session data', data)) return;
  call.sessionData = merged;
  report(step, 'variable_set', spot, 'session data merged', { name: 'sessionData', value: data });
}

function fits(step: Step, spot: Spot, path: readonly string[], value: Json | undefined): boolean {
  if (value === undefined) return true;
  const name = path[0] ?? '';
  const { call, limits } = step;
  const isNew = name !== 'sessionData' && !Object.hasOwn(call.variables, name);
  if (isNew && Object.keys(call.variables).length >= limits.maxVariables) {
    report(step, 'warning', spot, `there are ${limits.maxVariables} variables already; $${name} is not set`);
    return false;
  }
  return isShort(step, spot, `$${path.join('.')}`, value);
}

function isShort(step: Step, spot: Spot, what: string, value: Json): boolean {
  const { maxValueCharacters } = step.limits;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return true;
  const length = typeof value === 'string' ? value.length : JSON.stringify(value).length;
  if (length <= maxValueCharacters) return true;
  report(step, 'warning', spot, `${what}: a value of ${length} characters is more than ${maxValueCharacters}; not set`);
  return false;
}

/** A copy of `holder` with the member at `path` set; what is no object on the way is replaced by one. */
function withMember(holder: Json | undefined, path: readonly string[], value: Json | undefined): JsonObject {
  const object = isJsonObject(holder) ? holder : {};
  const [key, ...rest] = path;
  if (key === undefined) return object;
  // Computed keys and spreads define own members, so "__proto__" is a member like any other.
  if (rest.length > 0) {
    const inner = Object.hasOwn(object, key) ? object[key] : undefined;
    if (Array.isArray(inner)) return { ...object, [key]: withElement(inner, rest, value) };
    return { ...object, [key]: withMember(inner, rest, value) };
  }
  if (value !== undefined) return { ...object, [key]: value };
  const { [key]: _, ...others } = object;
  return others;
}

/** An array with one element changed or appended; any other key leaves it as it is. */
function withElement(array: Json[], path: readonly string[], value: Json | undefined): Json[] {
  const [key, ...rest] = path;
  const index = /^\d{1,6}$/.test(key ?? '') ? Number(key) : -1;
  if (index < 0 || index > array.length) return array;
  const copy = [...array];
  copy[index] = rest.length === 0 ? (value ?? null) : withMember(array[index], rest, value);
  return copy;
}
