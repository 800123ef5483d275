/** One try at a load of `n`. */
export interface Attempt {
  n: number;
  pass: boolean;
}

export interface SearchBounds {
  /** The load of the first try. */
  first: number;
  /** The highest load that is tried. */
  limit: number;
  /** The search ends when the highest pass and the lowest failure differ by this share of the failure. */
  resolution: number;
  /** Tries at most. */
  maxAttempts: number;
}

/**
 * The highest load that passes: doubled from `first` until one fails (or `limit` passes), then halved in between.
 * Gives every attempt in order; the last one that passed with the highest `n` is the answer.
 */
export async function searchHighest<A extends Attempt>(
  attempt: (n: number) => Promise<A>,
  { first, limit, resolution, maxAttempts }: SearchBounds,
): Promise<A[]> {
  const attempts: A[] = [];
  let passed = 0;
  let failed: number | null = null;
  let next = Math.min(first, limit);
  while (attempts.length < maxAttempts) {
    const result = await attempt(next);
    attempts.push(result);
    if (result.pass) passed = next;
    else failed = next;
    if (passed >= limit) break;
    if (failed === null) next = Math.min(limit, passed * 2);
    else {
      if (failed - passed <= Math.max(1, failed * resolution)) break;
      next = between(passed, failed);
    }
  }
  return attempts;
}

/** The middle, as a round number where there is room for one. */
function between(low: number, high: number): number {
  const middle = (low + high) / 2;
  const step = high - low > 40 ? 10 : 1;
  return Math.round(middle / step) * step;
}

/** The passing attempt with the highest load, or null. */
export function highestPassed<A extends Attempt>(attempts: readonly A[]): A | null {
  return attempts
    .filter(({ pass }) => pass)
    .reduce<A | null>((best, one) => (one.n > (best?.n ?? 0) ? one : best), null);
}
