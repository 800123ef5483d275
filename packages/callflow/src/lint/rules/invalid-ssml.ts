import { isJsonObject } from '../../json-value.ts';
import { holdsReference } from '../../parameters/compile.ts';
import { isSsml, parseSsml, problemsOfSsml } from '../../ssml/ssml.ts';
import { complaintAt, valueAt } from '../linted-flow.ts';
import { offsetInString } from '../placed-json.ts';
import type { Rule } from '../rule.ts';

const KEYS = ['params', 'text'];

export const invalidSsml: Rule = {
  name: 'invalid-ssml',
  severity: 'error',
  summary: 'The SSML of a SAY is not well-formed, or says something that is not spoken as written.',
  description:
    'Of a document that is not well-formed the call says the words without the markup. Elements, attributes and values that ' +
    'are not known are only warned of: their text is spoken. What variables hold is looked at when the call runs.',
  bad: {
    actions: [
      { type: 'SAY', params: { text: '<speak>Please wait.<break time="500ms">Thank you.</speak>' } },
      { type: 'HANGUP' },
    ],
  },
  good: {
    actions: [
      { type: 'SAY', params: { text: '<speak>Please wait.<break time="500ms"/>Thank you.</speak>' } },
      { type: 'HANGUP' },
    ],
  },
  checkFlow(flow) {
    return flow.outline.nodes.flatMap((node) => {
      const { entry, definition } = node;
      if (definition?.type !== 'SAY' || !isJsonObject(entry) || !isJsonObject(entry.params)) return [];
      const { text, language = null } = entry.params;
      if (typeof text !== 'string' || !isSsml(text)) return [];
      const complaintIn = (message: string, hint: string, index: number) => {
        const offset = offsetInString(flow.text, valueAt(flow, node, KEYS), index);
        return { ...complaintAt(flow, node, KEYS, message, hint), offset };
      };
      const document = parseSsml(text);
      if (!document.ok) {
        const hint = 'SSML is XML: every element is closed, "<" is written "&lt;" and "&" is written "&amp;".';
        return [complaintIn(`the SSML cannot be read: ${document.message}`, hint, document.offset)];
      }
      const known = typeof language === 'string' && !holdsReference(language) ? language : null;
      return problemsOfSsml(document, known).map(({ message, hint, offset }) => ({
        ...complaintIn(message, hint, offset),
        severity: 'warning' as const,
      }));
    });
  },
};
