import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { findProgram } from '../../find-program.ts';
import { Speech } from '../../speech.ts';
import type { Utterance } from '../recognizer.ts';
import { PocketsphinxRecognizer } from './pocketsphinx-recognizer.ts';

// Programs are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const installed = (await findProgram('pocketsphinx_batch')) !== null;
const never = new AbortController().signal;

/** What a caller with this voice sends: 8 kHz without what lies above 4 kHz, some silence before and behind. */
async function spoken(text: string, voice: string, hints: string[]): Promise<Utterance> {
  const { samples, sampleRateHz } = await speech.say({ text, voice });
  const factor = sampleRateHz / 8000;
  const quiet = 2400;
  const narrow = new Int16Array(Math.floor(samples.length / factor) + 2 * quiet);
  for (let i = 0; i < narrow.length - 2 * quiet; i++) {
    let sum = 0;
    for (let k = 0; k < factor; k++) sum += samples[i * factor + k] as number;
    narrow[quiet + i] = sum / factor;
  }
  return { samples: narrow, sampleRateHz: 8000, hints, language: null };
}
const speech = new Speech({ workers: 1 });
afterAll(() => speech.close());

test('says what is missing', async () => {
  const recognizer = new PocketsphinxRecognizer({ program: 'pocketsphinx-that-is-not-here' });
  expect(await recognizer.refusal(null)).toContain('apt-get install pocketsphinx');
  expect(await recognizer.refusal('de-DE')).toContain('English only, not "de-DE"');
  const utterance = { samples: new Int16Array(800), sampleRateHz: 8000, hints: [], language: null };
  await expect(recognizer.recognize(utterance, never)).rejects.toMatchObject({ reason: 'failed' });
  await recognizer.close();
});

describe.skipIf(!installed)('pocketsphinx (needs the program)', () => {
  const hints = ['Yes', 'No', 'sales', 'support', 'my order', 'one', 'two', 'three', 'Voxology'];

  test('understands words of a choice in several voices, in order and side by side', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'voxology-test-'));
    const workDir = join(folder, 'recognition');
    const recognizer = new PocketsphinxRecognizer({ workDir });
    expect(await recognizer.refusal('en-GB')).toBeNull();
    await Promise.all([recognizer.prepare(hints), recognizer.prepare(['yes'])]);
    expect(readdirSync(workDir)).toHaveLength(1);
    const cases = [
      ['sales', 'slt'],
      ['yes', 'rms'],
      ['my order', 'awb'],
      ['no', 'kal'],
      ['three', 'rms'],
    ] as const;
    const heard: string[] = [];
    for (const [text, voice] of cases) {
      const { text: understood, confidence } = await recognizer.recognize(await spoken(text, voice, hints), never);
      heard.push(understood);
      expect(confidence).toBeGreaterThan(0.5);
    }
    expect(heard).toEqual(cases.map(([text]) => text));
    const both = await Promise.all(
      ['yes', 'no'].map(async (text) => recognizer.recognize(await spoken(text, 'rms', ['yes', 'no']), never)),
    );
    expect(both.map(({ text }) => text)).toEqual(['yes', 'no']);
    // Nothing of what was said is left on the disk.
    for (const decoder of readdirSync(workDir)) {
      expect(readdirSync(join(workDir, decoder)).sort()).toEqual(['control', 'grammars']);
    }
    await recognizer.close();
    expect(existsSync(workDir)).toBe(false);
    await rm(folder, { recursive: true });
  });

  test('something else than the hints is not taken for one of them', async () => {
    const recognizer = new PocketsphinxRecognizer();
    const sentence = await spoken('I would like to speak to an agent about that letter', 'rms', ['sales', 'support']);
    expect((await recognizer.recognize(sentence, never)).text).toBe('');
    const silence = { samples: new Int16Array(8000), sampleRateHz: 8000, hints: ['yes'], language: 'en' };
    expect((await recognizer.recognize(silence, never)).text).toBe('');
    await recognizer.close();
  });

  test('takes dictation without hints, and when it knows none of them', async () => {
    const recognizer = new PocketsphinxRecognizer();
    const { text, confidence } = await recognizer.recognize(await spoken('check my balance', 'rms', []), never);
    expect(text).toBe('check my balance');
    expect(confidence).toBeGreaterThan(0);
    expect((await recognizer.recognize(await spoken('tomorrow morning', 'rms', ['Voxologix', '!']), never)).text).toBe(
      'tomorrow morning',
    );
    await recognizer.close();
  });

  test('a caller who hangs up ends the program, and the next one has a new one', async () => {
    const recognizer = new PocketsphinxRecognizer();
    const utterance = await spoken('yes', 'rms', ['yes', 'no']);
    const gone = new AbortController();
    const given = recognizer.recognize(utterance, gone.signal);
    gone.abort(new Error('hung up'));
    await expect(given).rejects.toThrow('hung up');
    expect((await recognizer.recognize(utterance, never)).text).toBe('yes');
    await recognizer.close();
  });

  test('a program that is no recogniser is an error that names it', async () => {
    const recognizer = new PocketsphinxRecognizer({ program: 'false' });
    const utterance = { samples: new Int16Array(800), sampleRateHz: 8000, hints: ['yes'], language: null };
    await expect(recognizer.recognize(utterance, never)).rejects.toMatchObject({ reason: 'failed' });
    await recognizer.close();
  });
});
