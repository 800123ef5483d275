import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * When a process started, in a form that only makes sense to compare: together with the pid it names one process for
 * ever, although pids come round again. `null` when no such process runs; a zombie does not run.
 */
export async function processStart(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    try {
      const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
      // The second field is the program's name in parentheses and may hold anything, parentheses too.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const [state, startTicks] = [fields[0], fields[19]];
      return state === 'Z' || state === 'X' || startTicks === undefined ? null : startTicks;
    } catch {
      return null;
    }
  }
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
    const line = stdout.trim();
    return line === '' || line.startsWith('Z') ? null : line.slice(line.indexOf(' ')).trim();
  } catch {
    return null;
  }
}

/**
 * The pids of live processes whose working directory is `folder` (a real path): a PostgreSQL server and its children,
 * which all work in their data directory. Empty where the system has no `/proc`.
 */
export async function processesIn(folder: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found: number[] = [];
  for (const name of pids) {
    const cwd = await readlink(`/proc/${name}/cwd`).catch(() => null);
    if (cwd === folder && (await processStart(Number(name))) !== null) found.push(Number(name));
  }
  return found;
}

/** Polls until `done` answers true. Resolves to whether it did in time. */
export async function waitUntil(done: () => Promise<boolean>, timeoutMs: number, everyMs = 10): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (!(await done())) {
    if (performance.now() > end) return false;
    await delay(everyMs);
  }
  return true;
}
