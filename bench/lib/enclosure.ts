import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { LOAD_CORE } from './children.ts';

/** Set for the program inside. */
const INSIDE = 'VOXOLOGY_BENCH_INSIDE';
const NAMESPACES = '/var/run/netns';
const NAMESPACE_PREFIX = 'vbench-';

/** True for the program that {@link runInside} started. */
export function isInside(): boolean {
  return process.env[INSIDE] !== undefined;
}

/** Gives the whole session the highest share of the cores, where groups by session exist and it is permitted. */
export function takePriority(): void {
  try {
    writeFileSync('/proc/self/autogroup', '-20');
  } catch {
    // Then nice, or nothing, has to do.
  }
}

/**
 * Runs this program again on the core of the load, and as root also at a high priority and in a network namespace that
 * has only the loopback interface, removed at the end. Resolves with its exit code.
 */
export async function runInside(args: readonly string[]): Promise<number> {
  if (availableParallelism() < 2) throw new Error('a benchmark needs two cores: one for the server, one for the load');
  const asRoot = process.getuid?.() === 0;
  const namespace = asRoot ? openNamespace() : null;
  const command = [
    namespace === null ? [] : ['ip', 'netns', 'exec', namespace],
    asRoot ? ['nice', '-n', '-10'] : [],
    ['taskset', '-c', String(LOAD_CORE), process.execPath, ...process.execArgv, ...args],
  ].flat();
  // A session of its own: the priority of its group is no business of the shell that started us.
  const child = spawn(command[0] ?? '', command.slice(1), {
    stdio: 'inherit',
    detached: true,
    env: { ...process.env, [INSIDE]: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  try {
    return await exitCode(child);
  } finally {
    if (namespace !== null) spawnSync('ip', ['netns', 'delete', namespace]);
  }
}

function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Null, and a line that says so, where the system does not allow it. */
function openNamespace(): string | null {
  removeLeftOvers();
  const name = `${NAMESPACE_PREFIX}${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  const up = spawnSync('ip', ['netns', 'exec', name, 'ip', 'link', 'set', 'lo', 'up'], { encoding: 'utf8' });
  if (made.status === 0 && up.status === 0) return name;
  console.error(`No network namespace of its own: ${(made.stderr ?? '').trim() || (up.stderr ?? '').trim()}`);
  if (made.status === 0) spawnSync('ip', ['netns', 'delete', name]);
  return null;
}

/** Namespaces of benchmarks that were killed. */
function removeLeftOvers(): void {
  if (!existsSync(NAMESPACES)) return;
  for (const name of readdirSync(NAMESPACES)) {
    if (!name.startsWith(NAMESPACE_PREFIX) || existsSync(`/proc/${name.slice(NAMESPACE_PREFIX.length)}`)) continue;
    spawnSync('ip', ['netns', 'delete', name]);
  }
}
