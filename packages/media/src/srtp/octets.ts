/** Compares in a time that does not tell where the first difference is. */
export function sameBytes(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): boolean {
  let difference = 0;
  for (let i = 0; i < length; i++) difference |= (a[aAt + i] as number) ^ (b[bAt + i] as number);
  return difference === 0;
}

/** Writes `source` from `from` to `to`, xored with `mask` from `maskAt` on, to the same place in `target`. */
export function xorInto(
  source: Uint8Array,
  from: number,
  to: number,
  mask: Uint8Array,
  maskAt: number,
  target: Uint8Array,
): void {
  const shift = maskAt - from;
  for (let i = from; i < to; i++) target[i] = (source[i] as number) ^ (mask[i + shift] as number);
}

/** Copies the first octets. */
export function copyStart(source: Uint8Array, length: number, target: Uint8Array): void {
  for (let i = 0; i < length; i++) target[i] = source[i] as number;
}
