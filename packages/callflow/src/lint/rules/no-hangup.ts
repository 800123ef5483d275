import { complaintAt, type LintedFlow } from '../linted-flow.ts';
import type { OutlineNode } from '../outline.ts';
import { memberOf } from '../placed-json.ts';
import type { Rule } from '../rule.ts';

export const noHangup: Rule = {
  name: 'no-hangup',
  severity: 'warning',
  summary: 'The list can be used up without the call being ended.',
  description:
    'The URL is asked for the next list then. A static file gives the same list again, for ever, until the caller has had ' +
    'enough. A server that gives the next list may ignore this.',
  isForMessages: false,
  bad: { actions: [{ type: 'SAY', params: { text: 'Good bye.' } }] },
  good: { actions: [{ type: 'SAY', params: { text: 'Good bye.' } }, { type: 'HANGUP' }] },
  checkFlow(flow) {
    const { main } = flow.outline;
    if (main.nodes.length === 0) {
      const message = 'the list is empty: the URL is asked again, and the call is ended when it stays so';
      const offset = memberOf(flow.root, 'actions')?.value.start ?? flow.root.start;
      return [
        { offset, path: 'actions', message, hint: 'Add what the caller is to hear, and a { "type": "HANGUP" }.' },
      ];
    }
    const last = main.nodes.findLast((node) => node.definition !== null);
    if (last === undefined || !flow.paths.reached.has('used_up')) return [];
    const leaving = lastLeaving(flow) ?? last;
    const message =
      'the list ends here without a HANGUP: the URL is asked again, and a static file begins anew for ever';
    return [complaintAt(flow, leaving, [], message, 'Add { "type": "HANGUP" } at the end.')];
  },
};

/** The last action of the document from which the list is used up, missing labels apart. */
function lastLeaving(flow: LintedFlow): OutlineNode | undefined {
  return flow.outline.nodes.findLast(
    (node) =>
      node.gotos.length === 0 &&
      flow.paths.reached.has(node) &&
      flow.paths.ways(node).some(({ to }) => to === 'used_up'),
  );
}
