import { plainText } from '../plain-text.ts';

/** Hints beyond these are left out, and what is longer: a grammar is searched as a whole. */
const MOST_PHRASES = 500;
const MOST_WORDS = 20;

/** The hints that can be recognised: those whose every word the dictionary has, each once. */
export function knownPhrases(hints: readonly string[], isKnown: (word: string) => boolean): string[] {
  const phrases = new Set<string>();
  for (const hint of hints) {
    const phrase = plainText(hint);
    const words = phrase === '' ? [] : phrase.split(' ');
    if (words.length === 0 || words.length > MOST_WORDS || !words.every(isKnown)) continue;
    phrases.add(phrase);
    if (phrases.size === MOST_PHRASES) break;
  }
  return [...phrases];
}

/** A finite-state grammar in Sphinx's format: one of the phrases, all equally likely. Phrases that begin alike share no states. */
export function finiteStateGrammar(phrases: readonly string[]): string {
  const START = 0;
  const END = 1;
  let states = 2;
  const transitions: string[] = [];
  for (const phrase of phrases) {
    const words = phrase.split(' ');
    let from = START;
    for (const [i, word] of words.entries()) {
      const to = i === words.length - 1 ? END : states++;
      const probability = i === 0 ? 1 / phrases.length : 1;
      transitions.push(`TRANSITION ${from} ${to} ${probability.toFixed(6)} ${word}`);
      from = to;
    }
  }
  return [
    'FSG_BEGIN hints',
    `NUM_STATES ${states}`,
    `START_STATE ${START}`,
    `FINAL_STATE ${END}`,
    ...transitions,
    'FSG_END',
    '',
  ].join('\n');
}
