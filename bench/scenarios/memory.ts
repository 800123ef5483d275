import { setTimeout as sleep } from 'node:timers/promises';
import { audioFigures, audioRules, holdCalls } from '../lib/held-calls.ts';
import { processTree, residentKb } from '../lib/proc.ts';
import { result, type Scenario } from '../lib/scenario.ts';
import { rounded } from '../lib/statistics.ts';
import { playPrompt, warmUp } from './play.ts';

const IDLE_MS = 5000;
const CALLS_PER_SECOND = 40;
const SETTLE_MS = 8000;
const WINDOW_MS = 2000;

/** Memory per call: what the server's process holds while calls play, less what it held before, by the calls. */
export const memory: Scenario = {
  unit: 'calls at once',
  load: 400,
  warmUp,
  async run(bench, n) {
    const { server } = bench;
    await sleep(IDLE_MS);
    const idle = read(server.pid);
    const windowAtMs = (1000 * n) / CALLS_PER_SECOND + SETTLE_MS;
    let busy = idle;
    const reading = sleep(windowAtMs + WINDOW_MS / 2).then(() => {
      busy = read(server.pid);
    });
    const held = await holdCalls(bench, {
      script: playPrompt(bench),
      calls: n,
      callsPerSecond: CALLS_PER_SECOND,
      holdMs: windowAtMs + WINDOW_MS + 1500,
      windowAtMs,
      windowMs: WINDOW_MS,
    });
    await reading;
    const perCall = (name: 'allKb' | 'programKb') => rounded((busy[name] - idle[name]) / n, 1);
    return result(n, held.spent, audioRules(n, held), {
      ...audioFigures(n, held),
      kb_per_call: perCall('programKb'),
      /** With the database, which lets go of idle connections and so may shrink meanwhile. */
      kb_per_call_with_database: perCall('allKb'),
      rss_idle_mb: rounded(idle.programKb / 1024, 1),
      rss_busy_mb: rounded(busy.programKb / 1024, 1),
    });
  },
};

function read(server: number): { allKb: number; programKb: number } {
  return { allKb: residentKb(processTree(server)), programKb: residentKb([server]) };
}
