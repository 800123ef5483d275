/** Decision levels of the 6-bit quantizer (G.722 table 4), in 1/4096 of the scale factor. */
const LOW_DECISIONS = Int32Array.of(
  35,
  72,
  110,
  150,
  190,
  233,
  276,
  323,
  370,
  422,
  473,
  530,
  587,
  650,
  714,
  786,
  858,
  940,
  1023,
  1121,
  1219,
  1339,
  1458,
  1612,
  1765,
  1980,
  2195,
  2557,
  2919,
);
/** Decision level of the 2-bit quantizer (table 6). */
const HIGH_DECISION = 564;

/** Output of the 6-bit inverse quantizer for codes 32 to 61 (table 5); 4 to 31 are the same below zero. */
const LOW_OUTPUTS = [
  24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464,
  4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136,
];
/** Output of the 4-bit inverse quantizer, which both sides adapt by, for codes 8 to 15; 1 to 7 are the same below zero. */
const LOW_ADAPTATION_OUTPUTS = [20456, 12896, 8968, 6288, 4240, 2584, 1200, 0];
const HIGH_OUTPUTS = Int32Array.of(-7408, -1616, 7408, 1616);

/** Steps of the logarithmic scale factor (tables 9 and 10) by 4-bit and by 2-bit code. */
const LOW_STEPS_BY_SIZE = [-60, 3042, 1198, 538, 334, 172, 58, -30];
const HIGH_STEPS = Int32Array.of(798, -214, 798, -214);
const LOW_SCALE_LIMIT = 18_432;
const HIGH_SCALE_LIMIT = 22_528;

const lowOutputs = new Int32Array(64);
const lowAdaptationOutputs = new Int32Array(16);
const lowSteps = new Int32Array(16);
for (let code = 4; code < 32; code++) lowOutputs[code] = -(LOW_OUTPUTS[code - 4] as number);
for (let code = 32; code < 62; code++) lowOutputs[code] = LOW_OUTPUTS[code - 32] as number;
// Codes 0 to 3 are never sent; 62 and 63 are the two smallest negative values.
for (const [code, output] of [
  [0, -136],
  [1, -136],
  [2, -136],
  [3, -136],
  [62, -432],
  [63, -136],
] as const) {
  lowOutputs[code] = output;
}
for (let code = 0; code < 8; code++) {
  const positive = LOW_ADAPTATION_OUTPUTS[code] as number;
  lowAdaptationOutputs[8 + code] = positive;
  if (code > 0) lowAdaptationOutputs[code] = -(LOW_ADAPTATION_OUTPUTS[code - 1] as number);
  lowSteps[code] = LOW_STEPS_BY_SIZE[code] as number;
  lowSteps[8 + code] = LOW_STEPS_BY_SIZE[(code + 1) & 7] as number;
}

/** The inverse logarithm (table 12): 2^11 · 2^(i/32). */
const INVERSE_LOGARITHM = Int32Array.from({ length: 32 }, (_, i) => Math.round(2048 * 2 ** (i / 32)));

function clamp16(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}

function clamp15(value: number): number {
  return value > 16_383 ? 16_383 : value < -16_384 ? -16_384 : value;
}

/** The scale factor of a logarithmic one; `shift` is 8 for the lower band, 10 for the upper. */
function scaleOf(logarithm: number, shift: number): number {
  const mantissa = INVERSE_LOGARITHM[(logarithm >> 6) & 31] as number;
  const exponent = shift - (logarithm >> 11);
  return (exponent < 0 ? mantissa << -exponent : mantissa >> exponent) << 2;
}

/** Predicts the next sample of one band from the six last differences and the two last samples (G.722 §3.6). */
class Predictor {
  /** The prediction. */
  value = 0;
  /** Its part that comes from the differences. */
  #fromDifferences = 0;
  readonly #differences = new Int32Array(6);
  readonly #zeros = new Int32Array(6);
  #pole1 = 0;
  #pole2 = 0;
  #sample1 = 0;
  /** Signs (0 or -1) of the two last partly reconstructed samples. */
  #sign1 = 0;
  #sign2 = 0;

