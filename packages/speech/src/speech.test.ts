import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { activeRms } from './level.ts';
import type { SynthesisRequest, SynthesizedSpeech, TextToSpeechProvider, Voice } from './provider.ts';
import { Speech, type SpeechOptions } from './speech.ts';
import { SpeechError } from './speech-error.ts';

// Worker threads and programs are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Speaks a sine as long as the text, when it is let. */
class SineProvider implements TextToSpeechProvider {
  readonly name = 'sine';
  readonly installation = null;
  revision = '1';
  spoken: string[] = [];
  failure: SpeechError | null = null;
  hang = false;

  async version(): Promise<string> {
    return this.revision;
  }

  async voices(): Promise<Voice[]> {
    return ['low', 'high'].map((name) => ({ name, language: 'en', otherLanguages: [], description: name }));
  }

  async synthesize(
    { text, voice, rate = 1, pitch = 1 }: SynthesisRequest,
    signal: AbortSignal,
  ): Promise<SynthesizedSpeech> {
    this.spoken.push(`${voice}: ${text}${rate === 1 && pitch === 1 ? '' : ` at ${rate} and ${pitch}`}`);
    if (this.failure !== null) throw this.failure;
    if (this.hang) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const step = voice === 'low' ? 0.1 : 0.3;
    const samples = Int16Array.from({ length: text.length * 800 }, (_, i) => Math.round(900 * Math.sin(i * step)));
    return { samples, sampleRateHz: 8000 };
  }

  async close(): Promise<void> {
    this.hang = false;
  }
}

let folder = '';
let provider = new SineProvider();
let open: Speech[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voxology-speech-'));
  provider = new SineProvider();
});
afterEach(async () => {
  await Promise.all(open.map((speech) => speech.close()));
  open = [];
  await rm(folder, { recursive: true, force: true });
});

function start(options: SpeechOptions = {}): Speech {
  const speech = new Speech({ providers: [provider], ...options });
  open.push(speech);
  return speech;
}

function startDefault(): Speech {
  const speech = new Speech();
  open.push(speech);
  return speech;
}

