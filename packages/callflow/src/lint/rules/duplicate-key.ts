import type { PlacedJson } from '../placed-json.ts';
import type { Complaint, Rule } from '../rule.ts';

export const duplicateKey: Rule = {
  name: 'duplicate-key',
  severity: 'error',
  summary: 'An object has a key twice.',
  description: 'JSON keeps the last one only; the others are lost without a word.',
  bad: '{\n  "actions": [\n    { "type": "SAY", "params": { "text": "Hello.", "text": "Good bye." } },\n    { "type": "HANGUP" }\n  ]\n}',
  good: {
    actions: [
      { type: 'SAY', params: { text: 'Hello.' } },
      { type: 'SAY', params: { text: 'Good bye.' } },
      { type: 'HANGUP' },
    ],
  },
  checkFlow({ root }) {
    const complaints: Complaint[] = [];
    search(root, '', complaints);
    return complaints;
  },
};

function search(place: PlacedJson, path: string, complaints: Complaint[]): void {
  const seen = new Set<string>();
  for (const { key, keyStart, value } of place.members) {
    const below = path === '' ? key : `${path}.${key}`;
    if (seen.has(key)) {
      const message = `"${key.slice(0, 60)}" stands twice in this object; only the last one counts`;
      complaints.push({ offset: keyStart, path: below, message, hint: 'Keep one of them.' });
    }
    seen.add(key);
    search(value, below, complaints);
  }
  for (const [index, item] of place.items.entries()) search(item, `${path}[${index}]`, complaints);
}
