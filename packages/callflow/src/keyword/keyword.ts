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

/** Why a message to somebody who has opted out is not sent: it begins with the published status. */
export const OPTED_OUT = 'opt-out: the recipient has asked for no more messages';

/** The keyword that a message is, in any letter case and with white space around it; null for any other text (voxology-api.md §6.5). */
export function keywordOf(text: string): Keyword | null {
  const word = text.trim().toUpperCase();
  const type = KEYWORDS.get(word);
  return type === undefined ? null : { word, type };
}
