/** A text of digits as a number, NaN when it is anything else; never negative, inexact above 2⁵³. */
export function parseDigits(text: string): number {
  let number = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return text === '' ? Number.NaN : number;
}
