/** A place in a text. Line and column count from 1; columns are UTF-16 units, as editors show them. */
export interface TextPlace {
  line: number;
  column: number;
}

/** Turns an offset into line and column. Offsets past the end give the place after the last character. */
export function placeAt(text: string, offset: number): TextPlace {
  const end = Math.min(offset, text.length);
  let line = 1;
  let lineStart = 0;
  for (let index = text.indexOf('\n'); index !== -1 && index < end; index = text.indexOf('\n', index + 1)) {
    line += 1;
    lineStart = index + 1;
  }
  return { line, column: end - lineStart + 1 };
}
