import type { Keyword, KeywordType } from '../io.ts';

const KEYWORDS: ReadonlyMap<string, KeywordType> = new Map([
  ['START', 'Opt-In'],
  ['SUBSCRIBE', 'Opt-In'],
  ['STOP', 'Opt-Out'],
  ['UNSUBSCRIBE', 'Opt-Out'],
  ['CANCEL', 'Opt-Out'],
  ['QUIT', 'Opt-Out'],
  ['END', 'Opt-Out'],
  ['HELP', 'Help'],
  ['INFO', 'Help'],
]);

/** The keyword that a message is, in any letter case and with white space around it; null for any other text (voxology-api.md §6.5). */
export function keywordOf(text: string): Keyword | null {
  const word = text.trim().toUpperCase();
  const type = KEYWORDS.get(word);
  return type === undefined ? null : { word, type };
}
