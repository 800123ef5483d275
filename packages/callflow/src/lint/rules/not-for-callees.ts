import { calleeListOf } from '../callee-list.ts';
import { callerInputs } from '../caller-inputs.ts';
import { complaintAt } from '../linted-flow.ts';
import type { Rule } from '../rule.ts';

export const notForCallees: Rule = {
  name: 'not-for-callees',
  severity: 'error',
  summary: 'What a callee hears before it is connected holds an action that does not run there.',
  description:
    'The lists `whisper` and `confirm` of a TRANSFER run on the leg of whoever has answered. An action that is about the call ' +
    'itself is reported there and left out; a GOTO that leads out of the list ends it; speech does not count.',
  bad: {
    actions: [
      { type: 'TRANSFER', params: { no: '+12125550100' }, whisper: [{ type: 'RECORD', params: { max_time: 5000 } }] },
      { type: 'HANGUP' },
    ],
  },
  good: {
    actions: [
      {
        type: 'TRANSFER',
        params: { no: '+12125550100' },
        whisper: [{ type: 'SAY', params: { text: 'A new customer.' } }],
      },
      { type: 'HANGUP' },
    ],
  },
  checkFlow(flow) {
    return flow.outline.nodes.flatMap((node) => {
      const { definition } = node;
      const list = calleeListOf(node);
      if (list === null || definition === null) return [];
      if (definition.forCallees !== true) {
        const message = `${definition.type} is not for a callee that is not connected; it is left out`;
        return [complaintAt(flow, node, ['type'], message, 'Put it into the event on_answer, or behind the TRANSFER.')];
      }
      if (callerInputs(node).includes('speech')) {
        const message = 'a callee is not listened to before it is connected; its keys alone count';
        const hint = 'Leave "speech" out of the input.';
        return [{ ...complaintAt(flow, node, ['params', 'input'], message, hint), severity: 'warning' as const }];
      }
      const leavesList = node.gotos.some(({ target }) => target !== null && calleeListOf(target) !== list);
      if (!leavesList) return [];
      const message = 'this GOTO leads out of what the callee hears; it ends the list';
      return [complaintAt(flow, node, ['type'], message, 'HANGUP declines; the end of the list goes on.')];
    });
  },
};
