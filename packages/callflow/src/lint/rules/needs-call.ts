import { complaintAt } from '../linted-flow.ts';
import type { Rule } from '../rule.ts';

export const needsCall: Rule = {
  name: 'needs-call',
  severity: 'error',
  summary: 'The flow is for text messages, and an action of it needs a call.',
  description:
    'There is nobody to hear or press anything, so the action is reported and left out, with the lists inside it. The rule ' +
    'looks only when it is told that the flow is for messages: `voxology lint --sms`, `lintDocument(text, { sms: true })`.',
  isForMessages: true,
  bad: { actions: [{ type: 'SAY', params: { text: 'Thank you.' } }] },
  good: { actions: [{ type: 'SMS', params: { message: 'Thank you.' } }] },
  checkFlow(flow) {
    return flow.outline.nodes.flatMap((node) => {
      const { definition } = node;
      if (definition === null || definition.forMessages === true) return [];
      const message = `${definition.type} needs a call; for a text message it is left out`;
      return [complaintAt(flow, node, ['type'], message, 'Answer with an SMS, or leave it out.')];
    });
  },
};
