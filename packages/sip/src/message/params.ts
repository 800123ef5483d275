import { skipSpace } from './white-space.ts';

/**
 * Parameters such as `;tag=abc;lr`, in order. Names are lower case; values are as written (a quoted value keeps its
 * quotes), `null` where a parameter has no value.
 */
export type Params = Map<string, string | null>;

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads `;name=value;name` from `start` to the end of `text`, white space allowed around every separator.
 * Of a name given twice the first counts. Returns `null` when the text is not a parameter list: an empty or
 * spaced name, a quote that does not close, text behind a closing quote.
 */
export function parseParams(text: string, start = 0): Params | null {
  const params: Params = new Map();
  let at = skipSpace(text, start);
  while (at < text.length) {
    if (text.charCodeAt(at) !== SEMICOLON) return null;
    const nameStart = skipSpace(text, at + 1);
    let nameEnd = nameStart;
    while (nameEnd < text.length && isTokenChar(text.charCodeAt(nameEnd))) nameEnd++;
    if (nameEnd === nameStart) return null;
    const name = text.slice(nameStart, nameEnd).toLowerCase();
    at = skipSpace(text, nameEnd);
    let value: string | null = null;
    if (text.charCodeAt(at) === EQUALS) {
      const valueStart = skipSpace(text, at + 1);
      const valueEnd = endOfValue(text, valueStart);
      if (valueEnd <= valueStart) return null;
      value = text.slice(valueStart, valueEnd);
      at = skipSpace(text, valueEnd);
    }
    if (!params.has(name)) params.set(name, value);
  }
  return params;
}

/** Writes parameters as `;name=value;name`. */
export function formatParams(params: Params): string {
  let text = '';
  for (const [name, value] of params) text += value === null ? `;${name}` : `;${name}=${value}`;
  return text;
}

/** The content of a quoted string with its escapes undone; any other text unchanged. */
export function unquote(text: string): string {
  if (text.length < 2 || text.charCodeAt(0) !== QUOTE || !text.endsWith('"')) return text;
  const inner = text.slice(1, -1);
  return inner.includes('\\') ? inner.replace(/\\(.)/gs, '$1') : inner;
}

/** Text as a quoted string. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Index behind the closing quote of the quoted string that starts at `start`, -1 when it does not close. */
export function endOfQuoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === BACKSLASH) at++;
    else if (char === QUOTE) return at + 1;
  }
  return -1;
}

/** Whether a character may stand in a `token` (RFC 3261 §25.1). */
export function isTokenChar(char: number): boolean {
  return char < 128 && TOKEN[char] === 1;
}

/** Whether a text is a `token`: not empty and of token characters only. */
export function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (!isTokenChar(text.charCodeAt(at))) return false;
  return text !== '';
}

const TOKEN = new Uint8Array(128);
for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~") {
  TOKEN[char.charCodeAt(0)] = 1;
}

/** Parameter values in the field hold more than tokens (`[::1]`, `a:b`, `x/y`), so a value reaches to `;` or white space. */
function endOfValue(text: string, start: number): number {
  if (text.charCodeAt(start) === QUOTE) return endOfQuoted(text, start);
  let at = start;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === SEMICOLON || char === QUOTE || char === 0x20 || char === 0x09) break;
    at++;
  }
  return at;
}
