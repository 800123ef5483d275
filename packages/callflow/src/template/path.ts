/** A variable path in a text: the keys, and the offset just behind it. */
export interface PathInText {
  path: string[];
  end: number;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code > 127;
}

function nameEnd(text: string, at: number): number {
  if (!isNameStart(text.charCodeAt(at))) return at;
  let end = at + 1;
  for (;;) {
    const code = text.charCodeAt(end);
    if (!isNameStart(code) && !isDigit(code)) return end;
    end++;
  }
}

function digitsEnd(text: string, at: number): number {
  let end = at;
  while (isDigit(text.charCodeAt(end))) end++;
  return end;
}

/** Longest path, in keys. */
const MAX_KEYS = 32;

/** Reads `name`, `name.key`, `name[0].key` … at `at`, as far as it goes; null when there is no name. Reads each character once. */
export function readPath(text: string, at: number): PathInText | null {
  let end = nameEnd(text, at);
  if (end === at) return null;
  const path = [text.slice(at, end)];
  while (path.length < MAX_KEYS) {
    const mark = text[end];
    if (mark === '.') {
      const keyEnd = nameEnd(text, end + 1);
      if (keyEnd === end + 1) break;
      path.push(text.slice(end + 1, keyEnd));
      end = keyEnd;
    } else if (mark === '[') {
      const indexEnd = digitsEnd(text, end + 1);
      if (indexEnd === end + 1 || text[indexEnd] !== ']') break;
      // As a number, so that [01] is the element 1.
      path.push(String(Number(text.slice(end + 1, indexEnd))));
      end = indexEnd + 1;
    } else {
      break;
    }
  }
  return { path, end };
}
