import type { PlaySource, SpokenPart } from '@voxology/callflow';
import { expect, test } from 'vitest';
import { speechParts } from './speech-parts.ts';

const say = (text: string) => ({ kind: 'say' as const, text, voice: 'slt', language: null });

test('a short text and a file are one part', () => {
  expect(speechParts(say('Hello. How are you?'))).toEqual([say('Hello. How are you?')]);
  const file = { kind: 'url' as const, url: `http://x/${'y'.repeat(500)}` };
  expect(speechParts(file)).toEqual([file]);
});

test('a long text begins with one sentence, goes on in handy parts, and nothing is lost', () => {
  const text = 'This is the first sentence. '.concat('Here is one of the many that follow it. '.repeat(30));
  const parts = speechParts(say(text));
  const texts = parts.map((part) => (part.kind === 'say' ? part.text : ''));
  expect(texts[0]).toBe('This is the first sentence. ');
  expect(texts.join('')).toBe(text);
  expect(parts.every((part) => part.kind === 'say' && part.voice === 'slt')).toBe(true);
  expect(texts.slice(1, -1).every(({ length }) => length >= 300 && length < 400)).toBe(true);
});

test('a text without sentences is one long part', () => {
  expect(speechParts(say('x'.repeat(1000)))).toHaveLength(1);
});

const manner = { rate: 1, pitch: 1, gain: 1, voice: null, language: null };
const ssml = (parts: SpokenPart[]) => ({
  ...say(parts.map((part) => ('text' in part ? part.text : '')).join(' ')),
  parts,
});
const partsOf = (source: PlaySource) => (source.kind === 'say' ? source.parts : undefined);

test('long SSML is cut at its pauses, which stay as long as they were', () => {
  const text = { text: 'x'.repeat(200), ...manner };
  const parts = speechParts(ssml([text, { pauseMs: 500 }, text, { pauseMs: 350 }, text, { pauseMs: 100 }, text]));
  expect(parts.map(partsOf)).toEqual([
    [text],
    [{ pauseMs: 150 }, text, { pauseMs: 350 }, text, { pauseMs: 100 }, text],
  ]);
  expect(speechParts(ssml([text, { pauseMs: 500 }, { pauseMs: 300 }])).length).toBe(1);
});

test('a long text in one manner is cut at its sentences', () => {
  const text = 'This is one of many sentences. '.repeat(30);
  const parts = speechParts(ssml([{ text, ...manner, rate: 2 }, { pauseMs: 300 }, { text: 'End.', ...manner }]));
  expect(parts.length).toBe(4);
  const texts = parts.flatMap((part) => partsOf(part) ?? []).map((part) => ('text' in part ? part.text : part.pauseMs));
  expect(texts.join('')).toBe(`${text}300End.`);
  expect(partsOf(parts[1] ?? parts[0])?.[0]).toMatchObject({ rate: 2 });
});
