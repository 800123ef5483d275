import { parseDocument } from '../../document/document.ts';
import { findJsonFault } from '../../document/json-fault.ts';
import { looksLikeYaml, parseYaml } from '../../document/yaml.ts';
import type { Rule } from '../rule.ts';

const WHOLE = 'Write { "actions": [ … ] }.';

export const invalidJson: Rule = {
  name: 'invalid-json',
  severity: 'error',
  summary: 'The text is not JSON, and does not look like YAML.',
  description: 'Nothing of it can be run: the caller hears the apology, and the call is ended.',
  bad: '{ "actions": [ { "type": "HANGUP" }, ] }',
  good: { actions: [{ type: 'HANGUP' }] },
  checkText(text, limits) {
    if (looksLikeYaml(text)) return [];
    const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
    const fault = findJsonFault(text.slice(start), limits.maxDocumentDepth);
    if (fault === null) return [];
    return [
      { offset: fault.offset + start, path: '', message: fault.message, hint: hintFor(text.slice(start).trim()) },
    ];
  },
};

export const invalidYaml: Rule = {
  name: 'invalid-yaml',
  severity: 'error',
  summary: 'A text that begins like YAML is none, or uses what a call flow does not.',
  description:
    'Nothing of it can be run: the caller hears the apology, and the call is ended. Aliases (`*name`), merge keys (`<<`), tags (`!name`) and ' +
    'a second document are not read.',
  bad: 'actions:\n  - type: SAY\n   params: { text: Hello. }\n  - type: HANGUP',
  good: 'actions:\n  - type: SAY\n    params: { text: Hello. }\n  - type: HANGUP',
  checkText(text, limits) {
    if (!looksLikeYaml(text)) return [];
    const parsed = parseYaml(text, limits);
    if (parsed.ok) return [];
    const { offset, message } = parsed.fault;
    return [{ offset, path: '', message, hint: yamlHint(message) }];
  },
};

export const noActionList: Rule = {
  name: 'no-action-list',
  severity: 'error',
  summary: 'The JSON is no object with a list of actions, or is too large.',
  description: 'A document is an object with an `actions` list. Nothing else can be run: the caller hears the apology.',
  bad: { Actions: [{ type: 'HANGUP' }] },
  good: { actions: [{ type: 'HANGUP' }] },
  checkText(text, limits) {
    const parsed = parseDocument(text, limits);
    if (parsed.ok || parsed.fault.line !== null || text.trim() === '') return [];
    const message = parsed.fault.message.replace(/^the answer/, 'the document');
    const hint = text.length > limits.maxDocumentCharacters ? 'Split it over several documents.' : WHOLE;
    return [{ offset: 0, path: '', message, hint }];
  },
};

function yamlHint(message: string): string {
  if (message.includes('tabs')) return 'Indent with spaces.';
  if (/second document/.test(message)) return 'Put it into a file of its own.';
  if (/^YAML of \d+ characters/.test(message)) return 'Write it as JSON, or split it over several documents.';
  if (/are not read|nested deeper/.test(message)) return 'Write it plainly, as JSON would have it.';
  return 'Mend this place (inside braces, a text with braces or commas needs quotes).';
}

function hintFor(text: string): string {
  if (text === '') return WHOLE;
  if (text.startsWith('<')) return 'This looks like HTML or XML; a call flow is JSON or YAML.';
  return 'Mend this place; what follows is looked at only then.';
}
