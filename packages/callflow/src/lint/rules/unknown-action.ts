import { ACTION_TYPES } from '../../actions/registry.ts';
import { isJsonObject, kindOf } from '../../json-value.ts';
import { nearestName } from '../../nearest-name.ts';
import { isComment } from '../../parameters/compile.ts';
import { complaintAt } from '../linted-flow.ts';
import type { Rule } from '../rule.ts';

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
        return [complaintAt(flow, node, [], 'there is no type', `Add a "type": ${ACTION_TYPES.join(', ')}.`)];
      }
      if (typeof type !== 'string')
        return [complaintAt(flow, node, ['type'], `type is ${kindOf(type ?? null)}`, 'Write the type as a text.')];
      const meant = nearestName(type, ACTION_TYPES);
      const hint = meant === null ? `There are: ${ACTION_TYPES.join(', ')}.` : `Did you mean "${meant}"?`;
      return [complaintAt(flow, node, ['type'], `there is no action "${type.slice(0, 60)}"`, hint)];
    });
  },
};
