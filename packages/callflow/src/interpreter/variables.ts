import type { Json, JsonObject } from '../io.ts';
import { isJsonObject } from '../json-value.ts';
import { frameWithLocal } from './frames.ts';
import { report, type Spot, type Step } from './step.ts';

/** Characters of a stored value that cost as much as one instruction. */
const CHARACTERS_PER_STEP = 256;

/** Characters of a value in the timeline. */
const LONGEST_SHOWN = 1_000;

/**
 * Sets a variable, or a member below one, to a value; undefined takes it away. Objects on the way are made where they
 * are missing. `$sessionData` and `$keyPresses` are the call's own, those of an open list (`$val`) end with it; any other
 * name is the user's.
 */
export function setVariable(step: Step, spot: Spot, path: readonly string[], value: Json | undefined): void {
  const name = path.join('.');
  const characters = value === undefined ? 0 : measure(step, value);
  if (isTooLong(step, spot, `$${name}`, characters) || !store(step, spot, path, value)) return;
  report(step, 'variable_set', spot, `$${name} set`, shown(name, value ?? null, characters));
}

/** Lays the members of `data` over the session data, making it when there is none. Members set to null stay null. */
export function mergeSessionData(step: Step, spot: Spot, data: JsonObject): void {
  const { call } = step;
  const characters = measure(step, data);
  if (isTooLong(step, spot, 'the session data', characters)) return;
  const before = call.sessionData ?? {};
  const added = Object.keys(data).filter((key) => !Object.hasOwn(before, key)).length;
  const { maxVariables } = step.limits;
  if (added > 0 && Object.keys(before).length + added > maxVariables) {
    report(step, 'warning', spot, `session data would have more than ${maxVariables} members; it stays as it was`);
    return;
  }
  const sessionData = changeable(step, before);
  for (const [key, value] of Object.entries(data)) setOwn(sessionData, key, value);
  call.sessionData = sessionData;
  report(step, 'variable_set', spot, 'session data merged', shown('sessionData', data, characters));
}

/** An action tells by these variables how it went: what the flow has given them before would hide that, and is forgotten. */
export function forgetVariables({ call }: Step, names: readonly string[]): void {
  const hiding = names.filter((name) => Object.hasOwn(call.variables, name));
  if (hiding.length === 0) return;
  call.variables = Object.fromEntries(Object.entries(call.variables).filter(([name]) => !hiding.includes(name)));
  call.variableCount -= hiding.length;
}

function store(step: Step, spot: Spot, path: readonly string[], value: Json | undefined): boolean {
  const [name, ...members] = path;
  const frame = frameWithLocal(step.strand, name ?? '');
  if (frame !== undefined) {
    frame.locals = withMember(step, frame.locals, path, value ?? null);
    return true;
  }
  if (name === 'sessionData') return storeSessionData(step, spot, members, value);
  if (name === 'keyPresses') {
    if (members.length > 0) {
      report(step, 'warning', spot, '$keyPresses is a text and has no members; it stays as it was');
      return false;
    }
    step.call.keyPresses = value === undefined || value === null ? '' : String(value);
    return true;
  }
  return name !== undefined && storeOwn(step, spot, name, path, value);
}

function storeSessionData(step: Step, spot: Spot, members: readonly string[], value: Json | undefined): boolean {
  const { call } = step;
  const sessionData = members.length === 0 ? (value ?? null) : withMember(step, call.sessionData ?? {}, members, value);
  if (sessionData !== null && !isJsonObject(sessionData)) {
    report(step, 'warning', spot, 'session data must be an object; it stays as it was');
    return false;
  }
  call.sessionData = sessionData;
  return true;
}

function storeOwn(step: Step, spot: Spot, name: string, path: readonly string[], value: Json | undefined): boolean {
  const { call } = step;
  const { maxVariables } = step.limits;
  const existed = Object.hasOwn(call.variables, name);
  if (!existed && value === undefined) return true;
  if (!existed && call.variableCount >= maxVariables) {
    report(step, 'warning', spot, `there are ${maxVariables} variables already; $${name} is not set`);
    return false;
  }
  call.variables = withMember(step, call.variables, path, value);
  if (!existed) call.variableCount += 1;
  else if (path.length === 1 && value === undefined) call.variableCount -= 1;
  return true;
}

/**
 * Length of a value as JSON. Long values count like as many instructions as they take time, so that no loop over them
 * can hold the process up.
 */
export function measure(step: Step, value: Json): number {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return 0;
  const characters = typeof value === 'string' ? value.length : JSON.stringify(value).length;
  step.call.stepsWithoutWait += Math.floor(characters / CHARACTERS_PER_STEP);
  return characters;
}

/** True for a value that is longer than a stored one may be; that is reported. */
export function isTooLong(step: Step, spot: Spot, what: string, characters: number): boolean {
  const { maxValueCharacters } = step.limits;
  if (characters <= maxValueCharacters) return false;
  report(
    step,
    'warning',
    spot,
    `${what}: a value of ${characters} characters is more than ${maxValueCharacters}; it is not taken`,
  );
  return true;
}

/** What the timeline shows of a value: all of a short one, the size of a long one. */
function shown(name: string, value: Json, characters: number): JsonObject {
  return characters <= LONGEST_SHOWN ? { name, value } : { name, characters };
}

/** `holder` with the member at `path` set; what is no object on the way is replaced by one. */
function withMember(
  step: Step,
  holder: Json | undefined,
  path: readonly string[],
  value: Json | undefined,
): JsonObject {
  const object = changeable(step, isJsonObject(holder) ? holder : {});
  const [key, ...rest] = path;
  if (key === undefined) return object;
  if (rest.length === 0) {
    if (value === undefined) delete object[key];
    else setOwn(object, key, value);
    return object;
  }
  const inner = Object.hasOwn(object, key) ? object[key] : undefined;
  const changed = Array.isArray(inner) ? withElement(step, inner, rest, value) : withMember(step, inner, rest, value);
  setOwn(object, key, changed);
  return object;
}

/** An array with one element changed or appended; any other key leaves it as it is. */
function withElement(step: Step, array: Json[], path: readonly string[], value: Json | undefined): Json[] {
  const [key, ...rest] = path;
  const index = /^\d{1,6}$/.test(key ?? '') ? Number(key) : -1;
  if (index < 0 || index > array.length) return array;
  const copy = step.fresh.has(array) ? array : [...array];
  step.fresh.add(copy);
  copy[index] = rest.length === 0 ? (value ?? null) : withMember(step, array[index], rest, value);
  return copy;
}

/** The object itself when this step made it, else a copy that it may change from now on. */
function changeable(step: Step, object: JsonObject): JsonObject {
  if (step.fresh.has(object)) return object;
  const copy = { ...object };
  step.fresh.add(copy);
  return copy;
}

/** Sets an own member; "__proto__" is one like any other. */
function setOwn(object: JsonObject, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}
