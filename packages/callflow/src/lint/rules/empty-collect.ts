import { collect } from '../../actions/collect/collect.ts';
import { switchAction } from '../../actions/switch/switch.ts';
import { compileExpression, evaluate } from '../../expression/expression.ts';
import type { Json } from '../../io.ts';
import { isJsonObject } from '../../json-value.ts';
import { holdsReference } from '../../parameters/compile.ts';
import { typedReference } from '../../template/template.ts';
import { calleeListOf } from '../callee-list.ts';
import { callerInputs } from '../caller-inputs.ts';
import { complaintAt, type LintedFlow } from '../linted-flow.ts';
import type { OutlineList, OutlineNode } from '../outline.ts';
import { flowsRunBy, scopeOf, type Way } from '../paths.ts';
import { readsOf, textsOf, variablesIn } from '../reads.ts';
import type { Rule } from '../rule.ts';

export const emptyCollect: Rule = {
  name: 'empty-collect',
  severity: 'warning',
  summary: 'A COLLECT is followed by nothing for a caller who presses no key, or says nothing.',
  description:
    'Then `$keyPresses` is empty, and so is `$speech` where speech is asked for. The linter follows the call with that value ' +
    'and warns when it is used without having been looked at, or when the call ends without another word.',
  bad: {
    actions: [
      { type: 'COLLECT', params: { num_digits: 4 } },
      { type: 'SAY', params: { text: 'Your code is ${...keyPresses}.' } },
      { type: 'HANGUP' },
    ],
  },
  good: {
    actions: [
      { type: 'COLLECT', params: { num_digits: 4 } },
      {
        type: 'IF',
        condition: "$keyPresses == ''",
        then: [{ type: 'SAY', params: { text: 'You pressed nothing.' } }],
        orElse: [{ type: 'SAY', params: { text: 'Your code is ${...keyPresses}.' } }],
      },
      { type: 'HANGUP' },
    ],
  },
  checkFlow(flow) {
    const budget = { placesLeft: MOST_PLACES };
    return flow.outline.nodes.flatMap((node) => {
      // A callee that presses nothing is hung up, and nobody has to tell it so.
      if (node.definition !== collect || !flow.paths.reached.has(node) || calleeListOf(node) !== null) return [];
      const asked = askedOf(node);
      const verdict = followEmpty(flow, node, asked.variables, budget);
      if (verdict === null) return [];
      const condition = asked.variables.map((name) => `$${name} == ''`).join(' && ');
      const message = `when ${asked.nothing}, ${verdict}`;
      return [complaintAt(flow, node, [], message, `Add an IF with the condition ${condition}.`)];
    });
  },
};

/** What is known to be empty, and whether a condition has looked at it. */
interface Walker {
  node: OutlineNode;
  /** Names (`keyPresses`, `sessionData.pin`) that hold the empty digits. */
  empty: ReadonlySet<string>;
  hasLooked: boolean;
  /** The RUNs under way that have been come through, the innermost last. */
  running: readonly OutlineNode[];
}

/** RUNs within each other that are followed; a flow that runs itself has no more to say at the next one. */
const MOST_RUNNING = 8;

/** Places looked at in one document; what a very large one would have more of is not told. */
const MOST_PLACES = 100_000;

/** The variables that a caller who does nothing leaves empty, and how that is said. */
function askedOf(node: OutlineNode): { variables: string[]; nothing: string } {
  const inputs = callerInputs(node);
  if (!inputs.includes('speech')) return { variables: ['keyPresses'], nothing: 'no key is pressed' };
  if (!inputs.includes('digits')) return { variables: ['speech'], nothing: 'nothing is said' };
  return { variables: ['keyPresses', 'speech'], nothing: 'nothing is pressed or said' };
}

