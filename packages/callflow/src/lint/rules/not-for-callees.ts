import { isJsonObject } from '../../json-value.ts';
import { calleeListOf } from '../callee-list.ts';
import { callerInputs } from '../caller-inputs.ts';
import { complaintAt, type LintedFlow } from '../linted-flow.ts';
import type { OutlineList, OutlineNode } from '../outline.ts';
import { flowsRunBy } from '../paths.ts';
import type { Rule } from '../rule.ts';

export const notForCallees: Rule = {
  name: 'not-for-callees',
  severity: 'error',
  summary: 'What a callee hears before it is connected holds an action that does not run there.',
  description:
    'The lists `whisper` and `confirm` of TRANSFER and QUEUE run on the leg of whoever has answered, and so do the flows that RUN ' +
    'names there. An action that is about the call itself is reported there and left out; a GOTO that leads out of the list ' +
    'ends it; what is said in `confirm` takes the call only when `confirm_speech` tells what that is.',
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
        return [
          complaintAt(flow, node, ['type'], message, `Put it into an event of the ${list.parent.type}, or behind it.`),
        ];
      }
      const stranger = strangerIn(flow, node);
      if (stranger !== null) {
        const message = `${stranger.type} of ${stranger.path} is not for a callee that is not connected; it is left out here`;
        return [complaintAt(flow, node, ['params', 'flow'], message, 'Run a flow of its own for callees.')];
      }
      if (callerInputs(node).includes('speech') && list.key === 'confirm' && !namesWords(list.parent)) {
        const message = 'nothing that is said here takes the call; keys alone do';
        const hint = `Name the words in params.confirm_speech of the ${list.parent.type}, or leave "speech" out of the input.`;
        return [{ ...complaintAt(flow, node, ['params', 'input'], message, hint), severity: 'warning' as const }];
      }
      const leavesList = node.gotos.some(({ target }) => target !== null && calleeListOf(target) !== list);
      if (!leavesList) return [];
      const message = 'this GOTO leads out of what the callee hears; it ends the list';
      return [complaintAt(flow, node, ['type'], message, 'HANGUP declines; the end of the list goes on.')];
    });
  },
};

/** The first action that is not for callees, of the flows that a RUN leads to; null when there is none. */
function strangerIn({ outline }: LintedFlow, node: OutlineNode): OutlineNode | null {
  const seen = new Set<OutlineList>();
  const waiting = [node];
  for (const runs of waiting) {
    for (const [, list] of flowsRunBy(outline, runs)) {
      if (seen.has(list)) continue;
      seen.add(list);
      for (const inside of outline.nodes.filter((one) => standsIn(one, list))) {
        if (inside.definition !== null && inside.definition.forCallees !== true) return inside;
        waiting.push(inside);
      }
    }
  }
  return null;
}

function standsIn({ list }: OutlineNode, flow: OutlineList): boolean {
  return list === flow || (list.parent !== null && standsIn(list.parent, flow));
}

function namesWords({ entry }: OutlineNode): boolean {
  return isJsonObject(entry) && isJsonObject(entry.params) && Object.hasOwn(entry.params, 'confirm_speech');
}
