import { expect, test } from 'vitest';
import { encodeMulaw } from '../codec/g711.ts';
import { PCMA, PCMU } from '../codec/g711-codec.ts';
import { PromptStore } from './prompt-store.ts';

function load(store: PromptStore, promptId: string, length: number) {
  store.load(promptId, new Int16Array(length).fill(1000));
  const prompt = store.get(promptId);
  if (prompt === undefined) throw new Error('The prompt was not kept');
  return prompt;
}

test('one encoding serves all players of a codec', () => {
  const store = new PromptStore(1000);
  const prompt = load(store, 'a', 100);
  const encoded = prompt.encodedFor(PCMU);
  expect(prompt.encodedFor(PCMU)).toBe(encoded);
  expect(prompt.encodedFor(PCMA)).not.toBe(encoded);
  expect(store.cachedBytes).toBe(200);
});

test('the least recently used encodings go first', () => {
  const store = new PromptStore(250);
  const [a, b, c] = ['a', 'b', 'c'].map((id) => load(store, id, 100));
  const first = a?.encodedFor(PCMU);
  const second = b?.encodedFor(PCMU);
  a?.encodedFor(PCMU);
  c?.encodedFor(PCMU);
  expect(store.cachedBytes).toBe(200);
  expect(a?.encodedFor(PCMU)).toBe(first);
  expect(b?.encodedFor(PCMU)).not.toBe(second);
});

test('a dropped prompt leaves nothing behind, and who plays it can go on', () => {
  const store = new PromptStore(1000);
  const prompt = load(store, 'x:y', 100);
  load(store, 'y', 50).encodedFor(PCMU);
  prompt.encodedFor(PCMU);
  store.drop('x:y');
  expect(store.get('x:y')).toBeUndefined();
  expect(prompt.encodedFor(PCMU).bytes.length).toBe(100);
  expect(store.cachedBytes).toBe(50);
});

test('any piece of a long prompt is encoded when first copied, with silence behind the end', () => {
  const store = new PromptStore(100_000);
  const samples = Int16Array.from({ length: 20_100 }, (_, at) => at);
  store.load('long', samples);
  const expected = new Uint8Array(20_200).fill(0xff);
  encodeMulaw(samples, 0, expected, 0, samples.length);
  const encoded = store.get('long')?.encodedFor(PCMU);
  for (const from of [15_950, 0, 7_900, 20_040, 20_100]) {
    const target = new Uint8Array(170).fill(1);
    encoded?.copy(from, target, 10, 160);
    const wanted = new Uint8Array(160).fill(0xff);
    wanted.set(expected.subarray(from, from + 160));
    expect(target.subarray(10)).toEqual(wanted);
  }
});
