/**
 * What a text without variables looks like that means something to an action, as a pattern of JSON Schema, for editors.
 * What is wrong with one that does not, the compile function of the action says.
 */
export type TextForm = string;

/** The pattern of a word in any letter case: JSON Schema has no flag for that. */
export function anyCase(word: string): string {
  return word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
