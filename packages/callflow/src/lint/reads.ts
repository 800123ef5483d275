import { compileExpression, variablesOf } from '../expression/expression.ts';
import type { Json } from '../io.ts';
import { isJsonObject } from '../json-value.ts';
import { isComment } from '../parameters/compile.ts';
import { parseTemplate } from '../template/parse-template.ts';
import { typedReference } from '../template/template.ts';
import type { OutlineNode } from './outline.ts';

/** A text of an entry: `below` is its path in the entry, e.g. `params.text`. */
export interface TextOfEntry {
  keys: readonly (string | number)[];
  text: string;
  /** A JavaScript expression; any other text may be a template or a reference. */
  isExpression: boolean;
}

/** How the documentation of a field begins whose text is an expression. */
const EXPRESSION = /^The expression/;

/** Every text an action may evaluate or fill in, its nested lists left out. */
export function textsOf(node: OutlineNode): TextOfEntry[] {
  const texts: TextOfEntry[] = [];
  const { entry, definition, lists } = node;
  if (definition === null || !isJsonObject(entry)) return texts;
  const nested = lists.map(({ key }) => key);
  for (const [key, value] of Object.entries(entry)) {
    if (key === 'type' || isComment(key) || nested.includes(key)) continue;
    const isAssigned = key.startsWith('$');
    if (!isAssigned && key !== 'params' && !Object.hasOwn(definition.fields, key)) continue;
    const isExpression = (isAssigned || EXPRESSION.test(definition.fields[key] ?? '')) && typeof value === 'string';
    collect(texts, value, [key], isExpression, nested);
  }
  return texts;
}

/** The paths of the variables a text reads, without the `$`. */
export function variablesIn({ text, isExpression }: TextOfEntry): string[][] {
  if (isExpression) {
    const compiled = compileExpression(text);
    return compiled.ok ? variablesOf(compiled.expression) : [];
  }
  const reference = typedReference(text);
  if (reference !== null) return [reference];
  return parseTemplate(text).flatMap((piece) => (typeof piece === 'string' ? [] : [piece.path]));
}

/** The variables an action reads. */
export function readsOf(node: OutlineNode): string[][] {
  return textsOf(node).flatMap(variablesIn);
}

/** The paths of the variables an action sets: its assignments, and the members of its session data. */
export function writesOf({ entry, definition }: OutlineNode): string[][] {
  if (!isJsonObject(entry) || definition === null) return [];
  const paths: string[][] = [];
  for (const [key, value] of Object.entries(entry)) {
    if (key.startsWith('$')) paths.push(typedReference(key) ?? []);
    else if (key === 'session_data' && Object.hasOwn(definition.fields, key) && isJsonObject(value))
      for (const member of Object.keys(value)) paths.push(['sessionData', member]);
  }
  return paths.filter((path) => path.length > 0);
}

function collect(
  texts: TextOfEntry[],
  value: Json,
  keys: readonly (string | number)[],
  isExpression: boolean,
  nested: readonly string[],
): void {
  if (typeof value === 'string') texts.push({ keys, text: value, isExpression });
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) collect(texts, item, [...keys, index], false, nested);
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      if (!isComment(key) && !nested.includes([...keys, key].join('.'))) {
        collect(texts, member, [...keys, key], false, nested);
      }
    }
  }
}
