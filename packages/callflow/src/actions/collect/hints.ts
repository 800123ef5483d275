import type { LanguageLimits } from '../../limits.ts';

/** The hints that can be used; of the rest there are `left`. */
export function usableHints(
  written: readonly string[],
  { maxHints, maxHintCharacters }: LanguageLimits,
): { hints: string[]; left: number } {
  const filled = written.map((hint) => hint.trim()).filter((hint) => hint !== '');
  const hints = filled.filter((hint) => hint.length <= maxHintCharacters).slice(0, maxHints);
  return { hints, left: filled.length - hints.length };
}

/** What was said, written as the hint that it is; as it is when it is none. Letter case and punctuation do not matter. */
export function asHinted(said: string, hints: readonly string[]): string {
  const words = wordsOf(said);
  return words === '' ? said : (hints.find((hint) => wordsOf(hint) === words) ?? said);
}

function wordsOf(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
}
