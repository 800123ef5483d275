import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** Steps of niceness before the process's own other threads and its neighbours: a packet that waits is heard. */
const STEPS_BEFORE_OTHERS = 10;
/** Steps of niceness behind everything of the process, for threads that tidy up. */
const STEPS_BEHIND_OTHERS = 10;
const LEAST_NICENESS = -20;
const MOST_NICENESS = 19;
/** What V8 names the threads that mark garbage and compile beside a program: four in each process, however few its cores. */
const V8_HELPER = 'V8Worker';
const THREADS = '/proc/self/task';

/**
 * Lets the calling thread run before others where the system permits it to this process (root, or CAP_SYS_NICE), and lets
 * V8's helper threads run behind all others, which needs no permission: four of them at work at once had most of a core.
 * Linux only: elsewhere the whole process would be meant.
 */
export function raiseThreadPriority(): void {
  if (process.platform !== 'linux') return;
  lowerHelperThreads();
  try {
    // On Linux 0 is the calling thread.
    setPriority(0, Math.max(LEAST_NICENESS, getPriority(0) - STEPS_BEFORE_OTHERS));
  } catch {
    // Not permitted: it goes on as one thread among others.
  }
}

function lowerHelperThreads(): void {
  const niceness = Math.min(MOST_NICENESS, getPriority(process.pid) + STEPS_BEHIND_OTHERS);
  for (const thread of readdirSync(THREADS)) {
    try {
      const name = readFileSync(`${THREADS}/${thread}/comm`, 'utf8').trim();
      if (name === V8_HELPER) setPriority(Number(thread), niceness);
    } catch {
      // It has ended meanwhile.
    }
  }
}
