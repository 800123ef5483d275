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

/** Memory per call: what the server's processes hold while calls play, less what they held before, by the calls. */
export const memory: Scenario = {
  unit: 'calls at once',
  load: 400,
  async run(bench, n) {
    await warmUp(bench);
    const server = await bench.server();
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
      kb_per_call: perCall('allKb'),
      /** The same of the server's own process, without the database. */
      kb_per_call_program: perCall('programKb'),
      rss_idle_mb: rounded(idle.allKb / 1024, 1),
      rss_busy_mb: rounded(busy.allKb / 1024, 1),
    });
  },
};

function read(server: number): { allKb: number; programKb: number } {
  return { allKb: residentKb(processTree(server)), programKb: residentKb([server]) };
}
