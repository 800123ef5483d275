import type { EgressRequest } from '@voxology/egress';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallLog } from '../call/call-log.ts';
import { Prompts } from './prompts.ts';

const SAMPLES = 100;
let loaded: Set<string>;
let said: string[];
let requests: EgressRequest[];
type Answer = { status: number; headers?: Record<string, string>; body?: string };
let answer: (request: EgressRequest) => Answer | Promise<Answer>;
let decoded: string[];
let nowMs: number;
let prompts: Prompts;
const log = new CallLog('c1', { append: () => true });
const signal = new AbortController().signal;
const say = (text: string) => prompts.get({ kind: 'say', text, voice: null, language: null }, signal, log);
const fetched = () => prompts.get({ kind: 'url', url: 'http://files.example/a.wav' }, signal, log);
const audio = () => ({ samples: new Int16Array(new SharedArrayBuffer(SAMPLES * 2)), sampleRateHz: 8000 });

beforeEach(() => {
  loaded = new Set();
  [said, requests, decoded] = [[], [], []];
  nowMs = 1_000_000;
  vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
  answer = () => ({ status: 200 });
  prompts = new Prompts(
    {
      media: {
        loadPrompt: ({ id }) => {
          loaded.add(id);
          return { id, durationMs: 1 };
        },
        dropPrompt: (id) => void loaded.delete(id),
      },
      speech: {
        say: async ({ text }: { text: string }, { sampleRateHz }: { sampleRateHz: number }) => {
          said.push(sampleRateHz === 8000 ? text : `${text} at ${sampleRateHz}`);
          return audio();
        },
      } as never,
      decoder: {
        decode: async (body: Uint8Array, { toSampleRateHz }: { toSampleRateHz: number }) => {
          decoded.push(toSampleRateHz === 8000 ? String(body) : `${body} at ${toSampleRateHz}`);
          return audio();
        },
      } as never,
      egress: {
        request: async (request) => {
          requests.push(request);
          const { status, headers = {}, body = '' } = await answer(request);
          return { status, headers, body: Buffer.from(body), url: request.url, attempts: [] };
        },
      },
    },
    { maxFileBytes: 1, maxDurationMs: 1, cacheBytes: SAMPLES * 2 * 2, recheckMs: 2000 },
    () => nowMs,
  );
});

afterEach(() => void vi.useRealTimers());

test('what is asked for by many at once is spoken once', async () => {
  const [a, b] = await Promise.all([say('x'), say('x')]);
  expect([a, said]).toEqual([b, ['x']]);
});

test('the least recently used goes when there is no room, not before who was given it could play it', async () => {
  const [a, b] = [await say('a'), await say('b')];
  await say('a');
  await say('c');
  expect(loaded.has(b.id)).toBe(true);
  await new Promise(setImmediate);
  expect([loaded.has(a.id), loaded.has(b.id)]).toEqual([true, false]);
  await say('b');
  expect(said).toEqual(['a', 'b', 'c', 'b']);
});

test('a failure is not remembered', async () => {
  answer = () => ({ status: 404 });
  await expect(fetched()).rejects.toThrow('answered 404');
  answer = () => ({ status: 200 });
  await fetched();
});

function later(ms: number): void {
  nowMs += ms;
  vi.setSystemTime(nowMs);
}

test('a file is asked for again with its ETag or date, and taken from memory when it has not changed', async () => {
  answer = () => ({ status: 200, headers: { etag: '"1"', 'last-modified': 'Thu, 01 Jan 1970 00:00:00 GMT' } });
  const first = await fetched();
  later(2000);
  answer = () => ({ status: 304, headers: { etag: '"1"' } });
  expect(await fetched()).toEqual(first);
  expect(requests[1]?.headers).toEqual({
    'if-none-match': '"1"',
    'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT',
  });
  later(2000);
  answer = () => ({ status: 200, headers: { etag: '"2"' }, body: 'new' });
  expect((await fetched()).id).not.toBe(first.id);
});

test('the server is not asked within the set time, nor while its Cache-Control calls the copy good', async () => {
  answer = () => ({ status: 200, headers: { 'cache-control': 'max-age=60' } });
  await fetched();
  later(1999);
  await fetched();
  later(58_000);
  await fetched();
  expect(requests).toHaveLength(1);
  later(2);
  await fetched();
  expect(requests).toHaveLength(2);
});

test('what must not be stored is asked for each time', async () => {
  answer = () => ({ status: 200, headers: { 'cache-control': 'no-store' } });
  await fetched();
  await fetched();
  expect(requests).toHaveLength(2);
});

test('files of the same bytes are decoded once', async () => {
  answer = () => ({ status: 200, body: 'same' });
  const [a] = [await fetched()];
  later(2000);
  const b = await fetched();
  await prompts.get({ kind: 'url', url: 'http://files.example/b.wav' }, signal, log);
  expect([a, decoded]).toEqual([b, ['same']]);
});

test('a copy that is pushed out while the server says it is good is fetched anew', async () => {
  answer = () => ({ status: 200, headers: { etag: '"1"' } });
  await fetched();
  later(2000);
  answer = async ({ headers }) => {
    if (headers?.['if-none-match'] === undefined) return { status: 200 };
    await say('a');
    await say('b');
    await new Promise(setImmediate);
    return { status: 304 };
  };
  const prompt = await fetched();
  expect(loaded.has(prompt.id)).toBe(true);
  expect(requests).toHaveLength(3);
});

test('a 304 that nobody asked for is an error', async () => {
  answer = () => ({ status: 304 });
  await expect(fetched()).rejects.toThrow('answered 304');
});

test('a URL that is too long is refused', async () => {
  const url = `http://files.example/${'x'.repeat(4096)}`;
  await expect(prompts.get({ kind: 'url', url }, signal, log)).rejects.toThrow('more than the 4096');
  expect(requests).toEqual([]);
});

test('a wideband call has prompts of its own, of texts and of files', async () => {
  const source = { kind: 'url', url: 'http://files.example/a.wav' } as const;
  answer = () => ({ status: 200, headers: { etag: '"1"' }, body: 'x' });
  const narrow = await fetched();
  const wide = await prompts.get(source, signal, log, 16_000);
  expect(await prompts.get(source, signal, log, 16_000)).toBe(wide);
  expect(await fetched()).toBe(narrow);
  expect(decoded).toEqual(['x', 'x at 16000']);
  await say('a');
  await prompts.get({ kind: 'say', text: 'a', voice: null, language: null }, signal, log, 16_000);
  expect(said).toEqual(['a', 'a at 16000']);
});
