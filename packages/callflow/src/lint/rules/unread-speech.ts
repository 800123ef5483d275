import { calleeListOf } from '../callee-list.ts';
import { callerInputs } from '../caller-inputs.ts';
import { complaintAt, type LintedFlow } from '../linted-flow.ts';
import type { OutlineNode } from '../outline.ts';
import type { Exit } from '../paths.ts';
import { readsOf } from '../reads.ts';
import type { Rule } from '../rule.ts';

const SAY = { type: 'SAY', params: { text: 'Thank you.' } };

export const unreadSpeech: Rule = {
  name: 'unread-speech',
  severity: 'warning',
  summary: 'A COLLECT takes speech, and nobody gets to know what was said.',
  description:
    'What was said is in `$speech`, and in `key_presses` of the next callback. Neither matters when the document never reads ' +
    'the variable and the call ends without another list; only `end_call` has it then.',
  bad: {
    actions: [{ type: 'COLLECT', params: { input: ['speech'] } }, SAY, { type: 'HANGUP' }],
  },
  good: {
    actions: [
      { type: 'COLLECT', params: { input: ['speech'] } },
      {
        type: 'IF',
        condition: "$speech == ''",
        then: [{ type: 'SAY', params: { text: 'You said nothing.' } }],
        orElse: [SAY],
      },
      { type: 'HANGUP' },
    ],
  },
  checkFlow(flow) {
    const reads = flow.outline.nodes.flatMap(readsOf);
    if (reads.some(([name]) => name === 'speech' || name === 'speechConfidence')) return [];
    return flow.outline.nodes
      .filter(
        (node) =>
          calleeListOf(node) === null &&
          callerInputs(node).includes('speech') &&
          flow.paths.reached.has(node) &&
          !goesOn(flow, node),
      )
      .map((node) =>
        complaintAt(
          flow,
          node,
          ['params', 'input'],
          'speech is taken, but $speech is never read',
          'Read $speech in a condition, or leave "speech" out of the input.',
        ),
      );
  },
};

/** Something after it gets what was said: a callback, or what has run the sub-flow it stands in. */
function goesOn({ paths }: LintedFlow, node: OutlineNode): boolean {
  const reached = new Set<OutlineNode | Exit>([node]);
  for (const place of reached) {
    if (typeof place !== 'string') for (const { to } of paths.ways(place)) reached.add(to);
    else if (place !== 'call_ends') return true;
  }
  return false;
}
