import { complaintAt } from '../linted-flow.ts';
import type { Rule } from '../rule.ts';

export const unreachableAction: Rule = {
  name: 'unreachable-action',
  severity: 'warning',
  summary: 'No call ever comes to an action.',
  description:
    'It stands behind an action that never goes on, such as HANGUP, GOTO or REDIRECT, and no jump leads to it. Only the ' +
    'first of several such actions in a row is named.',
  bad: {
    actions: [{ type: 'HANGUP' }, { type: 'SAY', params: { text: 'Good bye.' } }],
  },
  good: {
    actions: [{ type: 'SAY', params: { text: 'Good bye.' } }, { type: 'HANGUP' }],
  },
  checkFlow(flow) {
    const { reached } = flow.paths;
    return flow.outline.nodes
      .filter((node) => {
        const { list, index, definition } = node;
        if (definition === null || reached.has(node)) return false;
        const before = list.nodes.slice(0, index).findLast((other) => other.definition !== null);
        if (before !== undefined) return reached.has(before);
        return list.parent === null || reached.has(list.parent);
      })
      .map((node) => {
        const before = node.list.nodes.slice(0, node.index).findLast((other) => other.definition !== null);
        const why = before?.type ? `: ${before.type} before it never goes on` : '';
        return complaintAt(
          flow,
          node,
          [],
          `no call comes here${why}`,
          'Remove it, or add a LABEL and a GOTO that leads here.',
        );
      });
  },
};
