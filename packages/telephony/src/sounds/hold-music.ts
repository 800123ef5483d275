const RATE_HZ = 8000;
const BEAT_MS = 400;
/** How long a note rings on, over the ones after it. */
const NOTE_MS = 1600;
const PEAK = 3200;

/** A broken chord a bar, as semitones above A3, over and over without a seam. */
const BARS = [
  [3, 7, 10, 15, 10, 7],
  [0, 3, 7, 12, 7, 3],
  [-4, 0, 3, 8, 3, 0],
  [-2, 2, 5, 10, 5, 2],
  [3, 10, 15, 19, 15, 10],
  [0, 7, 12, 15, 12, 7],
  [-4, 3, 8, 12, 8, 3],
  [-2, 5, 10, 14, 10, 5],
];

/** Quiet plucked chords for those who wait: about 19 s at 8 kHz that may be repeated for ever. */
export function holdMusic(): Int16Array<SharedArrayBuffer> {
  const notes = BARS.flat();
  const beat = (RATE_HZ * BEAT_MS) / 1000;
  const length = notes.length * beat;
  const sum = new Float64Array(length);
  for (const [index, semitones] of notes.entries()) pluck(sum, index * beat, 220 * 2 ** (semitones / 12));
  const loudest = sum.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
  const samples = new Int16Array(new SharedArrayBuffer(length * 2));
  for (let i = 0; i < length; i++) samples[i] = Math.round(((sum[i] ?? 0) * PEAK) / loudest);
  return samples;
}

/** Adds a note with two overtones; what rings beyond the end goes on at the beginning. */
function pluck(sum: Float64Array, start: number, frequencyHz: number): void {
  const length = (RATE_HZ * NOTE_MS) / 1000;
  const step = (2 * Math.PI * frequencyHz) / RATE_HZ;
  for (let i = 0; i < length; i++) {
    const attack = Math.min(1, i / 80);
    const decay = Math.exp((-5 * i) / length) * Math.min(1, (length - i) / 400);
    const tone = Math.sin(step * i) + 0.3 * Math.sin(2 * step * i) + 0.1 * Math.sin(3 * step * i);
    const at = (start + i) % sum.length;
    sum[at] = (sum[at] ?? 0) + attack * decay * tone;
  }
}
