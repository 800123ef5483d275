import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '@voxology/store';

/** A store that refuses a record is asked again for about five minutes. */
const ATTEMPTS = 35;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** Beside a store that has no room, which is always waited for. */
export interface Patience {
  /** Makes the row that is not there. */
  whenMissing?: () => Promise<void>;
  /** A database that is away is waited for too: for what is not gathered by the store. */
  whileAway?: boolean;
}

/** Writes a record at whose loss something would be lost for good. Rejects with the last error. */
export async function patiently(write: () => Promise<unknown>, patience: Patience = {}): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  for (let attempt = 1; ; attempt++) {
    try {
      await write();
      return;
    } catch (error) {
      if (attempt >= ATTEMPTS || !(await mayPass(error, patience))) throw error;
    }
    await delay(pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

async function mayPass(error: unknown, { whenMissing, whileAway = false }: Patience): Promise<boolean> {
  if (!(error instanceof StoreError)) return whileAway;
  if (error.code === 'not-found' && whenMissing !== undefined) {
    await whenMissing();
    return true;
  }
  return error.code === 'overloaded';
}
