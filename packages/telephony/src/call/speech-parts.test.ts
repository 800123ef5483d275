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
