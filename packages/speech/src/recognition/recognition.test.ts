import { expect, test } from 'vitest';
import { Recognition, type RecognitionOptions } from './recognition.ts';
import type { SpeechRecognizer, Utterance } from './recognizer.ts';

const never = new AbortController().signal;

function utterance(hint: string): Utterance {
  return { samples: new Int16Array(160), sampleRateHz: 8000, hints: [hint], language: null };
}

/** Recognises the first hint, each when it is let go. */
class Slow implements SpeechRecognizer {
  readonly name = 'slow';
  readonly begun: string[] = [];
  readonly prepared: string[] = [];
  readonly #gates: (() => void)[] = [];
  closed = false;

  async refusal(language: string | null): Promise<string | null> {
    if (language === 'broken') throw new Error('it broke');
    return language === 'xx' ? 'no such language' : null;
  }
  async prepare(hints: readonly string[]): Promise<void> {
    this.prepared.push(...hints);
  }
  async recognize({ hints: [text = ''] }: Utterance, signal: AbortSignal): Promise<{ text: string; confidence: null }> {
    this.begun.push(text);
    await new Promise<void>((resolve, reject) => {
      this.#gates.push(resolve);
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    return { text, confidence: null };
  }
  release(): void {
    this.#gates.shift()?.();
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

function recognition(options: Partial<RecognitionOptions> = {}): { slow: Slow; recognition: Recognition } {
  const slow = new Slow();
  return { slow, recognition: new Recognition({ recognizer: slow, atOnce: 1, ...options }) };
}

test('owners take turns', async () => {
  const { slow, recognition: all } = recognition();
  const texts = ['a1', 'a2', 'a3', 'b1'].map((hint) => all.recognize(hint.slice(0, 1), utterance(hint), never));
  expect(all.counts()).toMatchObject({ running: 1, waiting: 3 });
  for (let i = 0; i < 4; i++) {
    slow.release();
    await Promise.race(texts);
    await new Promise(setImmediate);
  }
  expect((await Promise.all(texts)).map(({ text }) => text)).toEqual(['a1', 'a2', 'a3', 'b1']);
  expect(slow.begun).toEqual(['a1', 'a2', 'b1', 'a3']);
  expect(all.counts()).toEqual({ recognized: 4, failed: 0, running: 0, waiting: 0 });
});

test('more than may wait is refused at once', async () => {
  const { slow, recognition: all } = recognition({ queueLimit: 1 });
  const first = all.recognize('a', utterance('1'), never);
  const second = all.recognize('a', utterance('2'), never);
  await expect(all.recognize('b', utterance('3'), never)).rejects.toMatchObject({ reason: 'busy' });
  slow.release();
  await first;
  slow.release();
  expect(await second).toEqual({ text: '2', confidence: null });
});

test('what takes too long fails, and lets others through', async () => {
  const { recognition: all } = recognition({ timeLimitMs: 20 });
  await expect(all.recognize('a', utterance('1'), never)).rejects.toMatchObject({ reason: 'time_limit' });
  expect(all.counts()).toMatchObject({ failed: 1, running: 0 });
});

test('a caller who hangs up is not waited for', async () => {
  const { slow, recognition: all } = recognition();
  const gone = new AbortController();
  const running = all.recognize('a', utterance('1'), gone.signal);
  const waiting = all.recognize('a', utterance('2'), gone.signal);
  gone.abort(new Error('hung up'));
  await expect(running).rejects.toThrow('hung up');
  await expect(waiting).rejects.toThrow('hung up');
  expect(slow.begun).toEqual(['1']);
  expect(all.counts()).toMatchObject({ failed: 0, running: 0, waiting: 0 });
});

test('closing ends everything', async () => {
  const { slow, recognition: all } = recognition();
  const both = ['1', '2'].map((hint) => all.recognize('a', utterance(hint), never));
  const outcomes = Promise.allSettled(both);
  await all.close();
  for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { reason: 'closed' } });
  expect(slow.closed).toBe(true);
  await expect(all.recognize('a', utterance('3'), never)).rejects.toMatchObject({ reason: 'closed' });
});

test('gets ready, and says why it cannot recognise', async () => {
  const { slow, recognition: all } = recognition();
  expect(await all.prepare(['yes'], 'en')).toBeNull();
  expect(await all.prepare(['no'], 'xx')).toBe('no such language');
  expect(slow.prepared).toEqual(['yes']);
  expect(await all.refusal(null)).toBeNull();
  expect(await all.refusal('xx')).toBe('no such language');
  expect(await all.refusal('broken')).toBe('it broke');
  const none = new Recognition({ recognizer: null, missing: 'install one' });
  expect(none.name).toBeNull();
  expect(await none.refusal(null)).toBe('install one');
  await expect(none.recognize('a', utterance('1'), never)).rejects.toThrow('install one');
});
