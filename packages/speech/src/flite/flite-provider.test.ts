import { afterAll, describe, expect, test, vi } from 'vitest';
import { activeRms } from '../level.ts';
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
