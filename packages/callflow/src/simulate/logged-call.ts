import type { Effect, FlowEvent, Input, Json } from '../io.ts';
import { isJsonObject } from '../json-value.ts';

/** One input of a past call, with the effects that followed it. */
export interface LoggedStep {
  input: Input;
  effects: Effect[];
}

/** A past call as far as the interpreter is concerned. */
export interface LoggedCall {
  callId: string;
  steps: LoggedStep[];
}

/**
 * Reads the answer of `GET /v1/CallFlows/Logs/{call_id}`: the inputs in order, and what was done after each.
 *
 * @throws TypeError when it is no such log, or when inputs of the beginning are missing
 */
export function readCallLog(log: unknown): LoggedCall {
  if (!isJsonObject(log) || !Array.isArray(log.events)) {
    throw new TypeError('this is no call log: an object with an "events" list is expected');
  }
  const steps: LoggedStep[] = [];
  for (const [index, event] of log.events.entries()) {
    const { kind, type, time, data } = isJsonObject(event) ? event : {};
    if (typeof type !== 'string' || !isJsonObject(data)) throw new TypeError(`events[${index}] has no type or no data`);
    if (kind === 'input') {
      const atMs = typeof time === 'string' ? Date.parse(time) : Number.NaN;
      if (Number.isNaN(atMs)) throw new TypeError(`events[${index}] has no time`);
      steps.push({ input: { ...data, type, atMs } as unknown as Input, effects: [] });
    } else if (kind === 'effect') steps.at(-1)?.effects.push({ ...data, type } as unknown as Effect);
  }
  if (steps[0]?.input.type !== 'start') throw new TypeError('the log does not begin with the start of a call');
  return { callId: String(log.call_id ?? ''), steps };
}

/** What a replay makes of one logged step. */
export interface ReplayedStep {
  input: Input;
  /** What changed in the call's state: `phase`, `at`, `keyPresses`, `$name` … as texts; null where there was nothing. */
  changes: { name: string; before: string | null; after: string | null }[];
  events: FlowEvent[];
  effects: Effect[];
  /** The effects of the log that are not the same, by their place in the step; null where one side has none. */
  differences: { logged: Effect | null; replayed: Effect | null }[];
}

/**
 * The differences between two lists of effects, place by place. The order of keys does not matter, nor one that the logged
 * effect has not and the other has empty: it is of a later version, in which nothing else was asked for.
 */
export function differencesOf(logged: readonly Effect[], replayed: readonly Effect[]): ReplayedStep['differences'] {
  const differences: ReplayedStep['differences'] = [];
  for (let index = 0; index < Math.max(logged.length, replayed.length); index += 1) {
    const before = logged[index] ?? null;
    const after = replayed[index] ?? null;
    if (!isSame(before as Json, asLogged(after as Json, before as Json)))
      differences.push({ logged: before, replayed: after });
  }
  return differences;
}

function isSame(one: Json, other: Json): boolean {
  if (Array.isArray(one)) {
    return (
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, index) => isSame(item, other[index] ?? null))
    );
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return one === other;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key] ?? null, other[key] ?? null))
  );
}

/** An effect as it was before what the logged one has not, where that is empty. */
function asLogged(effect: Json, logged: Json): Json {
  if (!isJsonObject(effect) || !isJsonObject(logged)) return effect;
  const known = Object.entries(effect).filter(([key, value]) => Object.hasOwn(logged, key) || !isEmpty(value));
  return Object.fromEntries(known);
}

function isEmpty(value: Json): boolean {
  return value === null || value === false || (Array.isArray(value) && value.length === 0);
}
