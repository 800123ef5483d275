import { getPriority, setPriority } from 'node:os';

/** Steps of niceness before the process's own other threads and its neighbours: a packet that waits is heard. */
const STEPS_BEFORE_OTHERS = 10;
const LEAST_NICENESS = -20;

/**
 * Lets the calling thread run before others where the system permits it to this process (root, or CAP_SYS_NICE). Linux
 * only: elsewhere the whole process would be meant.
 */
export function raiseThreadPriority(): void {
  if (process.platform !== 'linux') return;
  try {
    // On Linux 0 is the calling thread.
    setPriority(0, Math.max(LEAST_NICENESS, getPriority(0) - STEPS_BEFORE_OTHERS));
  } catch {
    // Not permitted: it goes on as one thread among others.
  }
}
