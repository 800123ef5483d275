/**
 * The value below or at which the share `share` (0 to 1) of `values` lies (nearest rank); null when there are none.
 * `values` need not be sorted.
 */
export function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[Math.min(rank, sorted.length) - 1] ?? null;
}

/** `value` with at most `digits` decimals; what is no finite number becomes null, as JSON has none. */
export function rounded(value: number | null, digits: number): number | null {
  if (value === null || !Number.isFinite(value)) return null;
  return Number(value.toFixed(digits));
}

/** `part` of `whole` in percent. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : (100 * part) / whole;
}
