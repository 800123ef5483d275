import { report, type Spot, type Step } from '../../interpreter/step.ts';

/** The hints that can be used; that others are left out is reported. */
export function usableHints(step: Step, spot: Spot, written: readonly string[]): string[] {
  const { maxHints, maxHintCharacters } = step.limits;
  const filled = written.map((hint) => hint.trim()).filter((hint) => hint !== '');
  const hints = filled.filter((hint) => hint.length <= maxHintCharacters).slice(0, maxHints);
  const left = filled.length - hints.length;
  if (left > 0) report(step, 'warning', spot, `${left} hints are too many or too long; they are left out`);
  return hints;
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
