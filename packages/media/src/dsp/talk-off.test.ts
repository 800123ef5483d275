import { expect, test, vi } from 'vitest';
import { speak } from '../testing/speech.ts';
import { DtmfDetector } from './dtmf-detector.ts';
import { synthesizeDtmf } from './tone.ts';

// Worker threads and programs are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

// Vowels of every colour, glides and numbers: what imitates the pairs of tones best.
const TEXT =
  'Welcome to the switchboard. For sales, press one. For support, press two. How now, brown cow? We were away a year ' +
  'ago, all the while, as the rain in Spain stays mainly in the plain. Oh no, you owe only eighty euros. Every evening ' +
  'we hear eerie, eager eagles. Zoo crew, too few new blue shoes. Ha, ah, la, far, car, star. One two three four five.';

function detect(samples: Int16Array): string {
  return new DtmfDetector({ sampleRateHz: 8000 }).process(samples, 0, samples.length);
}

test.each(['slt', 'rms', 'awb', 'kal16'])('the voice %s speaks no digits, at any loudness', async (voice) => {
  const samples = await speak(voice, TEXT, 8000);
  for (const gain of [0.25, 1, 2.5]) {
    expect(detect(samples.map((sample) => Math.max(-32_768, Math.min(32_767, sample * gain))))).toBe('');
  }
});

test('digits pressed over the echo of a prompt are heard', async () => {
  const mixed = synthesizeDtmf('1234567890*#', { toneMs: 100, pauseMs: 100, levelDbm0: -10 });
  const prompt = await speak('slt', TEXT, 8000);
  // An echo 20 dB down, as a hybrid or an acoustic path returns it.
  for (let i = 0; i < mixed.length; i++) mixed[i] = (mixed[i] ?? 0) + (prompt[8000 + i] ?? 0) * 0.1;
  expect(detect(mixed)).toBe('1234567890*#');
});
