/** Decision levels of the 6-bit quantizer (G.722 table 4), in 1/4096 of the scale factor. */
const LOW_DECISIONS = [
  35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458,
  1612, 1765, 1980, 2195, 2557, 2919,
];
/** Decision level of the 2-bit quantizer (table 6). */
const HIGH_DECISIONS = [564];

/** Output of the 6-bit inverse quantizer for codes 32 to 61 (table 5); 4 to 31 are the same below zero. */
const LOW_OUTPUTS = [
  24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464,
  4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136,
];
/** Output of the 4-bit inverse quantizer, which both sides adapt by, for codes 8 to 15; 1 to 7 are the same below zero. */
const LOW_ADAPTATION_OUTPUTS = [20456, 12896, 8968, 6288, 4240, 2584, 1200, 0];
const HIGH_OUTPUTS = [-7408, -1616, 7408, 1616];

/** Steps of the logarithmic scale factor (tables 9 and 10) by 4-bit and by 2-bit code. */
const LOW_STEPS_BY_SIZE = [-60, 3042, 1198, 538, 334, 172, 58, -30];
const HIGH_STEPS = [798, -214, 798, -214];

/** What tells the two bands apart. */
interface Tables {
  decisions: Int32Array;
  /** The code of each level between decisions, for an error from zero on and for one below. */
  codes: Int32Array;
  /** By code: what it stands for, and what both sides adapt by, which in the lower band is coarser. */
  outputs: Int32Array;
  adaptation: Int32Array;
  steps: Int32Array;
  scaleLimit: number;
  scaleShift: number;
  firstScale: number;
}

function lowTables(): Tables {
  const outputs = new Int32Array(64);
  const adaptation = new Int32Array(64);
  const steps = new Int32Array(64);
  for (let code = 4; code < 32; code++) outputs[code] = -(LOW_OUTPUTS[code - 4] as number);
  for (let code = 32; code < 62; code++) outputs[code] = LOW_OUTPUTS[code - 32] as number;
  // Codes 0 to 3 are never sent; 62 and 63 are the two smallest negative values.
  outputs.fill(-136, 0, 4);
  outputs.set([-432, -136], 62);
  for (let code = 0; code < 64; code++) {
    const coarse = code >> 2;
    const size = coarse & 7;
    if (coarse >= 8) adaptation[code] = LOW_ADAPTATION_OUTPUTS[size] as number;
    else if (coarse > 0) adaptation[code] = -(LOW_ADAPTATION_OUTPUTS[size - 1] as number);
    steps[code] = LOW_STEPS_BY_SIZE[coarse < 8 ? size : (size + 1) & 7] as number;
  }
  const codes = Int32Array.from({ length: 60 }, (_, i) => {
    const level = i >> 1;
    return i % 2 === 0 ? 61 - level : level < 2 ? 63 - level : 33 - level;
  });
  const decisions = Int32Array.from(LOW_DECISIONS);
  return { decisions, codes, outputs, adaptation, steps, scaleLimit: 18_432, scaleShift: 8, firstScale: 32 };
}

function highTables(): Tables {
  const outputs = Int32Array.from(HIGH_OUTPUTS);
  return {
    decisions: Int32Array.from(HIGH_DECISIONS),
    codes: Int32Array.of(3, 1, 2, 0),
    outputs,
    adaptation: outputs,
    steps: Int32Array.from(HIGH_STEPS),
    scaleLimit: 22_528,
    scaleShift: 10,
    firstScale: 8,
  };
}

const LOW = lowTables();
const HIGH = highTables();

/** The inverse logarithm (table 12): 2^11 · 2^(i/32). */
const INVERSE_LOGARITHM = Int32Array.from({ length: 32 }, (_, i) => Math.round(2048 * 2 ** (i / 32)));

function clamp16(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}

function clamp15(value: number): number {
  return value > 16_383 ? 16_383 : value < -16_384 ? -16_384 : value;
}

/** The scale factor of a logarithmic one. */
function scaleOf(logarithm: number, shift: number): number {
  const mantissa = INVERSE_LOGARITHM[(logarithm >> 6) & 31] as number;
  const exponent = shift - (logarithm >> 11);
  return (exponent < 0 ? mantissa << -exponent : mantissa >> exponent) << 2;
}

/** `value`, or its negative where `mask` is -1 and not 0: signs come at random, and a wrongly guessed branch costs more. */
function signed(value: number, mask: number): number {
  return (value ^ mask) - mask;
}

/** 255/256 of a coefficient, rounded down. */
function leaked(coefficient: number): number {
  return coefficient + (-coefficient >> 8);
}

// Places in a band's state.
const SCALE = 0;
const LOGARITHM = 1;
const VALUE = 2;
const FROM_DIFFERENCES = 3;
const TWICE_SAMPLE = 4;
const POLE = 5;
const SIGN = 7;
const TWICE = 9;
const ZERO = 15;
const STATE = 21;

/**
 * One band: the state that the encoder and the decoder both go through. Each sample is predicted from the six last
 * differences and the two last samples (G.722 §3.6). While a frame is made the state is in variables: taken from
 * arrays or fields for each sample, it takes half as long again.
 */
export class G722Band {
  readonly #tables: Tables;
  readonly #state = new Int32Array(STATE);

  private constructor(tables: Tables) {
    this.#tables = tables;
    this.#state[SCALE] = tables.firstScale;
  }

  /** The lower band, 6 bits per sample. */
  static low(): G722Band {
    return new G722Band(LOW);
  }

  /** The upper band, 2 bits per sample. */
  static high(): G722Band {
    return new G722Band(HIGH);
  }

  /** Encodes `n` samples. */
  quantize(samples: Int32Array, n: number, codes: Uint8Array): void {
    this.#run(samples, codes, n, true);
  }

