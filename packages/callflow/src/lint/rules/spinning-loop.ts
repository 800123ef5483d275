import { complaintAt, type LintedFlow } from '../linted-flow.ts';
import type { OutlineNode } from '../outline.ts';
import { readsOf, textsOf, writesOf } from '../reads.ts';
import type { Complaint, Rule } from '../rule.ts';

export const spinningLoop: Rule = {
  name: 'spinning-loop',
  severity: 'error',
  summary: 'A loop neither plays anything nor waits, and nothing in it makes it end.',
  description:
    'The call counts the instructions it runs without playing or waiting and is ended, with the apology, at the limit. A ' +
    'loop that counts, and leaves when the count is reached, is no such loop; one that waits for the time to pass is.',
  bad: {
    actions: [
      { type: 'LABEL', name: 'WAIT' },
      { type: 'IF', condition: '$callTime < 60000', then: [{ type: 'GOTO', params: { label: 'WAIT' } }] },
      { type: 'HANGUP' },
    ],
  },
  good: {
    actions: [
      { $passes: 0 },
      { type: 'LABEL', name: 'AGAIN' },
      { type: 'SAY', params: { text: 'Please hold.' } },
      { $passes: '$passes + 1' },
      { type: 'IF', condition: '$passes < 3', then: [{ type: 'GOTO', params: { label: 'AGAIN' } }] },
      { type: 'HANGUP' },
    ],
  },
  checkFlow(flow) {
    return loopsOf(flow).flatMap((loop) => complaintsOf(flow, loop));
  },
};

function complaintsOf(flow: LintedFlow, loop: readonly OutlineNode[]): Complaint[] {
  const within = new Set(loop);
  const deciding = loop.filter((node) => {
    const ways = flow.paths.ways(node);
    return ways.length > 1 && ways.some(({ to }) => typeof to === 'string' || !within.has(to));
  });
  const changed = new Set(loop.flatMap(writesOf).map((path) => path.join('.')));
  const decides = (node: OutlineNode): boolean =>
    readsOf(node).some((path) => path.some((_, length) => changed.has(path.slice(0, length + 1).join('.')))) ||
    textsOf(node).some(({ text, isExpression }) => isExpression && text.includes('Math.random'));
  if (deciding.some(decides)) return [];
  const closing = loop.findLast((node) => node.gotos.length > 0) ?? loop[0];
  if (closing === undefined) return [];
  const why =
    deciding.length === 0
      ? 'and has no way out'
      : `and changes nothing that ${deciding[0]?.path ?? 'its condition'} decides by`;
  const message = `this loop neither plays anything nor waits, ${why}; the call is ended in it`;
  const hint = 'Put a SAY, PLAY or COLLECT into the loop, or count in it and leave at a number.';
  return [complaintAt(flow, closing, [], message, hint)];
}

/** Groups of actions that lead to each other without any time passing (Tarjan's strongly connected components). */
function loopsOf({ outline, paths }: LintedFlow): OutlineNode[][] {
  const next = (node: OutlineNode): OutlineNode[] =>
    paths.ways(node).flatMap(({ to }) => (typeof to === 'string' || paths.takesTime(to) ? [] : [to]));
  const loops: OutlineNode[][] = [];
  const order = new Map<OutlineNode, number>();
  const low = new Map<OutlineNode, number>();
  const onStack = new Set<OutlineNode>();
  const stack: OutlineNode[] = [];
  const lower = (node: OutlineNode, value: number): void => {
    low.set(node, Math.min(low.get(node) ?? value, value));
  };
  const enter = (node: OutlineNode): Iterator<OutlineNode> => {
    order.set(node, order.size);
    lower(node, order.size - 1);
    stack.push(node);
    onStack.add(node);
    return next(node).values();
  };
  const leave = (node: OutlineNode): void => {
    if (low.get(node) !== order.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    for (const member of group) onStack.delete(member);
    if (group.length > 1 || next(node).includes(node)) loops.push(group.sort(inDocument));
  };
  const inDocument = (a: OutlineNode, b: OutlineNode): number => outline.nodes.indexOf(a) - outline.nodes.indexOf(b);
  for (const root of outline.nodes) {
    if (order.has(root) || paths.takesTime(root) || !paths.reached.has(root)) continue;
    // By hand, because a document may be longer than the call stack is deep.
    const walk: { node: OutlineNode; ways: Iterator<OutlineNode> }[] = [{ node: root, ways: enter(root) }];
    for (let top = walk.at(-1); top !== undefined; top = walk.at(-1)) {
      const { done, value } = top.ways.next();
      if (done === true) {
        walk.pop();
        leave(top.node);
        const below = walk.at(-1);
        if (below !== undefined) lower(below.node, low.get(top.node) ?? 0);
      } else if (!order.has(value)) walk.push({ node: value, ways: enter(value) });
      else if (onStack.has(value)) lower(top.node, order.get(value) ?? 0);
    }
  }
  return loops;
}
