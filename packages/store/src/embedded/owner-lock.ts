import { createHash, randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { StoreError } from '../errors.ts';
import { processStart } from './processes.ts';

const RETRY_MS = 5;

/** Held by the one process that may use a data directory. */
export interface OwnerLock {
  release(): Promise<void>;
}

/**
 * Takes the lock file `file`. It holds the pid and start of its owner, so a file left by a killed process is no
 * obstacle, not even when its pid was given to another program since.
 * @throws StoreError `in-use`, naming the pid of the owner.
 */
export async function takeOwnerLock(file: string): Promise<OwnerLock> {
  const mine = `${process.pid} ${await processStart(process.pid)}\n`;
  const draft = `${file}.${randomUUID()}`;
  // A link appears with its content, unlike a file that is opened and then written.
  await writeFile(draft, mine, { mode: 0o600 });
  try {
    for (let round = 0; round < 100; round++) {
      try {
        await link(draft, file);
        return { release: () => releaseLock(file, mine) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const found = await readFile(file, 'latin1').catch(() => null);
      if (found === null) continue;
      await refuseLiveOwner(file, found);
      await removeStale(file, found);
    }
  } finally {
    await rm(draft, { force: true });
  }
  throw new StoreError('in-use', `The lock file ${file} keeps changing: several processes are starting on it at once.`);
}

async function refuseLiveOwner(file: string, content: string): Promise<void> {
  const [, pid = '', start = ''] = /^(\d+) (.*)\n$/.exec(content) ?? [];
  if (pid === '' || (await processStart(Number(pid))) !== start) return;
  throw new StoreError(
    'in-use',
    `The data directory is in use by process ${pid} (lock file ${file}). ` +
      'Stop that process first, or give this one a data directory of its own.',
  );
}

/**
 * Several processes may find the same stale file, and one that is slow must not take away what a faster one has put in
 * its place. So the right to remove a stale file is a lock of its own, and its holder looks again.
 */
async function removeStale(file: string, stale: string): Promise<void> {
  const name = createHash('sha256').update(stale).digest('hex').slice(0, 16);
  let right: OwnerLock;
  try {
    right = await takeOwnerLock(`${file}.${name}`);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    // Somebody else is at it: come back shortly.
    await setTimeout(RETRY_MS);
    return;
  }
  try {
    if ((await readFile(file, 'latin1').catch(() => null)) === stale) await rm(file, { force: true });
  } finally {
    await right.release();
  }
}

async function releaseLock(file: string, mine: string): Promise<void> {
  if ((await readFile(file, 'latin1').catch(() => '')) === mine) await rm(file, { force: true });
}
