import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's clock ticks per second in /proc (USER_HZ, 100 on every Linux that Node runs on). */
const TICKS_PER_SECOND = 100;

/** A process and all that descend from it, as they are now. */
export function processTree(root: number): number[] {
  const pids = [root];
  for (const pid of pids) pids.push(...childrenOf(pid));
  return pids;
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return []; // It has ended meanwhile.
  }
}

/**
 * User and system time of processes in seconds, with that of their children that have ended: of a whole tree this
 * never falls when one of it ends.
 */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + totalTicks(pid), 0) / TICKS_PER_SECOND;
}

/** User and system time of this program's children that have ended, in seconds. */
export function endedChildrenSeconds(): number {
  return ticksOf(process.pid).reaped / TICKS_PER_SECOND;
}

function totalTicks(pid: number): number {
  const { own, reaped } = ticksOf(pid);
  return own + reaped;
}

function ticksOf(pid: number): { own: number; reaped: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold spaces; utime, stime, cutime and cstime are fields 14 to 17 of proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15).map(Number);
    return { own: utime + stime, reaped: cutime + cstime };
  } catch {
    return { own: 0, reaped: 0 };
  }
}

/** Nanoseconds that each thread of a process has run, by thread. Empty where the kernel does not tell. */
export function threadNs(pid: number): Map<number, number> {
  const threads = new Map<number, number>();
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const [ran] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
      threads.set(Number(thread), Number(ran));
    }
  } catch {
    // A thread has ended meanwhile, or the kernel keeps no such figures.
  }
  return threads;
}

/** Resident memory of processes in kB, shared pages counted once for each. */
export function residentKb(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + statusKb(pid), 0);
}

function statusKb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Busy and idle ticks of each core since the machine started. */
export function coreTicks(): { busy: number; idle: number }[] {
  return readFileSync('/proc/stat', 'utf8')
    .split('\n')
    .filter((line) => /^cpu\d/.test(line))
    .map((line) => {
      const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, irq = 0, softIrq = 0, steal = 0] = line
        .split(/\s+/)
        .slice(1)
        .map(Number);
      return { busy: user + nice + system + irq + softIrq + steal, idle: idle + ioWait };
    });
}

/**
 * CPU seconds of all processes of the machine except `mine`, with those of their ended children: what moves from a child
 * to its parent at its end changes nothing.
 */
export function otherCpuSeconds(mine: readonly number[]): number {
  const skipped = new Set(mine);
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return cpuSeconds(pids.filter((pid) => !skipped.has(pid)));
}
