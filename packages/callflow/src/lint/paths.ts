import type { Json } from '../io.ts';
import { isJsonObject } from '../json-value.ts';
import { holdsReference } from '../parameters/compile.ts';
import { calleeListOf, confirmAfter } from './callee-list.ts';
import type { Outline, OutlineList, OutlineNode } from './outline.ts';
import { type Afterwards, afterwards } from './probe.ts';
import { readsOf } from './reads.ts';

/** Where the call goes when it leaves the list: its end, another address, the next callback, or back from a sub-flow. */
export type Exit = 'call_ends' | 'asks_elsewhere' | 'used_up' | 'returns';

/** One way on from an action. `label`: the list it enters, `otherwise` past all of them, null for the only way. */
export interface Way {
  to: OutlineNode | Exit;
  label: string | null;
}

/** The ways through a document. */
export interface Paths {
  ways(node: OutlineNode): readonly Way[];
  /** The action plays or waits, so that time passes in it. */
  takesTime(node: OutlineNode): boolean;
  /** Where the document begins. */
  start: OutlineNode | Exit;
  /** Everything reached from the beginning, exits included. */
  reached: ReadonlySet<OutlineNode | Exit>;
}

/** Finds the ways through a document from its outline. */
export function pathsOf(outline: Outline): Paths {
  const ways = new Map<OutlineNode, Way[]>();
  const waiting = new Set<OutlineNode>();
  const probed = probing();
  for (const node of outline.nodes) {
    const isLeaf = node.lists.length === 0 && node.gotos.length === 0 && !node.runsFlow;
    const what = isLeaf && node.definition !== null ? probed(node) : 'goes_on';
    const behaviour = isLeaf ? undefined : node.definition?.behaviour;
    if (what === 'waits' || behaviour?.needsMedia === true || behaviour?.takesTime === true) waiting.add(node);
    ways.set(node, waysFrom(outline, node, what));
  }
  const waysOf = (node: OutlineNode): readonly Way[] => ways.get(node) ?? [];
  const start = entrance(outline.main);
  return { ways: waysOf, takesTime: (node) => waiting.has(node), start, reached: reachedFrom(start, waysOf) };
}

/** Equal actions behave alike: large documents repeat few of them. */
function probing(): (node: OutlineNode) => Afterwards {
  const known = new Map<string, Afterwards>();
  return (node) => {
    const key = JSON.stringify(node.entry);
    const what = known.get(key) ?? afterwards(node.entry, readsOf(node));
    known.set(key, what);
    return what;
  };
}

/** Everything reached from a place, itself included. */
function reachedFrom(
  start: OutlineNode | Exit,
  waysOf: (node: OutlineNode) => readonly Way[],
): Set<OutlineNode | Exit> {
  const reached = new Set<OutlineNode | Exit>([start]);
  for (const place of reached) {
    if (typeof place === 'string') continue;
    for (const { to } of waysOf(place)) reached.add(to);
  }
  return reached;
}

function waysFrom(outline: Outline, node: OutlineNode, probed: Afterwards): Way[] {
  const next = after(node);
  const [goto] = node.gotos;
  if (goto !== undefined) return [{ to: goto.target ?? 'used_up', label: null }];
  if (node.runsFlow) return [...waysIntoFlows(outline, node), { to: next, label: null }];
  const branches = node.lists.filter(({ kind }) => kind === 'branch');
  if (branches.length > 0) return waysIntoBranches(node, branches, next);
  const filled = node.lists.filter(({ nodes }) => nodes.length > 0);
  const later = new Set(filled.map(confirmAfter));
  const regions = filled.filter((list) => !later.has(list));
  if (regions.length > 0) {
    return [...regions.map((list) => ({ to: entrance(list), label: list.key })), { to: next, label: null }];
  }
  const heard = calleeListOf(node);
  // Neither ends anything but the list: the callee declines, or hears what is next. The call itself goes on.
  if (heard !== null && probed === 'call_ends') return [{ to: after(heard.parent), label: null }];
  if (heard !== null && probed === 'list_ends') return [{ to: afterList(heard), label: null }];
  if (probed === 'call_ends' || probed === 'asks_elsewhere') return [{ to: probed, label: null }];
  if (probed === 'list_ends') return [{ to: scopeOf(node).kind === 'flow' ? 'returns' : 'used_up', label: null }];
  return [{ to: next, label: null }];
}

/** The first instruction holds the targets of all its jumps: a way that none of them leads to does not exist. */
function waysIntoBranches(node: OutlineNode, branches: readonly OutlineList[], next: OutlineNode | Exit): Way[] {
  const [test] = node.instructions;
  const targets = test === undefined ? new Set<number>() : integersIn(test.args, new Set([test.next]));
  const ways: Way[] = branches
    .filter(({ startIndex }) => targets.has(startIndex))
    .map((list) => ({ to: entrance(list), label: list.key }));
  const isEntered = branches.some(({ startIndex }) => startIndex === node.endIndex);
  if (targets.has(node.endIndex) && !isEntered) ways.push({ to: next, label: 'otherwise' });
  return ways;
}

function waysIntoFlows(outline: Outline, node: OutlineNode): Way[] {
  return flowsRunBy(outline, node)
    .filter(([, { nodes }]) => nodes.length > 0)
    .map(([name, list]) => ({ to: entrance(list), label: name }));
}

/** The sub-flows that a RUN names; any of them when the name is made from variables, none for anything else. */
export function flowsRunBy({ flows }: Outline, node: OutlineNode): [name: string, list: OutlineList][] {
  if (!node.runsFlow) return [];
  const params = isJsonObject(node.entry) ? (node.entry.params ?? null) : null;
  const names = isJsonObject(params) ? Object.values(params) : [];
  return [...flows].filter(([name]) => names.includes(name) || holdsReference(params));
}

function integersIn(value: Json, found: Set<number>): Set<number> {
  if (typeof value === 'number') found.add(value);
  else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) integersIn(item, found);
  }
  return found;
}

function entrance(list: OutlineList): OutlineNode | Exit {
  return list.nodes[0] ?? afterList(list);
}

function after(node: OutlineNode): OutlineNode | Exit {
  return node.list.nodes[node.index + 1] ?? afterList(node.list);
}

function afterList(list: OutlineList): OutlineNode | Exit {
  const { kind, parent } = list;
  const confirm = confirmAfter(list);
  if (confirm !== null) return entrance(confirm);
  if (parent !== null) return after(parent);
  return kind === 'flow' ? 'returns' : 'used_up';
}

/** The list of the document, or of the named sub-flow, that an entry is in, however deep. */
export function scopeOf({ list }: OutlineNode): OutlineList {
  return list.parent === null ? list : scopeOf(list.parent);
}
