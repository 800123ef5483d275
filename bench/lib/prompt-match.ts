/** How well what was heard is a stretch of a prompt. */
export interface Match {
  /** 1: the same but for loudness. */
  correlation: number;
  /** Loudness of what was heard against the prompt's, in dB. */
  gainDb: number;
}

const PROBE = 400;
const CANDIDATES = 8;

/** The rules for "decodes to the right prompt": µ-law alone leaves a correlation of 0.9995. */
export function isPrompt({ correlation, gainDb }: Match): boolean {
  return correlation > 0.98 && Math.abs(gainDb) < 1;
}

/**
 * Compares `heard` with the prompt, which repeats itself, at the place where it fits best. That is found with a short
 * piece of `heard` first, its loudest, and then with all of it at the best of those places.
 */
export function matchPrompt(heard: Int16Array, prompt: Int16Array): Match {
  const none: Match = { correlation: 0, gainDb: Number.NEGATIVE_INFINITY };
  if (heard.length < PROBE || prompt.length === 0) return none;
  const at = loudest(heard);
  const probe = heard.subarray(at, at + PROBE);
  const repeated = new Int16Array(prompt.length + heard.length);
  for (let i = 0; i < repeated.length; i++) repeated[i] = prompt[i % prompt.length] ?? 0;
  const places = bestPlaces(probe, repeated, prompt.length).map(
    (place) => (((place - at) % prompt.length) + prompt.length) % prompt.length,
  );
  return places
    .map((place) => compare(heard, repeated.subarray(place, place + heard.length)))
    .reduce((best, match) => (match.correlation > best.correlation ? match : best), none);
}

function loudest(heard: Int16Array): number {
  let best = 0;
  let bestEnergy = -1;
  for (let at = 0; at + PROBE <= heard.length; at += PROBE) {
    const energy = dot(heard, at, heard, at);
    if (energy > bestEnergy) [best, bestEnergy] = [at, energy];
  }
  return best;
}

function bestPlaces(probe: Int16Array, prompt: Int16Array, count: number): number[] {
  const scores: { place: number; score: number }[] = [];
  let energy = dot(prompt, 0, prompt, 0);
  for (let place = 0; place < count; place++) {
    if (energy > 0) {
      const score = dot(probe, 0, prompt, place) / Math.sqrt(energy);
      if (scores.length < CANDIDATES || score > (scores.at(-1)?.score ?? 0)) {
        scores.push({ place, score });
        scores.sort((a, b) => b.score - a.score);
        scores.length = Math.min(scores.length, CANDIDATES);
      }
    }
    const leaving = prompt[place] ?? 0;
    const entering = prompt[place + PROBE] ?? 0;
    energy += entering * entering - leaving * leaving;
  }
  return scores.map(({ place }) => place);
}

function compare(heard: Int16Array, expected: Int16Array): Match {
  let product = 0;
  let heardEnergy = 0;
  let expectedEnergy = 0;
  for (let i = 0; i < heard.length; i++) {
    const a = heard[i] ?? 0;
    const b = expected[i] ?? 0;
    product += a * b;
    heardEnergy += a * a;
    expectedEnergy += b * b;
  }
  if (heardEnergy === 0 || expectedEnergy === 0) return { correlation: 0, gainDb: Number.NEGATIVE_INFINITY };
  return {
    correlation: product / Math.sqrt(heardEnergy * expectedEnergy),
    gainDb: 10 * Math.log10(heardEnergy / expectedEnergy),
  };
}

function dot(a: Int16Array, atA: number, b: Int16Array, atB: number): number {
  let sum = 0;
  for (let i = 0; i < PROBE; i++) sum += (a[atA + i] ?? 0) * (b[atB + i] ?? 0);
  return sum;
}
