import type { AnyAction } from '../../actions/action.ts';
import { ASSIGNMENT } from '../../actions/assignment/assignment.ts';
import type { JsonObject } from '../../io.ts';
import { isJsonObject } from '../../json-value.ts';
import { nearestName } from '../../nearest-name.ts';
import { isComment, parameterMeant, unknownNames } from '../../parameters/compile.ts';
import { complaintAtKey, type LintedFlow } from '../linted-flow.ts';
import type { OutlineNode } from '../outline.ts';
import type { Complaint, Rule } from '../rule.ts';

export const unknownKey: Rule = {
  name: 'unknown-key',
  severity: 'error',
  summary: 'An action has a parameter or a key that it does not know.',
  description:
    'It has no effect: most often it is a slip of the pen, or stands outside `params` where it belongs inside. Remarks go ' +
    'into `comment`, `comments` or `comment:…`. A key beside `params` that resembles nothing is only warned of.',
  bad: {
    actions: [{ type: 'COLLECT', num_digits: 1, params: { time_out: 5000 } }, { type: 'HANGUP' }],
  },
  good: {
    actions: [{ type: 'COLLECT', params: { num_digits: 1, timeout: 5000 }, comment: 'one digit' }, { type: 'HANGUP' }],
  },
  checkFlow(flow) {
    return flow.outline.nodes.flatMap((node) => {
      const { entry, definition } = node;
      if (definition === null || !isJsonObject(entry)) return [];
      const inParams = isJsonObject(entry.params) ? Object.keys(entry.params) : [];
      return [
        ...Object.keys(entry).flatMap((key) => besideParams(flow, node, definition, key)),
        ...inParams.flatMap((key) => insideParams(flow, node, definition, key)),
      ];
    });
  },
};

function besideParams(flow: LintedFlow, node: OutlineNode, definition: AnyAction, key: string): Complaint[] {
  const isAssignment = definition.type === ASSIGNMENT;
  const known = isAssignment ? [] : ['type', 'params', ...Object.keys(definition.fields)];
  if (known.includes(key) || isComment(key) || (isAssignment && key.startsWith('$'))) return [];
  const complain = (message: string, hint: string): Complaint => complaintAtKey(flow, node, [key], message, hint);
  if (isAssignment) {
    return [
      complain(
        `an assignment has no "${key.slice(0, 60)}"`,
        `Names of variables begin with $: "$${key.slice(0, 60)}".`,
      ),
    ];
  }
  if (Object.hasOwn(definition.parameters, key))
    return [complain(`"${key}" has no effect here`, `Move it into "params": { "${key}": … }.`)];
  const meant = nearestName(key, known);
  const message = `${definition.type} has no key "${key.slice(0, 60)}"`;
  if (meant !== null) return [complain(message, `Did you mean "${meant}"?`)];
  const unknown = isJsonObject(node.entry) ? unknownNames(node.entry, known) : [];
  const parameter = parameterMeant(key, unknown, definition.parameters, paramsOf(node));
  if (parameter !== null) return [complain(message, `Did you mean "${parameter}" inside "params"?`)];
  return [{ ...complain(message, 'It has no effect; for a remark, write "comment".'), severity: 'warning' }];
}

function paramsOf({ entry }: OutlineNode): JsonObject {
  return isJsonObject(entry) && isJsonObject(entry.params) ? entry.params : {};
}

function insideParams(flow: LintedFlow, node: OutlineNode, definition: AnyAction, key: string): Complaint[] {
  const known = Object.keys(definition.parameters);
  if (known.includes(key) || isComment(key)) return [];
  const message = `${definition.type} has no parameter "${key.slice(0, 60)}"`;
  return [complaintAtKey(flow, node, ['params', key], message, hintFor(key, node, definition, known))];
}

function hintFor(key: string, node: OutlineNode, definition: AnyAction, known: readonly string[]): string {
  if (Object.hasOwn(definition.fields, key)) return 'Move it out of "params", beside "type".';
  const params = paramsOf(node);
  const meant = parameterMeant(key, unknownNames(params, known), definition.parameters, params);
  if (meant !== null) return `Did you mean "${meant}"?`;
  return known.length === 0 ? 'It takes none.' : `It takes: ${known.join(', ')}.`;
}
