import { expect, test } from 'vitest';
import { MemoryCache } from './memory-cache.ts';
import { toSpoken } from './spoken.ts';

const spoken = (id: string, bytes = 100) => toSpoken(id, new Int16Array(bytes / 2), 8000);

test('keeps what was used last', () => {
  const cache = new MemoryCache(300);
  for (const id of ['a', 'b', 'c']) cache.set(spoken(id));
  expect(cache.get('a')?.id).toBe('a');
  cache.set(spoken('d'));
  expect(['a', 'b', 'c', 'd'].map((id) => cache.get(id)?.id ?? null)).toEqual(['a', null, 'c', 'd']);
  expect(cache.bytes).toBe(300);
});

test('what is larger than the whole cache is not kept, and pushes nothing out', () => {
  const cache = new MemoryCache(300);
  cache.set(spoken('a'));
  cache.set(spoken('large', 302));
  expect(cache.get('large')).toBeNull();
  expect(cache.get('a')?.id).toBe('a');
});
