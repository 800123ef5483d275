import { faultsOf } from '../../parameters/parameter.ts';
import { parseTemplate } from '../../template/parse-template.ts';
import { typedReference } from '../../template/template.ts';
import { complaintAt, type LintedFlow, valueAt } from '../linted-flow.ts';
import { documentedVariables, type OutlineNode } from '../outline.ts';
import { offsetInString } from '../placed-json.ts';
import { nativeAmong } from '../probe.ts';
import { type TextOfEntry, textsOf, writesOf } from '../reads.ts';
import type { Complaint, Rule } from '../rule.ts';

/** What looks as if it were to be filled in: `${…}`, `{{…}}`. None of the two can hold a brace, so that the search is linear. */
const BRACES = /\$\{([^{}]*)\}|\{\{([^{}]*)\}\}/g;
const NAME = /^\s*\$?([A-Za-z_][\w.[\]]*)\s*$/;
const BARE_VARIABLE = /\$([A-Za-z_]\w*)/g;

export const unfilledText: Rule = {
  name: 'unfilled-text',
  severity: 'error',
  summary: 'What stands in a text for a value is none of the forms that are filled in.',
  description:
    'A text takes values of variables, `${name}` or `${sessionData.a.b}`, but no expressions, no blanks and no second `$` ' +
    'inside the braces. Anything else is left as it is written, and the caller hears it. Set a variable before to compute ' +
    'something. Of `{{…}}`, which may be meant for another system, and of a `$name` in the midst of a text, it is only warned.',
  bad: {
    actions: [{ $count: '1' }, { type: 'SAY', params: { text: 'This is call ${$count + 1}.' } }, { type: 'HANGUP' }],
  },
  good: {
    actions: [
      { $count: '1' },
      { $next: '$count + 1' },
      { type: 'SAY', params: { text: 'This is call ${next}.' } },
      { type: 'HANGUP' },
    ],
  },
  checkFlow(flow) {
    const kept = flow.outline.nodes.flatMap((node) =>
      textsOf(node).flatMap((text) => {
        const pieces = text.isExpression || isRefused(node, text) ? [] : piecesKept(text.text);
        return pieces.length === 0 ? [] : [{ node, text, pieces }];
      }),
    );
    const known = variablesAmong(
      flow,
      kept.flatMap(({ pieces }) => pieces.flatMap(bareNamesIn)),
    );
    return kept.flatMap((one) => complaintOfBraces(flow, one) ?? complaintOfBareName(flow, one, known) ?? []);
  },
};

/** A text with a `$` or a brace in what is not filled in. */
interface KeptText {
  node: OutlineNode;
  text: TextOfEntry;
  /** What of it stays as it is written. */
  pieces: readonly string[];
}

/** A text in place of a number, for example, is told of as such. */
function isRefused({ definition }: OutlineNode, { keys: [field, name], text }: TextOfEntry): boolean {
  const parameter = field === 'params' && typeof name === 'string' ? definition?.parameters[name] : undefined;
  return parameter !== undefined && faultsOf(String(name), parameter.read(text)).length > 0;
}

function piecesKept(text: string): string[] {
  if (typedReference(text) !== null) return [];
  return parseTemplate(text).filter((piece) => typeof piece === 'string' && /[${]/.test(piece)) as string[];
}

function bareNamesIn(piece: string): string[] {
  return [...piece.matchAll(BARE_VARIABLE)].map(([, name = '']) => name);
}

/** Those of the names that are variables: set by the flow, or there by themselves. */
function variablesAmong({ outline }: LintedFlow, names: readonly string[]): Set<string> {
  if (names.length === 0) return new Set();
  const variables = new Set([
    ...outline.nodes.flatMap(writesOf).map(([name = '']) => name),
    ...documentedVariables(),
    ...nativeAmong([...new Set(names)]),
  ]);
  return new Set(names.filter((name) => variables.has(name)));
}

function complaintOfBraces(flow: LintedFlow, { node, text, pieces }: KeptText): Complaint | null {
  const all = pieces.flatMap((piece) => [...piece.matchAll(BRACES)]);
  // Of several the one that is surely wrong.
  const found = all.find(([, inDollar]) => inDollar !== undefined) ?? all[0];
  if (found === undefined) return null;
  const [written, inDollar, inDouble = ''] = found;
  const name = NAME.exec(inDollar ?? inDouble)?.[1];
  const hint =
    name === undefined
      ? 'Set a variable before, { "$result": "…" }, and write "${result}" here.'
      : `Write "\${${name}}".`;
  const complaint = placed(flow, node, text, written, `"${written.slice(0, 60)}" is not filled in`, hint);
  return inDollar === undefined ? { ...complaint, severity: 'warning' } : complaint;
}

function complaintOfBareName(
  flow: LintedFlow,
  { node, text, pieces }: KeptText,
  known: ReadonlySet<string>,
): Complaint | null {
  const name = pieces.flatMap(bareNamesIn).find((one) => known.has(one));
  if (name === undefined) return null;
  const message = `"$${name}" inside a text is not filled in`;
  return { ...placed(flow, node, text, `$${name}`, message, `Write "\${${name}}".`), severity: 'warning' };
}

function placed(
  flow: LintedFlow,
  node: OutlineNode,
  { keys, text }: TextOfEntry,
  written: string,
  message: string,
  hint: string,
): Complaint {
  const offset = offsetInString(flow.text, valueAt(flow, node, keys), text.indexOf(written));
  return { ...complaintAt(flow, node, keys, message, hint), offset };
}
