/** Longer names, and names after the hundredth, are not compared: a suggestion must stay cheap. */
const LONGEST_COMPARED = 32;
const MOST_COMPARED = 100;

/**
 * The known name a person most likely meant: differs in letter case only, or by few letters (Damerau-Levenshtein
 * distance of at most a third of its length). Null when none is near.
 */
export function nearestName(written: string, known: readonly string[]): string | null {
  if (written.length > LONGEST_COMPARED) return null;
  const lower = written.toLowerCase();
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const name of known.slice(0, MOST_COMPARED)) {
    const most = Math.max(1, Math.floor(name.length / 3));
    if (name.length > LONGEST_COMPARED || Math.abs(name.length - written.length) > most) continue;
    const distance = editDistance(lower, name.toLowerCase());
    if (distance <= most && distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** `, did you mean "x"?` or nothing: the end of a warning sentence. */
export function didYouMean(written: string, known: readonly string[]): string {
  const name = nearestName(written, known);
  return name === null ? '' : `; did you mean "${name}"?`;
}

function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, (beforePrevious[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
