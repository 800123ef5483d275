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
        const [message, hint] = advised(compiled.message);
        const complaint = complaintAt(flow, node, keys, message, hint);
        const offset = offsetInString(flow.text, valueAt(flow, node, keys), compiled.column - 1);
        return [{ ...complaint, offset }];
      }),
    );
  },
};

/** The compiler's message says what is wrong, and often, behind a semicolon, what to write instead. */
function advised(message: string): [string, string] {
  const [what = message, ...advice] = message.split('; ');
  const hint = advice.join('; ');
  if (hint === '') return [what, 'Write a JavaScript expression over $variables.'];
  return [what, `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`];
}
