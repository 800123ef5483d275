import { toneHz } from './rtppeer.ts';

const SECOND = 8000;
const SILENT_DB = Number.NEGATIVE_INFINITY;

/** What tells whether a tone is there, against what was sent. */
export interface ToneLimits {
  /** Below this the tone of another is missing. */
  missingDb: number;
  /** Above this the own one is heard, if it stands out from what is beside it. */
  heardDb: number;
}

/** So much louder than what lies halfway to the next tones: else it is these, spoiled by jitter buffers that adapt. */
const STANDS_OUT_DB = 6;

/** Of codecs that keep the wave. */
export const WAVE_LIMITS: ToneLimits = { missingDb: -6, heardDb: -20 };
/** Opus makes single tones of many weaker by up to 4 dB, and its noise at any one frequency is only 20 dB below a tone of 250. */
export const OPUS_LIMITS: ToneLimits = { missingDb: -9, heardDb: -12 };

/** Of the tones of a room, so that all together stay within what PCMU carries. */
export function roomToneAmplitude(streams: number): number {
  return 4000 / Math.sqrt(streams);
}

export interface TonesHeard {
  /** Tones of others that are not there. */
  missing: number;
  hearsItself: boolean;
  /** The weakest of the others, and its own, against what was sent. */
  weakestDb: number;
  itselfDb: number;
}

/**
 * Which of the tones of `streams` calls the `call`-th hears. Tones are of whole Hz, so that within a second none leaks into
 * another; of several seconds the median counts, since a jitter buffer that adapts spoils one.
 */
export function heardTones(
  heard: Int16Array,
  call: number,
  streams: number,
  { missingDb, heardDb } = WAVE_LIMITS,
): TonesHeard {
  const seconds = piecesOf(heard, SECOND);
  const amplitude = roomToneAmplitude(streams);
  const levelsDb = Array.from({ length: streams }, (_, i) => toneLevelDb(seconds, toneHz(i + 1, streams), amplitude));
  const itselfDb = levelsDb[call - 1] ?? SILENT_DB;
  const others = levelsDb.toSpliced(call - 1, 1);
  const ownHz = toneHz(call, streams);
  const halfway = (toneHz(2, streams) - toneHz(1, streams)) >> 1;
  const besideDb = Math.max(
    ...[ownHz - halfway, ownHz + halfway].map((hz) => (hz === ownHz ? SILENT_DB : toneLevelDb(seconds, hz, amplitude))),
  );
  return {
    missing: others.filter((level) => level < missingDb).length,
    hearsItself: itselfDb > heardDb && itselfDb > besideDb + STANDS_OUT_DB,
    weakestDb: others.length === 0 ? 0 : Math.min(...others),
    itselfDb,
  };
}

function piecesOf(heard: Int16Array, length: number): Int16Array[] {
  return Array.from({ length: Math.floor(heard.length / length) }, (_, i) =>
    heard.subarray(i * length, (i + 1) * length),
  );
}

/** The median of the seconds' levels against `amplitude`. */
function toneLevelDb(seconds: readonly Int16Array[], frequencyHz: number, amplitude: number): number {
  const levels = seconds.map((second) => 20 * Math.log10(amplitudeOf(second, frequencyHz) / amplitude + 1e-9));
  return levels.toSorted((a, b) => a - b)[levels.length >> 1] ?? Number.NEGATIVE_INFINITY;
}

/**
 * The level of each of these tones in what was heard, 8 kHz, against `amplitude`, in dB: the median of pieces of so many
 * samples. Long pieces tell tones apart; short ones mind less that a jitter buffer shifts a tone by a part of its period.
 */
export function toneLevelsDb(
  heard: Int16Array,
  frequenciesHz: readonly number[],
  amplitude: number,
  pieceSamples = SECOND,
): number[] {
  const seconds = piecesOf(heard, pieceSamples);
  return frequenciesHz.map((frequencyHz) => toneLevelDb(seconds, frequencyHz, amplitude));
}

/** Amplitude of the sine of this frequency, by Goertzel's recurrence. */
function amplitudeOf(samples: Int16Array, frequencyHz: number): number {
  const omega = (2 * Math.PI * frequencyHz) / SECOND;
  const factor = 2 * Math.cos(omega);
  let [before, last] = [0, 0];
  for (const sample of samples) [before, last] = [last, sample + factor * last - before];
  const power = before * before + last * last - factor * before * last;
  return (2 * Math.sqrt(Math.max(0, power))) / samples.length;
}
