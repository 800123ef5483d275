import { afterAll, describe, expect, test, vi } from 'vitest';
import { activeRms } from '../level.ts';
import type { SynthesizedSpeech } from '../provider.ts';
import { FliteProvider } from './flite-provider.ts';

// Worker threads and programs are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const provider = new FliteProvider({ workers: 2 });
afterAll(() => provider.close());

const never = new AbortController().signal;
const speak = (text: string, voice = 'slt') => provider.synthesize({ text, voice }, never);
const seconds = async (text: string, voice?: string) => {
  const { samples, sampleRateHz } = await speak(text, voice);
  return samples.length / sampleRateHz;
};

/** The middle one of the pitches of its voiced stretches, by autocorrelation. */
function pitchOf({ samples, sampleRateHz }: SynthesizedSpeech): number {
  const n = Math.round(sampleRateHz * 0.04);
  const pitches: number[] = [];
  for (let start = 0; start + 2 * n < samples.length; start += n) {
    const product = (lag: number, other = 0) => {
      let sum = 0;
      for (let i = start; i < start + n; i++) sum += (samples[i + other] ?? 0) * (samples[i + lag] ?? 0);
      return sum;
    };
    if (product(0) / n < 400_000) continue;
    let best = { lag: 0, likeness: 0.7 };
    for (let lag = Math.round(sampleRateHz / 350); lag < sampleRateHz / 70; lag++) {
      const likeness = product(lag) / Math.sqrt(product(0) * product(lag, lag));
      if (likeness > best.likeness) best = { lag, likeness };
    }
    if (best.lag > 0) pitches.push(sampleRateHz / best.lag);
  }
  return pitches.toSorted((a, b) => a - b)[pitches.length >> 1] ?? Number.NaN;
}

describe('flite', () => {
  test.each(['slt', 'rms', 'awb', 'kal16', 'kal'])('the voice %s speaks', async (voice) => {
    const { samples, sampleRateHz } = await speak('Hello world, this is a test.', voice);
    expect(sampleRateHz).toBe(voice === 'kal' ? 8000 : 16_000);
    expect(samples.length / sampleRateHz).toBeGreaterThan(1.3);
    expect(samples.length / sampleRateHz).toBeLessThan(2.6);
    expect(activeRms(samples, sampleRateHz)).toBeGreaterThan(500);
  });

  test('voices differ and each repeats itself', async () => {
    const [first, again, other] = await Promise.all([speak('Hello.'), speak('Hello.'), speak('Hello.', 'rms')]);
    expect(again).toEqual(first);
    expect(other?.samples).not.toEqual(first?.samples);
  });

  test('sentences follow each other with a pause', async () => {
    const apart = (await seconds('Press one for sales.')) + (await seconds('Press two for support.'));
    expect(await seconds('Press one for sales. Press two for support.')).toBeCloseTo(apart + 0.35, 2);
  });

  test('more to say takes longer', async () => {
    expect(await seconds('1234567890')).toBeGreaterThan((await seconds('1')) + 1.5);
    expect(await seconds('#')).toBeGreaterThan(0.2);
  });

  test('rate and pitch are what they should be, with every voice', async () => {
    const text = 'This is a short test of speaking.';
    for (const voice of ['slt', 'awb', 'kal']) {
      const at = (rate: number, pitch: number) => provider.synthesize({ text, voice, rate, pitch }, never);
      const [plain, slow, fast, high] = await Promise.all([speak(text, voice), at(0.5, 1), at(2, 1), at(1, 1.3)]);
      expect(slow.samples.length / plain.samples.length).toBeCloseTo(2, 0);
      expect(fast.samples.length / plain.samples.length).toBeCloseTo(0.5, 1);
      expect(high.samples.length / plain.samples.length).toBeCloseTo(1, 1);
      expect(pitchOf(high) / pitchOf(plain)).toBeCloseTo(1.3, 1);
    }
  });

  test('no text breaks it', async () => {
    const texts = [
      '-h',
      '-t',
      '--help',
      'a\u0001b',
      '%s %n $HOME',
      '<speak>hi</speak>',
      'x'.repeat(400),
      '9'.repeat(120),
    ];
    for (const text of [...texts, 'ÀÉÎõü', "'", '1e999', 'A.B.C.D.', '1/0', '$$$5']) {
      const outcome = await speak(text).then(
        ({ samples }) => samples.length > 0,
        (error: unknown) => String(error),
      );
      expect([text, outcome]).toEqual([text, text === "'" ? expect.stringContaining('can say nothing') : true]);
    }
  });

  test('refuses voices it does not have and text it cannot read', async () => {
    await expect(speak('Hello', 'siri')).rejects.toMatchObject({ reason: 'unknown_voice' });
    await expect(speak('你好')).rejects.toMatchObject({ reason: 'unsupported_language' });
  });

  test('closing ends it', async () => {
    const closing = new FliteProvider();
    await closing.close();
    await expect(closing.synthesize({ text: 'a', voice: 'slt' }, never)).rejects.toMatchObject({ reason: 'closed' });
  });
});

describe('sounds', () => {
  const sounded = async (phones: string, voice = 'slt', text = 'x') =>
    provider.synthesize({ text, voice, phones }, never);

  test('are said in place of the text, as the voice says a text with them', async () => {
    const [sounds, other, tomato] = await Promise.all([
      sounded('t ax m ey t ow'),
      sounded('t ax m ey t ow', 'slt', 'potato'),
      speak('tomato'),
    ]);
    expect(sounds).toEqual(other);
    expect(sounds.samples.length / tomato.samples.length).toBeCloseTo(1, 0);
    expect(activeRms(sounds.samples, 16_000) / activeRms(tomato.samples, 16_000)).toBeCloseTo(1, 0);
  });

  test.each(['slt', 'rms', 'awb', 'kal16', 'kal'])(
    'another sound, more sounds: another word, a longer word (%s)',
    async (voice) => {
      const [bit, boat, longer] = await Promise.all([
        sounded('b ih t', voice),
        sounded('b ow t', voice),
        sounded('b ih t er b ih t er b ih t er', voice),
      ]);
      expect(boat.samples).not.toEqual(bit.samples);
      expect(longer.samples.length).toBeGreaterThan(1.5 * bit.samples.length);
    },
  );

  test('that the voices do not know are refused', async () => {
    await expect(sounded('b qq t')).rejects.toThrow('know no sound "qq"');
    await expect(sounded('')).rejects.toThrow('know no sound ""');
  });
});
