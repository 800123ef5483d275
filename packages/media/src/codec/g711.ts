/**
 * G.711 (ITU-T, 1988): µ-law and A-law as table look-ups between one octet and one 16-bit sample.
 *
 * Compression follows the decision values of the standard's tables 1a/1b and 2a/2b with the rounding of the ITU's own
 * reference software (G.191: a negative sample is complemented, not negated), so equal samples give equal octets
 * everywhere. Nothing here allocates after the module is loaded.
 *
 * Every function works on `n` samples from `srcOffset`, writes them from `dstOffset` and checks no bounds: reads past the
 * end give 0 and writes past the end are dropped, as typed arrays do.
 */

/** The µ-law octet of digital silence. */
export const MULAW_SILENCE = 0xff;
/** The A-law octet of digital silence. */
export const ALAW_SILENCE = 0xd5;

const mulawExpansion = new Int16Array(256);
const alawExpansion = new Int16Array(256);
// µ-law has 14-bit input, A-law 12 significant bits: smaller tables than 65,536 entries stay in the first-level cache.
const mulawCompression = new Uint8Array(1 << 14);
const alawCompression = new Uint8Array(1 << 12);

const MULAW_BIAS = 33;
const MULAW_LIMIT = 0x1fff;

for (let code = 0; code < 256; code++) {
  const mulaw = ~code;
  const mulawMagnitude = (((mulaw & 15) * 2 + MULAW_BIAS) << ((mulaw >> 4) & 7)) - MULAW_BIAS;
  mulawExpansion[code] = (mulaw & 0x80 ? -mulawMagnitude : mulawMagnitude) * 4;

  const alaw = code ^ 0x55;
  const segment = (alaw >> 4) & 7;
  const step = (alaw & 15) * 2 + 1;
  const alawMagnitude = segment === 0 ? step : (step + 32) << (segment - 1);
  alawExpansion[code] = (alaw & 0x80 ? alawMagnitude : -alawMagnitude) * 8;
}

for (let index = 0; index < mulawCompression.length; index++) {
  const linear = (index << 18) >> 18;
  const magnitude = Math.min((linear < 0 ? ~linear : linear) + MULAW_BIAS, MULAW_LIMIT);
  const segment = 26 - Math.clz32(magnitude);
  const code = (segment << 4) | ((magnitude >> (segment + 1)) & 15);
  mulawCompression[index] = ~(linear < 0 ? code | 0x80 : code);
}

for (let index = 0; index < alawCompression.length; index++) {
  const linear = (index << 20) >> 20;
  const magnitude = linear < 0 ? ~linear : linear;
  const segment = Math.max(0, 28 - Math.clz32(magnitude));
  const code = (segment << 4) | ((segment === 0 ? magnitude : magnitude >> (segment - 1)) & 15);
  alawCompression[index] = (linear < 0 ? code : code | 0x80) ^ 0x55;
}

function expand(
  table: Int16Array,
  src: Uint8Array,
  srcOffset: number,
  dst: Int16Array,
  dstOffset: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) dst[dstOffset + i] = table[src[srcOffset + i] as number] as number;
}

/** Expands `n` µ-law octets to 16-bit samples (range ±32124). */
export function decodeMulaw(src: Uint8Array, srcOffset: number, dst: Int16Array, dstOffset: number, n: number): void {
  expand(mulawExpansion, src, srcOffset, dst, dstOffset, n);
}

/** Expands `n` A-law octets to 16-bit samples (range ±32256). */
export function decodeAlaw(src: Uint8Array, srcOffset: number, dst: Int16Array, dstOffset: number, n: number): void {
  expand(alawExpansion, src, srcOffset, dst, dstOffset, n);
}

/** Compresses `n` 16-bit samples to µ-law octets. */
export function encodeMulaw(src: Int16Array, srcOffset: number, dst: Uint8Array, dstOffset: number, n: number): void {
  for (let i = 0; i < n; i++) {
    dst[dstOffset + i] = mulawCompression[((src[srcOffset + i] as number) >> 2) & 0x3fff] as number;
  }
}

/** Compresses `n` 16-bit samples to A-law octets. */
export function encodeAlaw(src: Int16Array, srcOffset: number, dst: Uint8Array, dstOffset: number, n: number): void {
  for (let i = 0; i < n; i++) {
    dst[dstOffset + i] = alawCompression[((src[srcOffset + i] as number) >> 4) & 0xfff] as number;
  }
}
