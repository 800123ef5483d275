import { nearestName } from '../../nearest-name.ts';
import { complaintAt, type LintedFlow, valueAt } from '../linted-flow.ts';
import { documentedVariables } from '../outline.ts';
import { offsetInString } from '../placed-json.ts';
import { nativeAmong, nativeNames } from '../probe.ts';
import { readsOf, textsOf, variablesIn, writesOf } from '../reads.ts';
import type { Complaint, Rule } from '../rule.ts';

/** Variables for which a name that is nearly theirs is looked for, in one document. */
const MOST_COMPARED = 500;

export const unsetVariable: Rule = {
  name: 'unset-variable',
  severity: 'warning',
  summary: 'A variable is read that nothing sets.',
  description:
    'It has no value: nothing in a text, `undefined` in an expression. A document that relies on variables of an earlier ' +
    'one of the same call may ignore this. Members of the session data may come from outside; they are named only when ' +
    'the document sets a member of nearly the same name that is never read.',
  bad: {
    actions: [{ $count: '1' }, { type: 'SAY', params: { text: 'You are number ${cuont}.' } }, { type: 'HANGUP' }],
  },
  good: {
    actions: [{ $count: '1' }, { type: 'SAY', params: { text: 'You are number ${count}.' } }, { type: 'HANGUP' }],
  },
  checkFlow(flow) {
    const written = new Set(flow.outline.nodes.flatMap(writesOf).map(nameOf));
    const read = new Set(flow.outline.nodes.flatMap(readsOf).map(nameOf));
    const given = givenNames(flow, read);
    const names = [...written, ...nativeNames()];
    let comparedCount = 0;
    const nearest = (name: string, known: readonly string[]): string | null => {
      comparedCount += 1;
      return comparedCount > MOST_COMPARED ? null : nearestName(name, known);
    };
    return eachRead(flow, (path) => {
      const name = nameOf(path);
      if (written.has(name)) return null;
      if (path[0] === 'sessionData') {
        const spare = [...written].filter((other) => other.startsWith('sessionData.') && !read.has(other));
        const meant = path.length > 1 && !written.has('sessionData') ? nearest(name, spare) : null;
        return meant === null ? null : { name, hint: `Did you mean "$${meant}", which is set and never read?` };
      }
      if (given.has(name)) return null;
      const meant = nearest(name, names);
      return { name, hint: meant === null ? `Set it before: { "$${name}": … }.` : `Did you mean "$${meant}"?` };
    });
  },
};

/** `sessionData.age` for a member of the session data, else the variable's own name. */
function nameOf(path: readonly string[]): string {
  return path.slice(0, path[0] === 'sessionData' ? 2 : 1).join('.');
}

/** Names that have a value without an assignment: the language's own, and those that stand as texts in parameters. */
function givenNames({ outline }: LintedFlow, read: ReadonlySet<string>): Set<string> {
  const given = nativeAmong([...read].filter((name) => !name.includes('.')));
  for (const name of documentedVariables()) given.add(name);
  for (const { text, isExpression } of outline.nodes.flatMap(textsOf)) {
    // An action may be told the name of the variable it sets: { "as": "row" }.
    if (!isExpression && /^\$?[A-Za-z_]\w*$/.test(text) && !text.startsWith('$')) given.add(text);
  }
  return given;
}

function eachRead(
  flow: LintedFlow,
  judge: (path: readonly string[]) => { name: string; hint: string } | null,
): Complaint[] {
  const complaints: Complaint[] = [];
  for (const node of flow.outline.nodes) {
    for (const text of textsOf(node)) {
      const told = new Set<string>();
      for (const path of variablesIn(text)) {
        const verdict = judge(path);
        if (verdict === null || told.has(verdict.name)) continue;
        told.add(verdict.name);
        const message = `$${verdict.name} is read here, but nothing sets it`;
        const complaint = complaintAt(flow, node, text.keys, message, verdict.hint);
        const index = Math.max(0, text.text.indexOf(path[0] ?? ''));
        complaints.push({ ...complaint, offset: offsetInString(flow.text, valueAt(flow, node, text.keys), index) });
      }
    }
  }
  return complaints;
}
