import { parseDocument } from '../document/document.ts';
import type { Json, JsonObject } from '../io.ts';
import { isJsonObject } from '../json-value.ts';
import { DEFAULT_LANGUAGE_LIMITS } from '../limits.ts';
import { type OutlineNode, outlineOf } from '../lint/outline.ts';
import { type Exit, type Paths, pathsOf } from '../lint/paths.ts';

const EXITS: Readonly<Record<Exit, string>> = {
  call_ends: '(["call ends"])',
  asks_elsewhere: '(["another address"])',
  used_up: '(["next callback"])',
  returns: '(["return"])',
};

/** Characters of an action's own words in its box. */
const LONGEST_TEXT = 40;

/**
 * A picture of a flow as a Mermaid flowchart: a box per action, a diamond where it branches, an arrow for every way on.
 * What no call comes to has a dashed border.
 *
 * @param flow the document or its text
 * @throws SyntaxError when it is no document
 */
export function flowGraph(flow: JsonObject | string): string {
  const text = typeof flow === 'string' ? flow : JSON.stringify(flow);
  const parsed = parseDocument(text, DEFAULT_LANGUAGE_LIMITS);
  if (!parsed.ok) throw new SyntaxError(parsed.fault.message);
  const outline = outlineOf(parsed.document);
  const paths = pathsOf(outline);
  const shown = outline.nodes.filter(({ definition }) => definition !== null);
  const ids = new Map(shown.map((node, index) => [node, `a${index}`]));
  const exits = new Set<Exit>();
  const arrows: string[] = [];
  const idOf = (place: OutlineNode | Exit): string => {
    if (typeof place !== 'string') return ids.get(place) ?? '';
    exits.add(place);
    return place;
  };
  const arrow = (from: string, to: OutlineNode | Exit, label: string | null): void => {
    const words = label === null ? '' : `|"${escaped(label)}"|`;
    const line = `  ${from} -->${words} ${idOf(passing(paths, to))}`;
    if (!arrows.includes(line)) arrows.push(line);
  };
  arrow('start', paths.start, null);
  for (const node of shown) for (const { to, label } of paths.ways(node)) arrow(ids.get(node) ?? '', to, label);
  const boxes = shown.map((node) => `  ${ids.get(node)}${box(node, paths)}`);
  const ends = [...exits].map((exit) => `  ${exit}${EXITS[exit]}`);
  const unreached = shown.filter((node) => !paths.reached.has(node)).map((node) => ids.get(node));
  const style =
    unreached.length === 0
      ? []
      : ['  classDef unreached stroke-dasharray: 4 4', `  class ${unreached.join(',')} unreached`];
  return `${['flowchart TD', '  start(["call"])', ...boxes, ...ends, ...arrows, ...style].join('\n')}\n`;
}

/** What is no action of the language has no box: the arrow goes on to what follows. */
function passing(paths: Paths, place: OutlineNode | Exit): OutlineNode | Exit {
  let at = place;
  while (typeof at !== 'string' && at.definition === null) at = paths.ways(at)[0]?.to ?? 'used_up';
  return at;
}

function box(node: OutlineNode, paths: Paths): string {
  const words = escaped(`${node.type === '$' ? 'set' : node.type} ${wordsOf(node.entry)}`.trim());
  if (node.labels.length > 0) return `(["${words}"])`;
  return paths.ways(node).length > 1 ? `{"${words}"}` : `["${words}"]`;
}

/** What an action is about: its assignments, or the first text it carries. */
function wordsOf(entry: Json): string {
  if (!isJsonObject(entry)) return '';
  const set = Object.entries(entry).filter(([key]) => key.startsWith('$'));
  if (set.length > 0) return cut(set.map(([name, value]) => `${name} = ${shown(value)}`).join(', '));
  const params = isJsonObject(entry.params) ? Object.values(entry.params) : [];
  const { type: _type, params: _params, ...fields } = entry;
  const text = [...Object.values(fields), ...params].find((value) => typeof value === 'string');
  return text === undefined ? '' : cut(String(text));
}

function shown(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

/** Mermaid reads quotes, brackets and the like as its own; their codes stand for themselves. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,!?:…-]/gu, (mark) => `#${mark.codePointAt(0)};`);
}
