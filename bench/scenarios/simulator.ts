import { readdirSync, readFileSync } from 'node:fs';
import { simulate } from '@voxology/callflow';
import { workFor } from '../lib/processor-time.ts';
import { rule, type Scenario, verdict } from '../lib/scenario.ts';
import { rounded } from '../lib/statistics.ts';

const RUNS_PER_S = 1_000;
const FLOWS = new URL('../../apps/server/flows/', import.meta.url);
const SCRIPT = { presses: ['1'], sessionData: { firstName: 'Ann' }, maxCallbacks: 3 };

/** Whole simulated calls to each of the sample flows; `n`: seconds of processor time for each flow. */
export const simulator: Scenario = {
  unit: 's of processor time for each flow',
  load: 1,
  needsServer: false,
  async warmUp() {
    for (const { text } of flows()) await workFor(300, () => run(text));
  },
  async run(_bench, n) {
    const runsPerS: Record<string, number | null> = {};
    const rules: (string | null)[] = [];
    for (const { name, text } of flows()) {
      const { rounds, cpuMs } = await workFor(n * 1000, () => run(text));
      const rate = (1000 * rounds) / cpuMs;
      runsPerS[name] = rounded(rate, 0);
      rules.push(rule(rate >= RUNS_PER_S, `${name}: ${Math.round(rate)} runs a second (${RUNS_PER_S} wanted)`));
    }
    return verdict(n, rules, { runs_per_s: runsPerS });
  },
};

async function run(text: string): Promise<void> {
  const call = (await simulate(text, SCRIPT)).ends();
  if (call.outcome?.status !== 'completed') throw new Error(`the call did not end well:\n${call.text}`);
}

function flows(): { name: string; text: string }[] {
  const names = readdirSync(FLOWS).filter((name) => name.endsWith('.json'));
  return names.map((name) => ({ name, text: readFileSync(new URL(name, FLOWS), 'utf8') }));
}