describe('speech', () => {
  test('gives shared samples at one level, and the same ones again', async () => {
    const speech = start();
    const first = await speech.say({ text: ' Hello  world ' });
    expect(first.samples.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(first).toMatchObject({ sampleRateHz: 8000, durationMs: 1100, id: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(20 * Math.log10(activeRms(first.samples, 8000) / 32_768)).toBeCloseTo(-20, 1);
    const again = await speech.say({ text: 'Hello world', voice: 'low', language: null });
    expect(again.samples).toBe(first.samples);
    expect(provider.spoken).toEqual(['low: Hello world']);
    expect((await speech.say({ text: 'Hello world', voice: 'high' })).id).not.toBe(first.id);
    expect(speech.counts()).toMatchObject({ memoryHits: 1, diskHits: 0, synthesized: 2 });
  });

  test('speaks parts with their pauses, each in its manner', async () => {
    const speech = start();
    const low = { rate: 1, pitch: 1, gain: 1, voice: null, language: null };
    const parts = [
      { text: 'One', ...low },
      { pauseMs: 300 },
      { text: '...', ...low },
      { text: 'two', ...low, rate: 0.5, pitch: 1.2, gain: 0.5 },
      { text: 'three', ...low, voice: 'high' },
    ];
    const { samples, durationMs } = await speech.say({ parts });
    expect(provider.spoken).toEqual(['low: One', 'low: two at 0.5 and 1.2', 'high: three']);
    expect(durationMs).toBeCloseTo(300 + 300 + 300 + 60 + 500, 0);
    const level = (fromMs: number) => activeRms(samples.slice(fromMs * 8, (fromMs + 250) * 8), 8000);
    expect(level(0) / level(620)).toBeCloseTo(2, 1);
    expect(level(1000) / level(0)).toBeCloseTo(1, 1);
    expect(activeRms(samples.slice(310 * 8, 590 * 8), 8000)).toBe(0);
    expect((await speech.say({ parts })).samples).toBe(samples);
    expect((await speech.say({ parts: parts.slice(0, 3) })).samples).not.toBe(samples);
  });

  test('pauses alone are silence as long as they are', async () => {
    expect((await start().say({ parts: [{ pauseMs: 400 }, { pauseMs: 1000 }] })).durationMs).toBe(1400);
  });

  test('the length of parts is that of their texts', async () => {
    const part = { text: 'x'.repeat(6), rate: 1, pitch: 1, gain: 1, voice: null, language: null };
    const speech = start({ maxTextLength: 10 });
    await expect(speech.say({ parts: [part, { pauseMs: 1 }, part] })).rejects.toMatchObject({
      reason: 'text_too_long',
    });
  });

  test('speaks at another rate where one is asked for', async () => {
    const convert = (samples: Int16Array, fromHz: number, toHz: number) =>
      samples.subarray(0, (samples.length * toHz) / fromHz);
    const speech = start({ output: { sampleRateHz: 4000, convert } });
    const [usual, other] = [
      await speech.say({ text: 'Hello' }),
      await speech.say({ text: 'Hello' }, { sampleRateHz: 8000 }),
    ];
    expect([usual.sampleRateHz, other.sampleRateHz, other.durationMs]).toEqual([4000, 8000, usual.durationMs]);
    expect(await speech.say({ text: 'Hello' }, { sampleRateHz: 8000 })).toBe(other);
  });

  test('does equal requests under way once', async () => {
    const speech = start();
    const all = await Promise.all(Array.from({ length: 20 }, () => speech.say({ text: 'Hello' })));
    expect(new Set(all.map(({ samples }) => samples)).size).toBe(1);
    expect(provider.spoken).toHaveLength(1);
  });

  test('begins warm from the folder, unless the engine changed', async () => {
    const first = start({ cacheDir: folder });
    const spoken = await first.say({ text: 'Hello' });
    await first.close();
    const second = start({ cacheDir: folder });
    expect(await second.say({ text: 'Hello' })).toEqual(spoken);
    expect(second.counts()).toMatchObject({ diskHits: 1, synthesized: 0 });
    provider.revision = '2';
    await start({ cacheDir: folder }).say({ text: 'Hello' });
    expect(provider.spoken).toHaveLength(2);
  });

  test('brings all voices to one rate where asked', async () => {
    const rates: number[][] = [];
    const convert = async (samples: Int16Array, ...fromAndTo: number[]) => {
      rates.push(fromAndTo);
      return samples.filter((_, i) => i % 2 === 0);
    };
    const speech = start({ output: { sampleRateHz: 4000, convert } });
    const spoken = await speech.say({ text: 'Hello' });
    expect(spoken).toMatchObject({ sampleRateHz: 4000, durationMs: 500 });
    expect(rates).toEqual([[8000, 4000]]);
    expect(spoken.id).not.toBe((await start().say({ text: 'Hello' })).id);
    expect(await speech.say({ text: '' })).toMatchObject({ sampleRateHz: 4000, durationMs: 200 });
  });

  test('says nothing as a short silence', async () => {
    for (const text of ['', '   ', '...', '🎉', '\u0000\u0007']) {
      const { samples, durationMs } = await start().say({ text });
      expect(durationMs).toBe(200);
      expect(samples.every((sample) => sample === 0)).toBe(true);
    }
    expect(provider.spoken).toEqual([]);
  });

  test('refuses what is too long and voices it does not have', async () => {
    const speech = start({ maxTextLength: 10 });
    await expect(speech.say({ text: 'x'.repeat(11) })).rejects.toMatchObject({
      reason: 'text_too_long',
      message: 'the text has 11 characters; at most 10 are spoken at once',
    });
    await expect(speech.say({ text: 'a', voice: 'siri' })).rejects.toMatchObject({
      reason: 'unknown_voice',
      message: 'there is no voice "siri"; the voices are: low, high',
    });
  });

  test('a failure is not kept; prefetch only counts it', async () => {
    const speech = start();
    provider.failure = new SpeechError('failed', 'no breath');
    await expect(speech.say({ text: 'Hello' })).rejects.toBe(provider.failure);
    await speech.prefetch({ text: 'Hello' });
    expect(speech.counts().failed).toBe(1);
    provider.failure = null;
    await speech.prefetch({ text: 'Hello' });
    await speech.say({ text: 'Hello' });
    expect(speech.counts()).toMatchObject({ memoryHits: 1, synthesized: 1 });
  });

  test('takes only so long', async () => {
    provider.hang = true;
    await expect(start({ timeLimitMs: 20 }).say({ text: 'Hello' })).rejects.toMatchObject({ reason: 'time_limit' });
  });

  test('closing fails what is under way and what comes', async () => {
    provider.hang = true;
    const speech = start();
    const saying = speech.say({ text: 'Hello' });
    const outcome = expect(saying).rejects.toMatchObject({ reason: 'closed' });
    await expect.poll(() => provider.spoken.length).toBe(1);
    await speech.close();
    await outcome;
    await expect(speech.say({ text: 'Hello' })).rejects.toMatchObject({ reason: 'closed' });
  });
});

describe('speech with its own engines', () => {
  test('twenty requests at once, all voices at one level', async () => {
    const speech = startDefault();
    const voices = (await speech.voices()).filter((voice) => voice.provider === 'flite').map(({ name }) => name);
    expect(voices).toEqual(['slt', 'rms', 'awb', 'kal16', 'kal']);
    const requests = Array.from({ length: 20 }, (_, i) => ({
      text: `You are caller number ${i}. Please wait.`,
      voice: voices[i % voices.length] ?? null,
    }));
    const all = await Promise.all(requests.map((request) => speech.say(request)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(20);
    for (const { samples, sampleRateHz, durationMs } of all) {
      expect(durationMs).toBeGreaterThan(2000);
      expect(durationMs).toBeLessThan(5000);
      const level = 20 * Math.log10(activeRms(samples, sampleRateHz) / 32_768);
      expect(level).toBeGreaterThan(-23);
      expect(level).toBeLessThan(-19.9);
      expect(samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0)).toBeLessThan(29_205);
    }
    const other = startDefault();
    expect((await other.say(requests[3] ?? { text: '' })).samples).toEqual(all[3]?.samples);
  });
});
