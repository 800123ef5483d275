import { compileExpression } from '../../expression/expression.ts';
import { complaintAt, valueAt } from '../linted-flow.ts';
import { offsetInString } from '../placed-json.ts';
import { textsOf } from '../reads.ts';
import type { Rule } from '../rule.ts';

export const invalidExpression: Rule = {
  name: 'invalid-expression',
  severity: 'error',
  summary: 'A condition or the value of an assignment is no expression.',
  description:
    'A condition that cannot be evaluated counts as false, an assignment leaves the variable as it was. Line and column ' +
    'are those of the place inside the expression.',
  bad: {
    actions: [
      { type: 'COLLECT', params: { num_digits: 1 } },
      { type: 'IF', condition: "$keyPresses = '1'", then: [{ type: 'SAY', params: { text: 'One.' } }] },
      { type: 'HANGUP' },
    ],
  },
  good: {
    actions: [
      { type: 'COLLECT', params: { num_digits: 1 } },
      {
        type: 'IF',
        condition: "$keyPresses == '1'",
        then: [{ type: 'SAY', params: { text: 'One.' } }],
        orElse: [{ type: 'SAY', params: { text: 'Not one.' } }],
      },
      { type: 'HANGUP' },
    ],
  },
  checkFlow(flow) {
    return flow.outline.nodes.flatMap((node) =>
      textsOf(node).flatMap(({ keys, text, isExpression }) => {
        if (!isExpression) return [];
        const compiled = compileExpression(text);
        if (compiled.ok) return [];
        const complaint = complaintAt(flow, node, keys, compiled.message, hintFor(compiled.message));
        const offset = offsetInString(flow.text, valueAt(flow, node, keys), compiled.column - 1);
        return [{ ...complaint, offset }];
      }),
    );
  },
};

function hintFor(message: string): string {
  return message.includes(';') ? 'The message says what to write.' : 'Write a JavaScript expression over $variables.';
}
