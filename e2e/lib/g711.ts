/** G.711 written from the ITU tables for the tests alone, so that the product's codec is checked against another one. */

const ULAW_BIAS = 0x84;
const ULAW_CLIP = 32_635;

/** One linear 16-bit sample from a µ-law byte. */
export function ulawDecode(byte: number): number {
  const inverted = ~byte & 0xff;
  const exponent = (inverted >> 4) & 7;
  const magnitude = (((inverted & 0x0f) << 3) + ULAW_BIAS) << exponent;
  return inverted & 0x80 ? ULAW_BIAS - magnitude : magnitude - ULAW_BIAS;
}

/** µ-law byte of a linear 16-bit sample. */
export function ulawEncode(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const biased = Math.min(Math.abs(sample), ULAW_CLIP) + ULAW_BIAS;
  const exponent = 31 - Math.clz32(biased) - 7;
  return ~(sign | (exponent << 4) | ((biased >> (exponent + 3)) & 0x0f)) & 0xff;
}

/** One linear 16-bit sample from an A-law byte. */
export function alawDecode(byte: number): number {
  const even = byte ^ 0x55;
  const exponent = (even >> 4) & 7;
  const mantissa = (even & 0x0f) << 4;
  const magnitude = exponent === 0 ? mantissa + 8 : (mantissa + 0x108) << (exponent - 1);
  return even & 0x80 ? magnitude : -magnitude;
}

/** What is left of samples after they went through µ-law once. */
export function throughUlaw(samples: Int16Array): Int16Array {
  return samples.map((sample) => ulawDecode(ulawEncode(sample)));
}
