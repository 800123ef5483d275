import { afterAll, beforeAll, vi } from 'vitest';
import type { Store } from '../contract.ts';
import { openTemporaryStore, type TemporaryStore } from '../temporary-store.ts';

/** Opens a store for the tests of a file, gives it out before they run, and removes it after them. */
export function withStore(give: (store: Store) => void): void {
  vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });
  let temporary: TemporaryStore;
  beforeAll(async () => {
    temporary = await openTemporaryStore();
    give(temporary.store);
  });
  afterAll(() => temporary.remove());
}
