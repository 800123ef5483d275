import { compileExpression } from '../../expression/expression.ts';
import type { Json } from '../../io.ts';
import { isJsonObject, kindOf } from '../../json-value.ts';
import { holdsReference } from '../../parameters/compile.ts';
import { faultsOf, type Parameter } from '../../parameters/parameter.ts';
import { complaintAt, type LintedFlow } from '../linted-flow.ts';
import type { OutlineNode } from '../outline.ts';
import type { Complaint, Rule } from '../rule.ts';

export const parameterValue: Rule = {
  name: 'parameter-value',
  severity: 'error',
  summary: 'A parameter has a value of the wrong type, or one that is out of range.',
  description:
    'The call uses the default or the nearest allowed value instead. A value whose meaning is certain, such as the text ' +
    '`"2"` for a number, is only warned of. Values that hold variables are looked at when the call runs.',
  bad: { actions: [{ type: 'SAY', params: { text: 'Hello.', loop: 'twice' } }, { type: 'HANGUP' }] },
  good: { actions: [{ type: 'SAY', params: { text: 'Hello.', loop: 2 } }, { type: 'HANGUP' }] },
  checkFlow(flow) {
    return flow.outline.nodes.flatMap((node) => {
      const { entry, definition } = node;
      if (definition === null || !isJsonObject(entry)) return [];
      const { params } = entry;
      if (params !== undefined && params !== null && !isJsonObject(params)) {
        return [
          complaintAt(flow, node, ['params'], `params is ${kindOf(params)}`, 'Write an object: "params": { … }.'),
        ];
      }
      return Object.keys(definition.parameters).flatMap((name) => checkValue(flow, node, params ?? null, name));
    });
  },
};

function checkValue(flow: LintedFlow, node: OutlineNode, params: Json, name: string): Complaint[] {
  const parameter = node.definition?.parameters[name];
  if (parameter === undefined || !isJsonObject(params) || !Object.hasOwn(params, name)) return [];
  const value = params[name] ?? null;
  if (holdsReference(value)) return [];
  return faultsOf(name, parameter.read(value)).map(({ path, verdict, message }) => {
    const [, member] = path;
    const plainHint = member === undefined ? hintFor(parameter) : hintForMember(parameter, member);
    const hint = expressionHint(name, value) ?? plainHint;
    const complaint = complaintAt(flow, node, ['params', ...path], `${path.join('.')} ${message}`, hint);
    return { ...complaint, severity: verdict === 'coerced' ? 'warning' : 'error' };
  });
}

/** For a value such as `$count * 1000`, which is no reference to a variable but an expression. */
function expressionHint(name: string, value: Json): string | null {
  if (typeof value !== 'string' || !/^\s*\$[A-Za-z_]/.test(value) || !compileExpression(value).ok) return null;
  return `Parameters take variables but no expressions: set one before, { "$${name}": "…" }, and write "$${name}" here.`;
}

function hintForMember({ members = {} }: Parameter<Json>, name: string): string {
  const member = Object.hasOwn(members, name) ? members[name] : undefined;
  return member === undefined ? `It takes: ${Object.keys(members).join(', ')}.` : hintFor(member);
}

function hintFor({ kind, minimum, maximum, values, options }: Parameter<Json>): string {
  if (values !== undefined) return `Write one of: ${values.join(', ')}.`;
  if (kind === 'choices') return `Write a list of: ${options?.join(', ')}.`;
  if (options !== undefined) return `Write one of: ${options.join(', ')}.`;
  if (minimum !== undefined || maximum !== undefined)
    return `Write a whole number from ${minimum ?? 'any'} to ${maximum ?? 'any'}.`;
  const kinds: Record<string, string> = {
    text: 'a text',
    text_list: 'a text or a list of texts',
    webhook: 'an http(s) address, or { "url": … } with one',
    boolean: 'true or false',
    details: 'true, false or an object',
    json_object: 'an object',
  };
  return `Write ${kinds[kind] ?? `a value of the kind ${kind}`}.`;
}

export const missingParameter: Rule = {
  name: 'missing-parameter',
  severity: 'error',
  summary: 'A parameter that an action needs is not there.',
  description: 'The action has nothing to do; the call reports that and goes on.',
  bad: { actions: [{ type: 'SAY', params: {} }, { type: 'HANGUP' }] },
  good: { actions: [{ type: 'SAY', params: { text: 'Hello.' } }, { type: 'HANGUP' }] },
  checkFlow(flow) {
    return flow.outline.nodes.flatMap((node) => {
      const { entry, definition } = node;
      if (definition === null || !isJsonObject(entry)) return [];
      const params = isJsonObject(entry.params) ? entry.params : {};
      return Object.entries(definition.parameters).flatMap(([name, { required }]) => {
        const isThere = Object.hasOwn(params, name) && params[name] !== null;
        if (!required || isThere) return [];
        const hint = `Add "params": { "${name}": … }.`;
        return [complaintAt(flow, node, ['params'], `${definition.type} needs "${name}"`, hint)];
      });
    });
  },
};
