import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '@voxology/store';

/** A store that refuses a record for want of room is asked again for about five minutes. */
const ATTEMPTS = 35;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Writes a record at whose loss something would be lost for good: again while the store has no room, and, with
 * `whenMissing`, after that has made the row that is not there. Rejects with the last error.
 */
export async function patiently(write: () => Promise<unknown>, whenMissing?: () => Promise<void>): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  for (let attempt = 1; ; attempt++) {
    try {
      await write();
      return;
    } catch (error) {
      const code = error instanceof StoreError ? error.code : null;
      if (attempt >= ATTEMPTS) throw error;
      if (code === 'not-found' && whenMissing !== undefined) await whenMissing();
      else if (code !== 'overloaded') throw error;
    }
    await delay(pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
