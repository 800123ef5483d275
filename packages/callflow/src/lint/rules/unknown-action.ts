import { ACTION_TYPES } from '../../actions/registry.ts';
import { isJsonObject, kindOf } from '../../json-value.ts';
import { nearestName } from '../../nearest-name.ts';
import { isComment } from '../../parameters/compile.ts';
import { complaintAt } from '../linted-flow.ts';
import type { Rule } from '../rule.ts';

/** What other platforms call the same, in capitals without marks between words. */
const NAMES_ELSEWHERE = new Map([
  ['GATHER', 'COLLECT'],
  ['GETDIGITS', 'COLLECT'],
  ['INPUT', 'COLLECT'],
  ['PROMPT', 'COLLECT'],
  ['SPEAK', 'SAY'],
  ['TALK', 'SAY'],
  ['TTS', 'SAY'],
  ['STREAMFILE', 'PLAY'],
  ['PAUSE', 'WAIT'],
  ['SLEEP', 'WAIT'],
  ['BRIDGE', 'TRANSFER'],
  ['CONNECT', 'TRANSFER'],
  ['FORWARD', 'TRANSFER'],
  ['ENQUEUE', 'QUEUE'],
  ['MESSAGE', 'SMS'],
  ['TEXT', 'SMS'],
  ['DTMF', 'SEND_DIGITS'],
  ['SENDDTMF', 'SEND_DIGITS'],
  ['AMD', 'DETECT'],
  ['FETCH', 'HTTP'],
  ['REQUEST', 'HTTP'],
  ['WEBHOOK', 'HTTP'],
  ['HANG', 'HANGUP'],
  ['END', 'HANGUP'],
]);

function actionMeant(type: string): string | null {
  const plain = type
    .slice(0, 60)
    .toUpperCase()
    .replace(/[\s_-]/g, '');
  return NAMES_ELSEWHERE.get(plain) ?? nearestName(type, ACTION_TYPES);
}

export const unknownAction: Rule = {
  name: 'unknown-action',
  severity: 'error',
  summary: 'An entry is no action of the language.',
  description: 'The call reports it and leaves it out, as if it were not there.',
  bad: { actions: [{ type: 'SPEAK', params: { text: 'Hello.' } }, { type: 'HANGPU' }] },
  good: { actions: [{ type: 'SAY', params: { text: 'Hello.' } }, { type: 'HANGUP' }] },
  checkFlow(flow) {
    return flow.outline.nodes.flatMap((node) => {
      const { entry } = node;
      if (!isJsonObject(entry)) {
        return [
          complaintAt(flow, node, [], `an action is an object, this is ${kindOf(entry)}`, 'Write { "type": … }.'),
        ];
      }
      if (node.definition !== null) {
        if (typeof entry.type !== 'string' || entry.type === node.type) return [];
        const message = `the type is written "${entry.type.slice(0, 60)}"`;
        return [{ ...complaintAt(flow, node, ['type'], message, `Write "${node.type}".`), severity: 'warning' }];
      }
      const type = Object.hasOwn(entry, 'type') ? entry.type : undefined;
      if (type === undefined) {
        // An entry of remarks only is a way to write a comment between actions.
        if (Object.keys(entry).every(isComment)) return [];
        const asKey = Object.keys(entry)
          .find((key) => ACTION_TYPES.includes(key.toUpperCase()))
          ?.toUpperCase();
        const hint =
          asKey === undefined ? `Add a "type": ${ACTION_TYPES.join(', ')}.` : `Write { "type": "${asKey}", … }.`;
        return [complaintAt(flow, node, [], 'there is no type', hint)];
      }
      if (typeof type !== 'string')
        return [complaintAt(flow, node, ['type'], `type is ${kindOf(type ?? null)}`, 'Write the type as a text.')];
      const meant = actionMeant(type);
      const hint = meant === null ? `There are: ${ACTION_TYPES.join(', ')}.` : `Did you mean "${meant}"?`;
      return [complaintAt(flow, node, ['type'], `there is no action "${type.slice(0, 60)}"`, hint)];
    });
  },
};
