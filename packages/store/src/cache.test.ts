import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Cache } from './cache.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('shares one load among lookups until the time to live is over, for missing rows too', async () => {
  const cache = new Cache<string>(1000);
  const load = vi.fn(async () => null);
  expect(await Promise.all([cache.get('a', load), cache.get('a', load)])).toEqual([null, null]);
  vi.advanceTimersByTime(999);
  await cache.get('a', load);
  expect(load).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1);
  await cache.get('a', load);
  expect(load).toHaveBeenCalledTimes(2);
});

it('does not remember what was loaded before a forget', async () => {
  const cache = new Cache<string>(1000);
  let answer: (value: string) => void = () => undefined;
  const slow = cache.get('a', () => new Promise((resolve) => (answer = resolve)));
  cache.forget('a');
  answer('old');
  expect(await slow).toBe('old');
  expect(await cache.get('a', async () => 'new')).toBe('new');
});

it('does not remember failures', async () => {
  const cache = new Cache<string>(1000);
  await expect(cache.get('a', async () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await cache.get('a', async () => 'here')).toBe('here');
});

it('uses what it knew while the database is away', async () => {
  const cache = new Cache<string>(1000);
  await cache.get('a', async () => 'known');
  vi.advanceTimersByTime(1000);
  const away = () => Promise.reject(new Error('Connection terminated unexpectedly'));
  expect(await cache.get('a', away)).toBe('known');
  await expect(cache.get('b', away)).rejects.toThrow('terminated');
});

it('drops the oldest entry when it is full', async () => {
  const cache = new Cache<string>(1000, 2);
  for (const key of ['a', 'b', 'c']) await cache.get(key, async () => key);
  expect(await cache.get('b', async () => 'again')).toBe('b');
  expect(await cache.get('a', async () => 'again')).toBe('again');
});
