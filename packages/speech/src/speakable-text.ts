// Emoji with their modifiers and flags, and the private-use and unassigned characters no voice can say.
const UNSPEAKABLE =
  /(?![©®™])\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\ufe0e|\ufe0f|\u20e3|\p{Co}|\p{Cn}/gu;
// Invisible marks; the two joiners belong to the spelling of Persian and of Indian languages.
const INVISIBLE = /(?![\u200c\u200d])\p{Cf}/gu;
const KEYS_AND_SIGNS = /[\p{L}\p{N}#*&@%=€£$°]/u;

/**
 * Text as voices take it: well-formed, composed (NFC), without control characters and emoji, single spaces; a line break
 * stays as the end of a paragraph.
 */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFC')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/[^\P{Cc}\n]|\ufffd/gu, ' ')
    .replace(INVISIBLE, '')
    .replace(UNSPEAKABLE, ' ')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n[ \n]*/g, '\n')
    .trim();
}

/** Whether there is anything to say: not in an empty text or one of punctuation only. */
export function isSpeakable(text: string): boolean {
  return KEYS_AND_SIGNS.test(text);
}
