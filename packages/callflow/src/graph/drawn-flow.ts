import { parseDocument } from '../document/document.ts';
import type { Json, JsonObject } from '../io.ts';
import { isJsonObject } from '../json-value.ts';
import { DEFAULT_LANGUAGE_LIMITS } from '../limits.ts';
import { type OutlineNode, outlineOf } from '../lint/outline.ts';
import { type Exit, type Paths, pathsOf } from '../lint/paths.ts';

/** An action as a box of a picture. */
export interface FlowBox {
  id: string;
  /** The action's type; `set` for an assignment. */
  title: string;
  /** What it is about, cut short. */
  words: string;
  /** Where the call branches, or what a GOTO leads to. */
  kind: 'action' | 'branch' | 'label';
  /** Some call comes to it. */
  isReached: boolean;
  /** Place in the document. */
  path: string;
}

/** A way on. `from` is a box or `start`, `to` a box or where the call goes when it leaves the list. */
export interface FlowArrow {
  from: string;
  to: string | Exit;
  label: string | null;
  /** Into or out of the list of an event, which runs beside what goes on. */
  isBeside: boolean;
}

/** A flow as boxes and arrows, in the order of the document. */
export interface DrawnFlow {
  boxes: FlowBox[];
  arrows: FlowArrow[];
  /** Those that arrows lead to, in order of appearance. */
  exits: Exit[];
}

/** What stands at the places where a call leaves the list. */
export const EXIT_WORDS: Readonly<Record<Exit, string>> = {
  call_ends: 'call ends',
  asks_elsewhere: 'another address',
  used_up: 'next callback',
  returns: 'return',
};

/** Characters of an action's own words in its box. */
const LONGEST_TEXT = 40;

/**
 * The boxes and arrows of a flow.
 *
 * @param flow the document or its text
 * @throws SyntaxError when it is no document
 */
export function drawFlow(flow: JsonObject | string): DrawnFlow {
  const text = typeof flow === 'string' ? flow : JSON.stringify(flow);
  const parsed = parseDocument(text, DEFAULT_LANGUAGE_LIMITS);
  if (!parsed.ok) throw new SyntaxError(parsed.fault.message);
  const outline = outlineOf(parsed.document);
  const paths = pathsOf(outline);
  const shown = outline.nodes.filter(({ definition }) => definition !== null);
  const ids = new Map(shown.map((node, index) => [node, `a${index}`]));
  const exits = new Set<Exit>();
  const arrows = new Map<string, FlowArrow>();
  const point = (from: string, towards: OutlineNode | Exit, label: string | null, isBeside = false): void => {
    const place = passing(paths, towards);
    if (typeof place === 'string') exits.add(place);
    const to = typeof place === 'string' ? place : (ids.get(place) ?? '');
    arrows.set(JSON.stringify([from, to, label]), { from, to, label, isBeside });
  };
  point('start', paths.start, null);
  for (const node of shown) {
    for (const { to, label } of paths.ways(node)) {
      const isBeside = label?.startsWith('events.') === true || leavesEvent(paths, node, to);
      point(ids.get(node) ?? '', roundAgain(paths, node, to), nameOf(node, label), isBeside);
    }
  }
  const boxes = shown.map((node): FlowBox => {
    const kind = node.labels.length > 0 ? 'label' : paths.ways(node).length > 1 ? 'branch' : 'action';
    const title = node.type === '$' ? 'set' : (node.type ?? '');
    const isReached = paths.reached.has(node);
    return { id: ids.get(node) ?? '', title, words: wordsOf(node.entry), kind, isReached, path: node.path };
  });
  return { boxes, arrows: [...arrows.values()], exits: [...exits] };
}

/** What is no action of the language has no box: the arrow goes on to what follows. */
function passing(paths: Paths, place: OutlineNode | Exit): OutlineNode | Exit {
  let at = place;
  while (typeof at !== 'string' && at.definition === null) at = paths.ways(at)[0]?.to ?? 'used_up';
  return at;
}

/** Where the list of a FOREACH ends it is run again: the way leads back, and on only from the FOREACH itself. */
function roundAgain(paths: Paths, node: OutlineNode, towards: OutlineNode | Exit): OutlineNode | Exit {
  if (node.gotos.length > 0 || node.type === 'RETURN') return towards;
  for (let around = node.list.parent; around !== null; around = around.list.parent) {
    if (around.type === 'FOREACH' && paths.ways(around).at(-1)?.to === towards) return around;
  }
  return towards;
}

/** The list of an event ends there: the way leads to what follows the action whose event it is. */
function leavesEvent(paths: Paths, node: OutlineNode, towards: OutlineNode | Exit): boolean {
  if (node.gotos.length > 0 || towards === 'call_ends') return false;
  for (let { list } = node; list.parent !== null; list = list.parent.list) {
    if (list.key.startsWith('events.')) return paths.ways(list.parent).at(-1)?.to === towards;
  }
  return false;
}

/** What stands beside an arrow: the name of the list it leads to, of a case in a SWITCH what it is for. */
function nameOf({ entry }: OutlineNode, label: string | null): string | null {
  const index = label?.match(/^cases\[(\d+)\]/)?.[1];
  const cases = isJsonObject(entry) && Array.isArray(entry.cases) ? entry.cases : [];
  const one = index === undefined ? undefined : cases[Number(index)];
  if (isJsonObject(one) && one.when !== undefined) return cut([one.when].flat().map(shown).join(', '));
  return label?.replace(/^events\.|\.(?:then|actions)$/g, '') ?? null;
}

/** What an action is about: its assignments, or the first text, or texts, it carries. */
function wordsOf(entry: Json): string {
  if (!isJsonObject(entry)) return '';
  const set = Object.entries(entry).filter(([key]) => key.startsWith('$'));
  if (set.length > 0) return cut(set.map(([name, value]) => `${name} = ${shown(value)}`).join(', '));
  const params = isJsonObject(entry.params) ? Object.values(entry.params) : [];
  const { type: _type, params: _params, ...fields } = entry;
  const text = [...Object.values(fields), ...params].find(isText);
  return text === undefined ? '' : cut([text].flat().join(', '));
}

function isText(value: Json): value is string | string[] {
  return (
    typeof value === 'string' ||
    (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string'))
  );
}

function shown(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}
