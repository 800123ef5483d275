/** The four row (low group) frequencies of ITU-T Q.23, in Hz. */
export const DTMF_ROWS_HZ = [697, 770, 852, 941] as const;
/** The four column (high group) frequencies of ITU-T Q.23, in Hz. */
export const DTMF_COLUMNS_HZ = [1209, 1336, 1477, 1633] as const;

/** The keys of ITU-T Q.23, row by row: the key of row r and column c is at 4 r + c. */
export const DTMF_KEYS = '123A456B789C*0#D';

/** The two frequencies of a key, or null when `key` is none of `0-9 * # A-D`. */
export function dtmfFrequencies(key: string): { rowHz: number; columnHz: number } | null {
  const index = key.length === 1 ? DTMF_KEYS.indexOf(key) : -1;
  const rowHz = DTMF_ROWS_HZ[index >> 2];
  const columnHz = DTMF_COLUMNS_HZ[index & 3];
  return rowHz === undefined || columnHz === undefined ? null : { rowHz, columnHz };
}
