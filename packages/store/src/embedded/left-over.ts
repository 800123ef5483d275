import { execFile } from 'node:child_process';
import { readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StoreLogger } from '../contract.ts';
import { StoreError } from '../errors.ts';
import { processesIn, processStart, waitUntil } from './processes.ts';

/** How long a server may take to stop before it is pressed harder. */
const fastStopMs = 15_000;
const immediateStopMs = 10_000;

/**
 * Stops the server that a killed process left running in `data` (a real path), waits for its children, and removes the
 * files by which PostgreSQL would take it for alive: a killed server can stay a zombie, which still answers to signals.
 * Only for the holder of the owner lock.
 * @throws StoreError `embedded` when a process of it does not end.
 */
export async function clearLeftOver(data: string, logger: StoreLogger): Promise<void> {
  const pid = Number((await readFile(join(data, 'postmaster.pid'), 'latin1').catch(() => '')).split('\n')[0]);
  if (pid > 1 && (await isServerOf(pid, data))) {
    logger.warn({ pid }, 'stopping the PostgreSQL server that a killed process left running');
    await stopServer(pid);
  }
  if (!(await waitUntil(async () => (await processesIn(data)).length === 0, immediateStopMs))) {
    const left = (await processesIn(data)).join(', ');
    throw new StoreError('embedded', `Processes of an earlier server still work in ${data} (pids ${left}). Stop them.`);
  }
  for (const name of ['postmaster.pid', '.s.PGSQL.5432', '.s.PGSQL.5432.lock']) {
    await rm(join(data, name), { force: true });
  }
}

/**
 * Fast shutdown (SIGINT: sessions are ended, everything is written), then an immediate one (SIGQUIT: the next start
 * replays the log).
 */
export async function stopServer(pid: number): Promise<void> {
  const gone = async () => (await processStart(pid)) === null;
  for (const [signal, patienceMs] of [
    ['SIGINT', fastStopMs],
    ['SIGQUIT', immediateStopMs],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (await gone()) return;
      throw new StoreError('embedded', `The PostgreSQL server with pid ${pid} cannot be stopped.`, { cause: error });
    }
    if (await waitUntil(gone, patienceMs)) return;
  }
  throw new StoreError('embedded', `The PostgreSQL server with pid ${pid} does not stop. End it by hand.`);
}

async function isServerOf(pid: number, data: string): Promise<boolean> {
  if ((await processStart(pid)) === null) return false;
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === data;
  const { stdout } = await promisify(execFile)('ps', ['-o', 'comm=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return /(^|\/)postgres\s*$/.test(stdout);
}
