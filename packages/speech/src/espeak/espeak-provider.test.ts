import { spawnSync } from 'node:child_process';
import { describe, expect, test, vi } from 'vitest';
import { EspeakProvider } from './espeak-provider.ts';
import { parseEspeakVoices } from './espeak-voices.ts';

// Worker threads and programs are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const installed = spawnSync('espeak-ng', ['--version']).status === 0;
const never = new AbortController().signal;

test('reads the table of voices', () => {
  const table = [
    'Pty Language       Age/Gender VoiceName          File                 Other Languages ',
    ' 5  cmn             --/M      Chinese_(Mandarin)  sit/cmn              (zh-cmn 5)(zh 5)',
    ' 2  en-gb           --/M      English_(Great_Britain) gmw/en               (en 2)',
    ' 5  de              --/M      German             gmw/de               ',
    'nonsense',
  ].join('\n');
  expect(parseEspeakVoices(table)).toEqual([
    { name: 'en-gb', language: 'en-gb', otherLanguages: ['en'], description: 'English (Great Britain)' },
    { name: 'cmn', language: 'cmn', otherLanguages: ['zh-cmn', 'zh'], description: 'Chinese (Mandarin)' },
    { name: 'de', language: 'de', otherLanguages: [], description: 'German' },
  ]);
});

test('a program that is not installed has no voices', async () => {
  const provider = new EspeakProvider({ program: 'espeak-ng-that-is-not-here' });
  expect(await provider.voices()).toEqual([]);
  await expect(provider.synthesize({ text: 'a', voice: 'de' }, never)).rejects.toMatchObject({
    reason: 'unknown_voice',
  });
});

describe.skipIf(!installed)('espeak-ng (needs the program)', () => {
  const provider = new EspeakProvider({ workers: 2 });
  const speak = (text: string, voice: string, signal = never) => provider.synthesize({ text, voice }, signal);

  test('speaks other languages, the same every time', async () => {
    const text = 'Guten Tag, bitte drücken Sie die Eins. -v fr [[x]]';
    const spoken = await Promise.all(['de', 'de', 'fr-fr', 'cmn', 'ru'].map((voice) => speak(text, voice)));
    expect(spoken[1]).toEqual(spoken[0]);
    for (const { samples, sampleRateHz } of spoken) expect(samples.length).toBeGreaterThan(sampleRateHz * 2);
    expect(await provider.version()).toMatch(/^\d+\.\d+.*\/\d+$/);
  });

  test('speaks faster, slower, higher and lower', async () => {
    const text = 'Guten Tag, bitte drücken Sie die Eins.';
    const at = (rate: number, pitch: number) => provider.synthesize({ text, voice: 'de', rate, pitch }, never);
    const [plain, slow, fast, high] = await Promise.all([speak(text, 'de'), at(0.6, 1), at(2, 1), at(1, 9)]);
    expect(slow.samples.length / plain.samples.length).toBeCloseTo(1 / 0.6, 0);
    expect(fast.samples.length / plain.samples.length).toBeCloseTo(0.5, 1);
    expect(high.samples).not.toEqual(plain.samples);
  });

  test('stops when it is told to', async () => {
    const stop = new AbortController();
    const speaking = speak('Guten Tag. '.repeat(2000), 'de', stop.signal);
    stop.abort(new Error('hung up'));
    await expect(speaking).rejects.toThrow('hung up');
  });

  test('refuses more than may wait', async () => {
    const busy = new EspeakProvider({ workers: 1, queueLimit: 1 });
    await busy.voices();
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c'].map((text) => busy.synthesize({ text, voice: 'de' }, never)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(outcomes[2]).toMatchObject({ reason: { reason: 'busy' } });
  });
});
