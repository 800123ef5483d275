import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Batch } from './batch.ts';

const APART_MS = 4;
let sent: { atMs: number; items: string[] }[];
let batch: Batch<string>;
let startMs: number;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  startMs = performance.now();
  batch = new Batch((items) => sent.push({ atMs: performance.now() - startMs, items }));
});
afterEach(() => void vi.useRealTimers());

function runMs(ms: number): void {
  vi.advanceTimersByTime(ms);
}

test('all of one turn is one message, in order', () => {
  for (const item of ['a', 'b', 'c']) batch.add(item);
  expect(sent).toEqual([]);
  runMs(0);
  batch.add('d');
  runMs(0);
  expect(sent.map(({ items }) => items)).toEqual([['a', 'b', 'c'], ['d']]);
});

test('what may wait leaves at once where little is said', () => {
  for (let i = 0; i < 3; i++) {
    batch.addSoon(String(i), APART_MS);
    runMs(20);
  }
  expect(sent.map(({ atMs }) => atMs)).toEqual([0, 20, 40]);
});

test('where much is said, what may wait leaves in messages that far apart, none of it late by more', () => {
  for (let ms = 0; ms < 40; ms++) {
    batch.addSoon(String(ms), APART_MS);
    runMs(1);
  }
  runMs(APART_MS);
  expect(sent.flatMap(({ items }) => items)).toEqual(Array.from({ length: 40 }, (_, ms) => String(ms)));
  for (const { atMs, items } of sent)
    for (const item of items) expect(atMs - Number(item)).toBeLessThanOrEqual(APART_MS);
  expect(sent.length).toBeLessThanOrEqual(11);
});

test('what may not wait takes along what waits, and the order stays', () => {
  batch.add('first');
  runMs(0);
  batch.addSoon('sound', APART_MS);
  batch.add('clear');
  batch.addSoon('more sound', APART_MS);
  runMs(0);
  expect(sent.map(({ items }) => items)).toEqual([['first'], ['sound', 'clear', 'more sound']]);
  runMs(100);
  expect(sent.length).toBe(2);
});

test('what is sent when its time has come is not followed by an empty message', () => {
  batch.add('first');
  runMs(0);
  batch.addSoon('sound', APART_MS);
  setTimeout(() => batch.add('mark'), APART_MS - 1);
  runMs(100);
  expect(sent.map(({ items }) => items)).toEqual([['first'], ['sound', 'mark']]);
});