/** Follows the call after a COLLECT whose variables are empty; gives what is wrong with where it leads, or null. */
function followEmpty(
  flow: LintedFlow,
  collecting: OutlineNode,
  variables: readonly string[],
  budget: { placesLeft: number },
): string | null {
  const waiting: Walker[] = [];
  const seen = new Set<string>();
  let silent = false;
  const go = (walker: Walker, ways: readonly Way[]): void => {
    for (const { to } of ways.filter((way) => !comesRound(walker.node, way))) {
      if (to === 'call_ends') silent ||= walker.hasLooked;
      else if (to === 'returns') waiting.push(...returned(flow, walker));
      else if (typeof to !== 'string') waiting.push({ ...walker, node: to });
    }
  };
  const start = { node: collecting, empty: new Set(variables), hasLooked: false, running: [] };
  go(start, straightOn(flow, collecting));
  for (let walker = waiting.pop(); walker !== undefined; walker = waiting.pop()) {
    const { node, empty, hasLooked, running } = walker;
    const key = `${node.path} ${hasLooked} ${[...empty].join()} ${running.at(-1)?.path ?? ''}`;
    if (seen.has(key) || node.definition === collect) continue;
    seen.add(key);
    budget.placesLeft -= 1 + empty.size;
    if (budget.placesLeft < 0) return null;
    const reads = readsOf(node).some((path) => isEmpty(path, empty));
    const ways = flow.paths.ways(node);
    const flows = node.runsFlow ? ways.filter(({ label }) => label !== null) : [];
    if (flows.length > 0) {
      if (running.length < MOST_RUNNING) go({ ...walker, running: [...running, node] }, flows);
    } else if (reads && ways.length > 1) go({ ...walker, hasLooked: true }, waysOfEmpty(node, ways, empty));
    else if (isCopy(node, empty)) go({ ...walker, empty: new Set([...empty, ...copiesIn(node, empty)]) }, ways);
    else if (reads && !hasLooked && !node.lists.length && !isConditional(node, empty)) {
      return `${node.path} uses what is empty all the same`;
    } else if (!flow.paths.takesTime(node)) go({ ...walker, hasLooked: hasLooked || reads }, ways);
  }
  return silent ? 'the call ends without another word' : null;
}

/** The way past an action, not into its lists or the flow that it runs. */
function straightOn(flow: LintedFlow, node: OutlineNode): Way[] {
  return flow.paths.ways(node).filter(({ label }) => label === null);
}

/** Back from a sub-flow: behind the RUN that was come through, or behind all that run it when the COLLECT is in it. */
function returned(flow: LintedFlow, { running, node, ...rest }: Walker): Walker[] {
  const innermost = running.at(-1);
  const scope = scopeOf(node);
  const runs =
    innermost === undefined
      ? flow.outline.nodes.filter((one) => flowsRunBy(flow.outline, one).some(([, list]) => list === scope))
      : [innermost];
  const outer = running.slice(0, -1);
  return runs.flatMap((run) =>
    straightOn(flow, run).flatMap(({ to }) => {
      // A RUN at the end of a flow goes back at once, too.
      if (to === 'returns') return outer.length === 0 ? [] : returned(flow, { ...rest, running: outer, node: run });
      return typeof to === 'string' ? [] : [{ ...rest, running: outer, node: to }];
    }),
  );
}

/**
 * The end of a list that runs over and over, or beside the flow: the caller is still in the line, the conference or the
 * transfer, and hears what there is to hear.
 */
function comesRound({ list, gotos }: OutlineNode, { to }: Way): boolean {
  const around = listBeside(list);
  if (around === null || gotos.length > 0 || to === 'call_ends') return false;
  return typeof to === 'string' || !isWithin(to.list, around);
}

const WITH_LISTS_BESIDE: ReadonlySet<string | null> = new Set(['QUEUE', 'CONFERENCE', 'TRANSFER', 'STREAM']);

function listBeside(list: OutlineList): OutlineList | null {
  const { parent, key } = list;
  if (parent === null) return null;
  const isTreatment = parent.type === 'QUEUE' && key === 'actions';
  const isEvent = WITH_LISTS_BESIDE.has(parent.type) && key.startsWith('events.');
  return isTreatment || isEvent ? list : listBeside(parent.list);
}

function isWithin(list: OutlineList, around: OutlineList): boolean {
  return list === around || (list.parent !== null && isWithin(list.parent.list, around));
}

function isEmpty(path: readonly string[], empty: ReadonlySet<string>): boolean {
  return path.some((_, length) => empty.has(path.slice(0, length + 1).join('.')));
}

