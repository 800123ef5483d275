import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { within } from '../../e2e/lib/bounded.ts';
import { processTree } from './proc.ts';

/** The core of the server under test, and the core of everything that loads it. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

const living = new Set<ChildProcess>();

/** Starts a program; this program's end is its end too, and that of all it started. */
export function start(program: string, args: readonly string[], options: SpawnOptions): ChildProcess & { pid: number } {
  const child = spawn(program, args, options);
  child.once('error', (error) => console.error(`cannot start ${program}: ${error.message}`));
  if (child.pid === undefined) throw new Error(`cannot start ${program}: is it installed?`);
  living.add(child);
  child.once('exit', () => living.delete(child));
  return child as ChildProcess & { pid: number };
}

/** Waits until a program has ended by itself; after `timeoutMs` it is killed and this rejects. Gives its exit code. */
export async function ended(child: ChildProcess, timeoutMs: number, what: string): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  try {
    const [code] = (await within(once(child, 'exit'), timeoutMs, `the end of ${what}`)) as [number | null];
    return code;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

process.on('exit', () => {
  for (const { pid } of living) for (const one of pid === undefined ? [] : processTree(pid)) kill(one);
});

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
