/** The first thing wrong with a JSON text: what it is, in words that help to mend it, and where. */
export interface JsonFault {
  message: string;
  offset: number;
}

/**
 * Finds the first fault of a text that `JSON.parse` refused. The engine's own messages often carry no position, and a
 * person who edits a flow needs one. Returns null when no fault is found.
 *
 * @param maxDepth nesting at which the search stops and reports the depth itself
 */
export function findJsonFault(text: string, maxDepth: number): JsonFault | null {
  const scan: Scan = { text, at: 0, maxDepth };
  try {
    skipSpace(scan);
    if (scan.at >= text.length) return { message: 'the text is empty', offset: scan.at };
    scanValue(scan, 0);
    skipSpace(scan);
    if (scan.at < text.length) fail(scan, `unexpected ${shown(scan)} after the end of the JSON value`);
    return null;
  } catch (error) {
    if (error instanceof FoundFault) return error.fault;
    throw error;
  }
}

interface Scan {
  readonly text: string;
  at: number;
  readonly maxDepth: number;
}

class FoundFault extends Error {
  readonly fault: JsonFault;
  constructor(fault: JsonFault) {
    super(fault.message);
    this.fault = fault;
  }
}

function fail(scan: Scan, message: string, offset = scan.at): never {
  throw new FoundFault({ message, offset });
}

function shown(scan: Scan): string {
  const codePoint = scan.text.codePointAt(scan.at);
  if (codePoint === undefined) return 'end of the text';
  if (codePoint === 0x22) return 'a double quote';
  if (codePoint < 0x20) return `control character U+${codePoint.toString(16).padStart(4, '0')}`;
  return `"${String.fromCodePoint(codePoint)}"`;
}

function skipSpace(scan: Scan): void {
  const { text } = scan;
  for (;;) {
    const code = text.charCodeAt(scan.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    scan.at += 1;
  }
}

function scanValue(scan: Scan, depth: number): void {
  if (depth > scan.maxDepth) fail(scan, `nested deeper than ${scan.maxDepth} levels`);
  const first = scan.text[scan.at];
  if (first === '{') scanObject(scan, depth);
  else if (first === '[') scanArray(scan, depth);
  else if (first === '"') scanString(scan);
  else if (first === '-' || (first !== undefined && first >= '0' && first <= '9')) scanNumber(scan);
  else scanWord(scan);
}

function scanObject(scan: Scan, depth: number): void {
  scan.at += 1;
  skipSpace(scan);
  if (scan.text[scan.at] === '}') {
    scan.at += 1;
    return;
  }
  for (;;) {
    if (scan.text[scan.at] !== '"') {
      fail(
        scan,
        scan.text[scan.at] === '}'
          ? 'a comma before "}" is one too many'
          : `expected a key in double quotes, found ${shown(scan)}`,
      );
    }
    scanString(scan);
    skipSpace(scan);
    if (scan.text[scan.at] !== ':') fail(scan, `expected ":" after the key, found ${shown(scan)}`);
    scan.at += 1;
    skipSpace(scan);
    scanValue(scan, depth + 1);
    skipSpace(scan);
    const next = scan.text[scan.at];
    if (next === '}') {
      scan.at += 1;
      return;
    }
    if (next !== ',') fail(scan, `expected "," or "}", found ${shown(scan)}`);
    scan.at += 1;
    skipSpace(scan);
  }
}

function scanArray(scan: Scan, depth: number): void {
  scan.at += 1;
  skipSpace(scan);
  if (scan.text[scan.at] === ']') {
    scan.at += 1;
    return;
  }
  for (;;) {
    if (scan.text[scan.at] === ']') fail(scan, 'a comma before "]" is one too many');
    scanValue(scan, depth + 1);
    skipSpace(scan);
    const next = scan.text[scan.at];
    if (next === ']') {
      scan.at += 1;
      return;
    }
    if (next !== ',') fail(scan, `expected "," or "]", found ${shown(scan)}`);
    scan.at += 1;
    skipSpace(scan);
  }
}

function scanString(scan: Scan): void {
  const start = scan.at;
  scan.at += 1;
  for (;;) {
    const character = scan.text[scan.at];
    if (character === undefined) fail(scan, 'a string is not closed', start);
    if (character === '"') {
      scan.at += 1;
      return;
    }
    if (character === '\n' || character === '\r')
      fail(scan, 'a string is not closed before the end of the line', start);
    if (character < ' ') fail(scan, `${shown(scan)} in a string must be written as an escape`);
    if (character === '\\') scanEscape(scan);
    else scan.at += 1;
  }
}

function scanEscape(scan: Scan): void {
  const kind = scan.text[scan.at + 1];
  if (kind === 'u') {
    if (!/^[0-9a-fA-F]{4}$/.test(scan.text.slice(scan.at + 2, scan.at + 6))) {
      fail(scan, '"\\u" needs four hexadecimal digits');
    }
    scan.at += 6;
  } else if (kind !== undefined && '"\\/bfnrt'.includes(kind)) {
    scan.at += 2;
  } else {
    fail(scan, `"\\${kind ?? ''}" is no escape of JSON`);
  }
}

function scanNumber(scan: Scan): void {
  const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  number.lastIndex = scan.at;
  const found = number.exec(scan.text);
  const end = scan.at + (found?.[0].length ?? 0);
  if (found === null || /[\w.+-]/.test(scan.text[end] ?? ''))
    fail(scan, 'this is no JSON number; put other text in double quotes');
  scan.at = end;
}

function scanWord(scan: Scan): void {
  for (const word of ['true', 'false', 'null']) {
    if (scan.text.startsWith(word, scan.at)) {
      scan.at += word.length;
      return;
    }
  }
  if (scan.text[scan.at] === "'") fail(scan, 'strings need double quotes, found a single quote');
  if (scan.text[scan.at] === '/') fail(scan, 'JSON has no comments; use a "comment" key');
  fail(scan, `expected a value, found ${shown(scan)}`);
}