/** The ways that an IF or a SWITCH leaves open when the digits are empty: one when it reads nothing else, else all of them. */
function waysOfEmpty(node: OutlineNode, ways: readonly Way[], empty: ReadonlySet<string>): readonly Way[] {
  const [tested] = textsOf(node).filter(({ isExpression }) => isExpression);
  const compiled = tested === undefined ? null : compileExpression(tested.text);
  if (tested === undefined || compiled?.ok !== true) return ways;
  const isOfEmpty = (path: readonly string[]): boolean => empty.has(path[0] ?? '');
  if (!variablesIn(tested).every(isOfEmpty)) return ways;
  const { expression } = compiled;
  const evaluated = evaluate(expression, { lookup: () => '', nowMs: 0, random: () => 0 });
  if (node.definition === switchAction) return evaluated.ok ? waysOfValue(node, ways, evaluated.value, empty) : ways;
  const way = ways.length === 2 ? ways[evaluated.ok && evaluated.value ? 0 : 1] : undefined;
  return way === undefined ? ways : [way];
}

const EQUALITY = compileExpression('$left == $right');

/** The ways of a SWITCH whose value is known: those up to the first case that is certainly equal. */
function waysOfValue(
  { entry }: OutlineNode,
  ways: readonly Way[],
  value: unknown,
  empty: ReadonlySet<string>,
): readonly Way[] {
  const written = isJsonObject(entry) ? (entry.cases ?? null) : null;
  const cases = Array.isArray(written) ? written : [written];
  const open: Way[] = [];
  for (const way of ways) {
    const index = /^cases\[(\d+)\]/.exec(way.label ?? '')?.[1];
    if (index === undefined) {
      open.push(way);
      continue;
    }
    const one = cases[Number(index)] ?? null;
    const when = isJsonObject(one) ? (one.when ?? null) : null;
    const verdicts = (Array.isArray(when) ? when : [when]).map((item) => isEqualTo(value, item, empty));
    if (verdicts.includes('unknown') || verdicts.includes('equal')) open.push(way);
    if (verdicts.includes('equal')) return open;
  }
  return open;
}

function isEqualTo(value: unknown, when: Json, empty: ReadonlySet<string>): 'equal' | 'different' | 'unknown' {
  const path = typeof when === 'string' ? typedReference(when.trim()) : null;
  const isKnownEmpty = path !== null && empty.has(path.join('.'));
  if (!EQUALITY.ok || (holdsReference(when) && !isKnownEmpty)) return 'unknown';
  const lookup = (name: string): unknown => (name === 'left' ? value : isKnownEmpty ? '' : when);
  const evaluated = evaluate(EQUALITY.expression, { lookup, nowMs: 0, random: () => 0 });
  return evaluated.ok && evaluated.value === true ? 'equal' : 'different';
}

/** An assignment that takes the digits over as they are: `$pin: "$keyPresses"`. */
function isCopy(node: OutlineNode, empty: ReadonlySet<string>): boolean {
  return copiesIn(node, empty).length > 0;
}

function copiesIn({ entry }: OutlineNode, empty: ReadonlySet<string>): string[] {
  if (!isJsonObject(entry)) return [];
  const copies: string[] = [];
  const note = (name: string, value: unknown): void => {
    const path = typeof value === 'string' ? typedReference(value.trim()) : null;
    if (path !== null && isEmpty(path, empty)) copies.push(name);
  };
  for (const [key, value] of Object.entries(entry)) {
    if (key.startsWith('$')) note(key.slice(1), value);
    else if (key === 'session_data' && isJsonObject(value))
      for (const [member, held] of Object.entries(value)) note(`sessionData.${member}`, held);
  }
  return copies;
}

/** An expression that looks at the digits itself: `$keyPresses || 'none'`, `$keyPresses == '' ? … : …`. */
function isConditional(node: OutlineNode, empty: ReadonlySet<string>): boolean {
  return textsOf(node).every(
    (text) =>
      !variablesIn(text).some((path) => isEmpty(path, empty)) ||
      (text.isExpression && /\|\||&&|\?|[=!]=|[<>]/.test(text.text)),
  );
}
