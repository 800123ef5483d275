import type { EgressRequest } from '@voxology/egress';
import { beforeEach, expect, test } from 'vitest';
import { CallLog } from '../call/call-log.ts';
import { Prompts } from './prompts.ts';

const SAMPLES = 100;
let loaded: Set<string>;
let said: string[];
let requests: EgressRequest[];
let answer: (request: EgressRequest) => { status: number; etag?: string } | Promise<{ status: number; etag?: string }>;
let prompts: Prompts;
const log = new CallLog('c1', { append: () => true });
const signal = new AbortController().signal;
const say = (text: string) => prompts.get({ kind: 'say', text, voice: null, language: null }, signal, log);
const fetched = () => prompts.get({ kind: 'url', url: 'http://files.example/a.wav' }, signal, log);
const audio = () => ({ samples: new Int16Array(new SharedArrayBuffer(SAMPLES * 2)), sampleRateHz: 8000 });

beforeEach(() => {
  loaded = new Set();
  [said, requests] = [[], []];
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
        say: async ({ text }: { text: string }) => {
          said.push(text);
          return audio();
        },
      } as never,
      decoder: { decode: async () => audio() } as never,
      egress: {
        request: async (request) => {
          requests.push(request);
          const { status, etag } = await answer(request);
          const headers: Record<string, string> = etag === undefined ? {} : { etag };
          return { status, headers, body: Buffer.alloc(0), url: request.url, attempts: [] };
        },
      },
    },
    { maxFileBytes: 1, maxDurationMs: 1, cacheBytes: SAMPLES * 2 * 2 },
    () => 0,
  );
});

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

test('a file is asked for again with its ETag, and taken from memory when it has not changed', async () => {
  answer = () => ({ status: 200, etag: '"1"' });
  const first = await fetched();
  answer = ({ headers }) => ({ status: headers?.['if-none-match'] === '"1"' ? 304 : 200, etag: '"1"' });
  expect(await fetched()).toEqual(first);
  answer = () => ({ status: 200, etag: '"2"' });
  expect((await fetched()).id).not.toBe(first.id);
});

test('a copy that is pushed out while the server says it is good is fetched anew', async () => {
  answer = () => ({ status: 200, etag: '"1"' });
  await fetched();
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
