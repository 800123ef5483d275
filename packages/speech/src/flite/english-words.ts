// Signs that the engine passes over or spells as bytes, as a telephone voice says them. The order matters.
const REPLACEMENTS: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019\u02bc]/g, "'"],
  [/[\u2010-\u2012]/g, '-'],
  [/[\u2013-\u2015\u2026]/g, ', '],
  [/€\s?(\d+(?:[.,]\d+)*)/g, '$1 euros'],
  [/£\s?(\d+(?:[.,]\d+)*)/g, '$1 pounds'],
  [/€/g, ' euros '],
  [/£/g, ' pounds '],
  [/°/g, ' degrees '],
  [/#/g, ' pound '],
  [/\*/g, ' star '],
  [/&/g, ' and '],
  [/@/g, ' at '],
  [/=/g, ' equals '],
  // A plus is said in a sum, not before the digits of a telephone number.
  [/(\w)\s*\+\s*(?=\w)/g, '$1 plus '],
  [/[+_/\\<>|^~`"“”„«»()[\]{}]/g, ' '],
  [/ß/g, 'ss'],
  [/[æÆ]/g, 'ae'],
  [/[øØ]/g, 'o'],
  [/[œŒ]/g, 'oe'],
  [/[łŁ]/g, 'l'],
];

/** English text in plain ASCII, signs as words and letters without their marks; what is left over falls away. */
export function toEnglishWords(text: string): string {
  let words = text;
  for (const [sign, word] of REPLACEMENTS) words = words.replace(sign, word);
  return words
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]+/g, (rest) => (/^\p{M}+$/u.test(rest) ? '' : ' '))
    .replace(/ +/g, ' ')
    .trim();
}
