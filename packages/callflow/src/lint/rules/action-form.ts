import { isJsonObject } from '../../json-value.ts';
import { compileParameters } from '../../parameters/compile.ts';
import { complaintAt } from '../linted-flow.ts';
import type { OutlineNode } from '../outline.ts';
import { memberOf } from '../placed-json.ts';
import type { Rule } from '../rule.ts';

export const actionForm: Rule = {
  name: 'action-form',
  severity: 'warning',
  summary: 'An action’s own compiler has a doubt about how it is written.',
  description:
    'What only the action itself can tell: a nested list that is missing, a key that is no key, a name of the wrong type. ' +
    'The message is the one that stands in the call’s log.',
  bad: {
    actions: [{ type: 'COLLECT', params: { finish_on_key: 'hashtag' } }, { type: 'HANGUP' }],
  },
  good: {
    actions: [{ type: 'COLLECT', params: { finish_on_key: 'pound' } }, { type: 'HANGUP' }],
  },
  checkFlow(flow) {
    const aboutDocument = flow.documentWarnings.map(({ path, message }) => {
      const offset = memberOf(flow.root, path)?.keyStart ?? 0;
      return { offset, path, message, hint: 'It has no effect.' };
    });
    const aboutActions = flow.outline.nodes.flatMap((node) =>
      node.warnings
        .filter((message) => !isToldElsewhere(node, message))
        .map((message) =>
          complaintAt(flow, node, [], message, `See ${node.type ?? 'the action'} in the language reference.`),
        ),
    );
    return [...aboutDocument, ...aboutActions];
  },
};

/** Parameters, labels and expressions have rules of their own, which know the place inside the action too. */
function isToldElsewhere({ entry, definition, labels }: OutlineNode, message: string): boolean {
  if (definition === null || !isJsonObject(entry)) return true;
  const told: string[] = [];
  compileParameters(definition.parameters, entry.params, (about) => {
    told.push(typeof about === 'string' ? about : about());
  });
  return (
    told.includes(message) ||
    / \(column \d+\)$/.test(message) ||
    labels.some(({ isTwice }) => isTwice && message.includes('twice'))
  );
}
