/** Text as a flow compares it: lower case, letters, digits and apostrophes, single spaces between words. */
export function plainText(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll('’', "'")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}']+/gu, ' ')
    .trim();
}
