import { CALLER_INPUTS, type CallerInput } from '../actions/caller-input.ts';
import { collect } from '../actions/collect/collect.ts';
import type { Json, JsonObject } from '../io.ts';
import { isJsonObject } from '../json-value.ts';
import { holdsReference } from '../parameters/compile.ts';
import type { OutlineNode } from './outline.ts';

/** What a COLLECT has in `params`; nothing for anything else. */
export function collectParams({ definition, entry }: OutlineNode): JsonObject {
  if (definition !== collect || !isJsonObject(entry) || !isJsonObject(entry.params)) return {};
  return entry.params;
}

/** What a COLLECT takes from the caller; empty when only the call will know, and for anything else. */
export function callerInputs(node: OutlineNode): CallerInput[] {
  if (node.definition !== collect) return [];
  return inputsIn(node, 'input');
}

/** The means that a parameter of a COLLECT names. */
export function inputsIn(node: OutlineNode, name: 'input' | 'barge_in'): CallerInput[] {
  const written: Json = collectParams(node)[name] ?? null;
  const value = collect.parameters[name]?.read(written).value;
  if (holdsReference(written) || !Array.isArray(value)) return [];
  return CALLER_INPUTS.filter((input) => value.includes(input));
}
