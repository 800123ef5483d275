import { collect } from '../../actions/collect/collect.ts';
import { compileExpression, evaluate } from '../../expression/expression.ts';
import { isJsonObject } from '../../json-value.ts';
import { typedReference } from '../../template/template.ts';
import { calleeListOf } from '../callee-list.ts';
import { callerInputs } from '../caller-inputs.ts';
import { complaintAt, type LintedFlow } from '../linted-flow.ts';
import type { OutlineNode } from '../outline.ts';
import type { Way } from '../paths.ts';
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
    return flow.outline.nodes.flatMap((node) => {
      // A callee that presses nothing is hung up, and nobody has to tell it so.
      if (node.definition !== collect || !flow.paths.reached.has(node) || calleeListOf(node) !== null) return [];
      const asked = askedOf(node);
      const verdict = followEmpty(flow, node, asked.variables);
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
}

/** The variables that a caller who does nothing leaves empty, and how that is said. */
function askedOf(node: OutlineNode): { variables: string[]; nothing: string } {
  const inputs = callerInputs(node);
  if (!inputs.includes('speech')) return { variables: ['keyPresses'], nothing: 'no key is pressed' };
  if (!inputs.includes('digits')) return { variables: ['speech'], nothing: 'nothing is said' };
  return { variables: ['keyPresses', 'speech'], nothing: 'nothing is pressed or said' };
}

/** Follows the call after a COLLECT whose variables are empty; gives what is wrong with where it leads, or null. */
function followEmpty(flow: LintedFlow, collecting: OutlineNode, variables: readonly string[]): string | null {
  const start = flow.paths.ways(collecting).filter(({ label }) => label === null);
  const waiting: Walker[] = [];
  const seen = new Set<string>();
  let silent = false;
  const go = (ways: readonly Way[], empty: ReadonlySet<string>, hasLooked: boolean): void => {
    for (const { to } of ways) {
      if (to === 'call_ends') silent ||= hasLooked;
      if (typeof to !== 'string') waiting.push({ node: to, empty, hasLooked });
    }
  };
  go(start, new Set(variables), false);
  for (let walker = waiting.pop(); walker !== undefined; walker = waiting.pop()) {
    const { node, empty, hasLooked } = walker;
    const key = `${node.path} ${hasLooked} ${[...empty].join()}`;
    if (seen.has(key) || node.definition === collect) continue;
    seen.add(key);
    const reads = readsOf(node).some((path) => isEmpty(path, empty));
    const ways = flow.paths.ways(node);
    if (reads && ways.length > 1) go(chosen(node, ways, empty), empty, true);
    else if (isCopy(node, empty)) go(ways, new Set([...empty, ...copiesIn(node, empty)]), hasLooked);
    else if (reads && !hasLooked && !node.lists.length && !isConditional(node, empty)) {
      return `${node.path} uses what is empty all the same`;
    } else if (!flow.paths.takesTime(node)) go(ways, empty, hasLooked || reads);
  }
  return silent ? 'the call ends without another word' : null;
}

function isEmpty(path: readonly string[], empty: ReadonlySet<string>): boolean {
  return path.some((_, length) => empty.has(path.slice(0, length + 1).join('.')));
}

/** The ways a condition leaves open when the digits are empty: one when it reads nothing else, else all of them. */
function chosen(node: OutlineNode, ways: readonly Way[], empty: ReadonlySet<string>): readonly Way[] {
  const [condition] = textsOf(node).filter(({ isExpression }) => isExpression);
  const compiled = condition === undefined ? null : compileExpression(condition.text);
  if (condition === undefined || compiled?.ok !== true || ways.length !== 2) return ways;
  if (!variablesIn(condition).every((path) => path.length === 1 && isEmpty(path, empty))) return ways;
  const evaluated = evaluate(compiled.expression, { lookup: () => '', nowMs: 0, random: () => 0 });
  const way = ways[evaluated.ok && evaluated.value ? 0 : 1];
  return way === undefined ? ways : [way];
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
