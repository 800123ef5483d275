import { setPriority } from 'node:os';

/** Well before other programs and this process's own other threads; a packet that waits is heard. */
const MEDIA_NICENESS = -10;

/**
 * Lets the calling thread run before others where the system permits it to this process (root, or CAP_SYS_NICE). Linux
 * only: elsewhere the whole process would be meant.
 */
export function raiseThreadPriority(): void {
  if (process.platform !== 'linux') return;
  try {
    // On Linux 0 is the calling thread.
    setPriority(0, MEDIA_NICENESS);
  } catch {
    // Not permitted: it goes on as one thread among others.
  }
}
