/** Whether a character is a space or a tab: SIP knows no other white space inside a line (RFC 3261 §25.1, `WSP`). */
export function isSpace(char: number): boolean {
  return char === 0x20 || char === 0x09;
}

/** Index of the first character at or after `at` that is neither space nor tab. */
export function skipSpace(text: string, at: number): number {
  let next = at;
  while (isSpace(text.charCodeAt(next))) next++;
  return next;
}

/** Index of the first space or tab at or after `at`, the length when there is none. */
export function findSpace(text: string, at: number): number {
  let next = at;
  while (next < text.length && !isSpace(text.charCodeAt(next))) next++;
  return next;
}

/** The text from `start` to `end` without spaces and tabs around it. */
export function trimSpace(text: string, start = 0, end = text.length): string {
  let first = start;
  let last = end;
  while (first < last && isSpace(text.charCodeAt(first))) first++;
  while (last > first && isSpace(text.charCodeAt(last - 1))) last--;
  return text.slice(first, last);
}