  /** Takes the quantized difference between the last sample and its prediction. */
  update(difference: number): void {
    const sample = clamp16(this.value + difference);
    const sign = clamp16(this.#fromDifferences + difference) >> 15;

    const pole1 = this.#pole1;
    const weighted = clamp16(pole1 << 2);
    const towards = sign === this.#sign1 ? (weighted === -32_768 ? 32_767 : -weighted) : weighted;
    let pole2 = (sign === this.#sign2 ? 128 : -128) + (towards >> 7) + ((this.#pole2 * 32_512) >> 15);
    pole2 = pole2 > 12_288 ? 12_288 : pole2 < -12_288 ? -12_288 : pole2;
    const limit = clamp16(15_360 - pole2);
    let moved = clamp16((sign === this.#sign1 ? 192 : -192) + ((pole1 * 32_640) >> 15));
    moved = moved > limit ? limit : moved < -limit ? -limit : moved;
    this.#pole1 = moved;
    this.#pole2 = pole2;
    this.#sign2 = this.#sign1;
    this.#sign1 = sign;

    const differences = this.#differences;
    const zeros = this.#zeros;
    const differenceSign = difference >> 15;
    const gain = difference === 0 ? 0 : 128;
    let fromDifferences = 0;
    let newer = difference;
    for (let i = 0; i < 6; i++) {
      const older = differences[i] as number;
      const zero = (older >> 15 === differenceSign ? gain : -gain) + (((zeros[i] as number) * 32_640) >> 15);
      zeros[i] = zero;
      differences[i] = newer;
      fromDifferences += (zero * clamp16(newer + newer)) >> 15;
      newer = older;
    }
    this.#fromDifferences = clamp16(fromDifferences);

    const previous = this.#sample1;
    this.#sample1 = sample;
    const fromSamples = ((moved * clamp16(sample + sample)) >> 15) + ((pole2 * clamp16(previous + previous)) >> 15);
    this.value = clamp16(clamp16(fromSamples) + this.#fromDifferences);
  }
}

/** The lower band, 6 bits per sample: the one state that the encoder and the decoder both go through. */
export class G722LowBand {
  readonly #predictor = new Predictor();
  #logarithm = 0;
  #scale = 32;

  /** Encodes one sample. */
  quantize(sample: number): number {
    const error = clamp16(sample - this.#predictor.value);
    const magnitude = error < 0 ? ~error : error;
    const scale = this.#scale;
    let level = 0;
    while (level < 29 && magnitude >= ((LOW_DECISIONS[level] as number) * scale) >> 12) level++;
    const code = error >= 0 ? 61 - level : level < 2 ? 63 - level : 33 - level;
    this.#adapt(code);
    return code;
  }

  /** Decodes one sample. */
  reconstruct(code: number): number {
    const sample = clamp15(this.#predictor.value + ((this.#scale * (lowOutputs[code] as number)) >> 15));
    this.#adapt(code);
    return sample;
  }

  #adapt(code: number): void {
    const coarse = code >> 2;
    const difference = (this.#scale * (lowAdaptationOutputs[coarse] as number)) >> 15;
    const logarithm = ((this.#logarithm * 127) >> 7) + (lowSteps[coarse] as number);
    this.#logarithm = logarithm < 0 ? 0 : logarithm > LOW_SCALE_LIMIT ? LOW_SCALE_LIMIT : logarithm;
    this.#scale = scaleOf(this.#logarithm, 8);
    this.#predictor.update(difference);
  }
}

/** The upper band, 2 bits per sample. */
export class G722HighBand {
  readonly #predictor = new Predictor();
  #logarithm = 0;
  #scale = 8;

  /** Encodes one sample. */
  quantize(sample: number): number {
    const error = clamp16(sample - this.#predictor.value);
    const magnitude = error < 0 ? ~error : error;
    const large = magnitude >= (HIGH_DECISION * this.#scale) >> 12;
    const code = (error < 0 ? 0 : 2) + (large ? 0 : 1);
    this.#adapt(code);
    return code;
  }

  /** Decodes one sample. */
  reconstruct(code: number): number {
    const sample = clamp15(this.#predictor.value + ((this.#scale * (HIGH_OUTPUTS[code] as number)) >> 15));
    this.#adapt(code);
    return sample;
  }

  #adapt(code: number): void {
    const difference = (this.#scale * (HIGH_OUTPUTS[code] as number)) >> 15;
    const logarithm = ((this.#logarithm * 127) >> 7) + (HIGH_STEPS[code] as number);
    this.#logarithm = logarithm < 0 ? 0 : logarithm > HIGH_SCALE_LIMIT ? HIGH_SCALE_LIMIT : logarithm;
    this.#scale = scaleOf(this.#logarithm, 10);
    this.#predictor.update(difference);
  }
}
