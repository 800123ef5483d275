import type { SpokenText } from '../wire/play-source.ts';

/** How a text is spoken. */
export type Manner = Omit<SpokenText, 'text'>;

const NAMED_RATES: Readonly<Record<string, number>> = {
  'x-slow': 0.5,
  slow: 0.75,
  medium: 1,
  default: 1,
  fast: 1.4,
  'x-fast': 1.8,
};
const NAMED_PITCHES: Readonly<Record<string, number>> = {
  'x-low': 0.7,
  low: 0.85,
  medium: 1,
  default: 1,
  high: 1.2,
  'x-high': 1.4,
};
/** In decibels. */
const NAMED_VOLUMES: Readonly<Record<string, number>> = {
  silent: Number.NEGATIVE_INFINITY,
  'x-soft': -12,
  soft: -6,
  medium: 0,
  default: 0,
  loud: 6,
  'x-loud': 12,
};
/** `emphasis level`, as no voice here has another: slower and louder, or the opposite. */
const EMPHASES: Readonly<Record<string, { rate: number; decibels: number }>> = {
  strong: { rate: 0.8, decibels: 4 },
  moderate: { rate: 0.9, decibels: 2 },
  none: { rate: 1, decibels: 0 },
  reduced: { rate: 1.15, decibels: -3 },
};

const SLOWEST = 0.2;
const FASTEST = 4;
const LOWEST = 0.5;
const HIGHEST = 2;
const LOUDEST = 8;

/** `prosody rate`: a name, a percentage of the rate around it (`80%`, `+20%`) or a factor; null for anything else. */
export function withRate(manner: Manner, written: string): Manner | null {
  const factor = own(NAMED_RATES, written) ?? percentage(written) ?? number(/^(\d+(?:\.\d+)?)$/, written);
  if (factor === null || factor <= 0) return null;
  return { ...manner, rate: bounded(manner.rate * factor, SLOWEST, FASTEST) };
}

/** `prosody pitch`: a name, a percentage or semitones (`+2st`); null for anything else. */
export function withPitch(manner: Manner, written: string): Manner | null {
  const semitones = number(/^([+-]\d+(?:\.\d+)?)st$/, written);
  const factor =
    own(NAMED_PITCHES, written) ?? percentage(written) ?? (semitones === null ? null : 2 ** (semitones / 12));
  if (factor === null || factor <= 0) return null;
  return { ...manner, pitch: bounded(manner.pitch * factor, LOWEST, HIGHEST) };
}

/** `prosody volume`: a name, decibels (`-6dB`), a percentage, or a number up to 100; null for anything else. */
export function withVolume(manner: Manner, written: string): Manner | null {
  const decibels = own(NAMED_VOLUMES, written) ?? number(/^([+-]?\d+(?:\.\d+)?)dB$/i, written);
  const level = number(/^(\d+(?:\.\d+)?)$/, written);
  const factor =
    decibels === null ? (percentage(written) ?? (level !== null && level <= 100 ? level / 100 : null)) : gain(decibels);
  if (factor === null || factor < 0) return null;
  // Silence stays silent, however loud it is to be: nothing times endless is no number.
  return { ...manner, gain: manner.gain === 0 ? 0 : bounded(manner.gain * factor, 0, LOUDEST) };
}

export function withEmphasis(manner: Manner, level: string): Manner | null {
  const emphasis = own(EMPHASES, level);
  if (emphasis === null) return null;
  const { rate, decibels } = emphasis;
  return {
    ...manner,
    rate: bounded(manner.rate * rate, SLOWEST, FASTEST),
    gain: bounded(manner.gain * gain(decibels), 0, LOUDEST),
  };
}

export function isSameManner(one: Manner, other: Manner): boolean {
  return (
    one.rate === other.rate &&
    one.pitch === other.pitch &&
    one.gain === other.gain &&
    one.voice === other.voice &&
    one.language === other.language &&
    one.phones === undefined &&
    other.phones === undefined
  );
}

function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | null {
  return Object.hasOwn(table, name) ? (table[name] ?? null) : null;
}

/** `80%` is 0.8, `+20%` is 1.2. */
function percentage(written: string): number | null {
  const relative = number(/^([+-]\d+(?:\.\d+)?)%$/, written);
  if (relative !== null) return 1 + relative / 100;
  const share = number(/^(\d+(?:\.\d+)?)%$/, written);
  return share === null ? null : share / 100;
}

function number(form: RegExp, written: string): number | null {
  const digits = form.exec(written)?.[1];
  return digits === undefined ? null : Number(digits);
}

function gain(decibels: number): number {
  return 10 ** (decibels / 20);
}

/** Three decimals, so that what is written twice is the same twice. */
function bounded(value: number, least: number, most: number): number {
  return Math.round(Math.min(Math.max(value, least), most) * 1000) / 1000;
}
