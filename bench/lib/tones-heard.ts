import { toneOf } from './rtppeer.ts';

const SECOND = 8000;
/** A tone so far below what was sent is not there. */
const MISSING_DB = -6;
const HEARD_DB = -20;

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
export function heardTones(heard: Int16Array, call: number, streams: number): TonesHeard {
  const seconds = Array.from({ length: Math.floor(heard.length / SECOND) }, (_, i) =>
    heard.subarray(i * SECOND, (i + 1) * SECOND),
  );
  const levelsDb = Array.from({ length: streams }, (_, i) => {
    const { frequencyHz, amplitude } = toneOf(i + 1, streams);
    const levels = seconds.map((second) => 20 * Math.log10(amplitudeOf(second, frequencyHz) / amplitude + 1e-9));
    return levels.toSorted((a, b) => a - b)[levels.length >> 1] ?? Number.NEGATIVE_INFINITY;
  });
  const itselfDb = levelsDb[call - 1] ?? Number.NEGATIVE_INFINITY;
  const others = levelsDb.toSpliced(call - 1, 1);
  return {
    missing: others.filter((level) => level < MISSING_DB).length,
    hearsItself: itselfDb > HEARD_DB,
    weakestDb: others.length === 0 ? 0 : Math.min(...others),
    itselfDb,
  };
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