  /** Decodes `n` samples. */
  reconstruct(codes: Uint8Array, n: number, samples: Int32Array): void {
    this.#run(samples, codes, n, false);
  }

  #run(samples: Int32Array, codes: Uint8Array, n: number, encodes: boolean): void {
    const { decisions, codes: codesByLevel, outputs, adaptation, steps, scaleLimit, scaleShift } = this.#tables;
    const state = this.#state;
    const levels = decisions.length;
    let scale = state[SCALE] as number;
    let logarithm = state[LOGARITHM] as number;
    // The prediction, and its part that comes from the differences.
    let value = state[VALUE] as number;
    let fromDifferences = state[FROM_DIFFERENCES] as number;
    let twiceSample = state[TWICE_SAMPLE] as number;
    let pole1 = state[POLE] as number;
    let pole2 = state[POLE + 1] as number;
    // Signs (0 or -1) of the two last partly reconstructed samples.
    let sign1 = state[SIGN] as number;
    let sign2 = state[SIGN + 1] as number;
    // The last differences, the newest first, twice as large and clamped.
    let twice1 = state[TWICE] as number;
    let twice2 = state[TWICE + 1] as number;
    let twice3 = state[TWICE + 2] as number;
    let twice4 = state[TWICE + 3] as number;
    let twice5 = state[TWICE + 4] as number;
    let twice6 = state[TWICE + 5] as number;
    let zero1 = state[ZERO] as number;
    let zero2 = state[ZERO + 1] as number;
    let zero3 = state[ZERO + 2] as number;
    let zero4 = state[ZERO + 3] as number;
    let zero5 = state[ZERO + 4] as number;
    let zero6 = state[ZERO + 5] as number;
    for (let i = 0; i < n; i++) {
      let code: number;
      if (encodes) {
        const error = clamp16((samples[i] as number) - value);
        const negative = error >> 31;
        const magnitude = error ^ negative;
        let level = 0;
        while (level < levels && magnitude >= Math.imul(decisions[level] as number, scale) >> 12) level++;
        code = codesByLevel[(level << 1) - negative] as number;
        codes[i] = code;
      } else {
        code = codes[i] as number;
        samples[i] = clamp15(value + (Math.imul(scale, outputs[code] as number) >> 15));
      }
      const difference = Math.imul(scale, adaptation[code] as number) >> 15;
      logarithm = ((logarithm * 127) >> 7) + (steps[code] as number);
      logarithm = logarithm < 0 ? 0 : logarithm > scaleLimit ? scaleLimit : logarithm;
      scale = scaleOf(logarithm, scaleShift);

      const sign = clamp16(fromDifferences + difference) >> 15;
      const turned1 = sign ^ sign1;
      const towards = clamp16(signed(clamp16(pole1 << 2), ~turned1));
      pole2 = signed(128, sign ^ sign2) + (towards >> 7) + ((pole2 * 127) >> 7);
      pole2 = pole2 > 12_288 ? 12_288 : pole2 < -12_288 ? -12_288 : pole2;
      const limit = 15_360 - pole2;
      pole1 = signed(192, turned1) + leaked(pole1);
      pole1 = pole1 > limit ? limit : pole1 < -limit ? -limit : pole1;
      sign2 = sign1;
      sign1 = sign;

      const gain = difference === 0 ? 0 : 128;
      zero1 = signed(gain, (twice1 ^ difference) >> 31) + leaked(zero1);
      zero2 = signed(gain, (twice2 ^ difference) >> 31) + leaked(zero2);
      zero3 = signed(gain, (twice3 ^ difference) >> 31) + leaked(zero3);
      zero4 = signed(gain, (twice4 ^ difference) >> 31) + leaked(zero4);
      zero5 = signed(gain, (twice5 ^ difference) >> 31) + leaked(zero5);
      zero6 = signed(gain, (twice6 ^ difference) >> 31) + leaked(zero6);
      twice6 = twice5;
      twice5 = twice4;
      twice4 = twice3;
      twice3 = twice2;
      twice2 = twice1;
      twice1 = clamp16(difference << 1);
      fromDifferences = clamp16(
        (Math.imul(zero1, twice1) >> 15) +
          (Math.imul(zero2, twice2) >> 15) +
          (Math.imul(zero3, twice3) >> 15) +
          (Math.imul(zero4, twice4) >> 15) +
          (Math.imul(zero5, twice5) >> 15) +
          (Math.imul(zero6, twice6) >> 15),
      );

      const sample = clamp16(value + difference);
      const twiceBefore = twiceSample;
      twiceSample = clamp16(sample << 1);
      const fromSamples = (Math.imul(pole1, twiceSample) >> 15) + (Math.imul(pole2, twiceBefore) >> 15);
      value = clamp16(clamp16(fromSamples) + fromDifferences);
    }
    state[SCALE] = scale;
    state[LOGARITHM] = logarithm;
    state[VALUE] = value;
    state[FROM_DIFFERENCES] = fromDifferences;
    state[TWICE_SAMPLE] = twiceSample;
    state[POLE] = pole1;
    state[POLE + 1] = pole2;
    state[SIGN] = sign1;
    state[SIGN + 1] = sign2;
    state[TWICE] = twice1;
    state[TWICE + 1] = twice2;
    state[TWICE + 2] = twice3;
    state[TWICE + 3] = twice4;
    state[TWICE + 4] = twice5;
    state[TWICE + 5] = twice6;
    state[ZERO] = zero1;
    state[ZERO + 1] = zero2;
    state[ZERO + 2] = zero3;
    state[ZERO + 3] = zero4;
    state[ZERO + 4] = zero5;
    state[ZERO + 5] = zero6;
  }
}
