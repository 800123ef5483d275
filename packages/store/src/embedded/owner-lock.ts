import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { StoreError } from '../errors.ts';
import { processStart } from './processes.ts';

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

/** Two processes may find the same stale file; only a rename tells which one took it away. */
async function removeStale(file: string, stale: string): Promise<void> {
  const taken = `${file}.${randomUUID()}`;
  try {
    await rename(file, taken);
  } catch {
    return;
  }
  if ((await readFile(taken, 'latin1')) !== stale) await link(taken, file).catch(() => undefined);
  await rm(taken, { force: true });
}

async function releaseLock(file: string, mine: string): Promise<void> {
  if ((await readFile(file, 'latin1').catch(() => '')) === mine) await rm(file, { force: true });
}
