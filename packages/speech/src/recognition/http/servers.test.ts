import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { readWave } from '../../wave.ts';
import type { Utterance } from '../recognizer.ts';
import type { HttpClient, RecognitionServer } from './ask-server.ts';
import { HttpRecognizer } from './http-recognizer.ts';
import { OpenAiRecognizer } from './openai-recognizer.ts';

const never = new AbortController().signal;
const samples = Int16Array.of(1, -2, 300, -32_768);
const utterance: Utterance = { samples, sampleRateHz: 8000, hints: ['Sales', 'my & balance'], language: 'en-US' };

type Received = { url: string; headers: IncomingHttpHeaders; body: Buffer };
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Sends as the guarded client does. */
const client: HttpClient = {
  async request({ url, query, method, headers, body, signal, maxRedirects }) {
    const target = new URL(url);
    for (const [name, value] of query ?? []) target.searchParams.append(name, value);
    const redirect = maxRedirects === 0 ? 'manual' : 'follow';
    const init: RequestInit = { method, headers, body: Uint8Array.from(body), signal, redirect };
    const answer = await fetch(target, init).catch((error: unknown) => {
      throw Object.assign(new Error(`${url} failed`, { cause: error }), { code: 'connect-refused' });
    });
    return { status: answer.status, body: await answer.bytes() };
  },
};

/** A server that answers everything with this, and what it got. */
async function serve(status: number, answer: string): Promise<{ server: RecognitionServer; received: Received[] }> {
  const received: Received[] = [];
  const http = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    received.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) });
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(answer);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  cleanUps.push(async () => {
    http.closeAllConnections();
    http.close();
  });
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/asr?key=k`;
  const header = { name: 'Authorization', value: 'Bearer secret' };
  return { server: { client, url, header, timeoutMs: 2000 }, received };
}

test('http: the utterance as a WAV file, hints and language in the query', async () => {
  const { server, received } = await serve(200, '{"text":"Sales, please!","confidence":0.75}');
  const recognized = await new HttpRecognizer(server).recognize(utterance, never);
  expect(recognized).toEqual({ text: 'sales please', confidence: 0.75 });
  const [{ url = '', headers = {}, body = Buffer.alloc(0) } = {}] = received;
  const query = new URL(url, 'http://x').searchParams;
  expect([query.get('key'), query.get('language'), query.getAll('hint')]).toEqual([
    'k',
    'en-US',
    ['Sales', 'my & balance'],
  ]);
  expect(headers).toMatchObject({ 'content-type': 'audio/wav', authorization: 'Bearer secret' });
  expect(readWave(body)).toEqual({ samples, sampleRateHz: 8000, complete: true });
});

test('http: hints that make no URL any more are left out', async () => {
  const { server, received } = await serve(200, '{"text":""}');
  const hints = Array.from({ length: 2000 }, (_, i) => `hint number ${i}`);
  const recognized = await new HttpRecognizer(server).recognize({ ...utterance, hints, language: null }, never);
  expect(recognized).toEqual({ text: '', confidence: null });
  expect(received[0]?.url.length).toBeLessThan(8000);
});

test('openai: a form with the file, the model, the hints as prompt', async () => {
  const { server, received } = await serve(200, '{"text":" Sales.","confidence":"high"}');
  const recognized = await new OpenAiRecognizer({ ...server, model: 'whisper-1' }).recognize(utterance, never);
  expect(recognized).toEqual({ text: 'sales', confidence: null });
  const [{ headers = {}, body = Buffer.alloc(0) } = {}] = received;
  const form = await new Response(Uint8Array.from(body), {
    headers: { 'Content-Type': headers['content-type'] ?? '' },
  }).formData();
  const file = form.get('file') as File;
  expect([form.get('model'), form.get('language'), form.get('prompt'), file.name]).toEqual([
    'whisper-1',
    'en',
    'Sales, my & balance',
    'utterance.wav',
  ]);
  expect(readWave(await file.bytes())?.samples).toEqual(samples);
});

test.each([
  [401, '{"error":"sales"}', 'the speech recognition server answered 401'],
  [302, '', 'the speech recognition server answered 302'],
  [200, '<html>sales</html>', 'not JSON'],
  [200, 'null', 'no "text"'],
  [200, '{"text":7}', 'no "text"'],
])('an answer %i %s is a failure that tells nothing of what was said', async (status, answer, message) => {
  const { server } = await serve(status, answer);
  const error = await new HttpRecognizer(server).recognize(utterance, never).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'SpeechError', reason: 'failed', message: expect.stringContaining(message) });
  expect(String(error)).not.toContain('sales');
});

test('a server that is not there, and a caller that does not wait', async () => {
  const { server } = await serve(200, '{}');
  const dead = new HttpRecognizer({ ...server, url: 'http://127.0.0.1:1/?key=secret' });
  const error = await dead.recognize(utterance, never).catch((reason: unknown) => reason);
  expect(String(error)).toBe('SpeechError: the speech recognition server gave no answer (connect-refused)');
  const gone = AbortSignal.abort(new Error('hung up'));
  await expect(new HttpRecognizer(server).recognize(utterance, gone)).rejects.toThrow('hung up');
});
