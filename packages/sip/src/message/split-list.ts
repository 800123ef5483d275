import { trimSpace } from './white-space.ts';

const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LESS = 0x3c;
const GREATER = 0x3e;

/**
 * Splits the value of a list header at its commas, leaving alone those inside quoted strings and angle brackets
 * (RFC 3261 §7.3.1). Elements come trimmed; empty ones are left out. A quote that never closes reaches to the end.
 */
export function splitList(value: string): string[] {
  if (!value.includes(',')) return value === '' ? [] : [value];
  const elements: string[] = [];
  let start = 0;
  let inQuotes = false;
  let inBrackets = false;
  for (let at = 0; at < value.length; at++) {
    const char = value.charCodeAt(at);
    if (inQuotes) {
      if (char === BACKSLASH) at++;
      else if (char === QUOTE) inQuotes = false;
    } else if (char === QUOTE) inQuotes = true;
    else if (char === LESS) inBrackets = true;
    else if (char === GREATER) inBrackets = false;
    else if (char === COMMA && !inBrackets) {
      const element = trimSpace(value, start, at);
      if (element !== '') elements.push(element);
      start = at + 1;
    }
  }
  const last = trimSpace(value, start);
  if (last !== '') elements.push(last);
  return elements;
}
