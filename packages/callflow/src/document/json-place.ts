/** A place in a text. Line and column count from 1; columns are UTF-16 units, as editors show them. */
export interface TextPlace {
  line: number;
  column: number;
}

/** Turns an offset into line and column. Offsets past the end give the place after the last character. */
export function placeAt(text: string, offset: number): TextPlace {
  return placesIn(text)(offset);
}

/** {@link placeAt} for many offsets of one text. */
export function placesIn(text: string): (offset: number) => TextPlace {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    const end = Math.min(offset, text.length);
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= end) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: end - (starts[low] ?? 0) + 1 };
  };
}
