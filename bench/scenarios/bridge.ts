import type { Bench } from '../lib/bench.ts';
import type { Script } from '../lib/callback-server.ts';
import { audioFigures, audioRules, holdCalls } from '../lib/held-calls.ts';
import { result, rule, type Scenario } from '../lib/scenario.ts';
import { CALLEE_URI } from '../lib/sipp-callees.ts';
import { percent, rounded } from '../lib/statistics.ts';

const SETTLE_MS = 3000;
const WINDOW_MS = 10_000;

/** Pairs of calls that the server connects and relays the audio of. */
export const bridge: Scenario = {
  unit: 'pairs at once',
  load: { first: 100, limit: 1600, resolution: 0.06, maxAttempts: 9 },
  async warmUp(bench) {
    // Answered when the callee answers, as a transfer is.
    await bench.server.configure(bench.callbacks.callbackUrl, { answerOnRing: false });
    await holdCalls(bench, {
      script: transfer,
      calls: 10,
      callsPerSecond: 20,
      holdMs: 1000,
      windowAtMs: 500,
      windowMs: 500,
      callees: true,
    });
  },
  async run(bench: Bench, n: number) {
    const callsPerSecond = Math.max(10, Math.min(100, n / 2.5));
    const windowAtMs = (1000 * n) / callsPerSecond + SETTLE_MS;
    const held = await holdCalls(bench, {
      script: transfer,
      calls: n,
      callsPerSecond,
      holdMs: windowAtMs + WINDOW_MS + 1500,
      windowAtMs,
      windowMs: WINDOW_MS,
      sound: 'stamps',
      callees: true,
    });
    const { rx, lat_n: relayed } = held.rtp;
    const relayedPct = rx === 0 ? 0 : percent(relayed, rx);
    return result(
      n,
      held.spent,
      [
        ...audioRules(2 * n, held),
        rule(
          relayedPct > 99.9,
          `${rounded(relayedPct, 2)} % of the packets came as they were sent (over 99.9 % required)`,
        ),
      ],
      { ...audioFigures(n, held), legs: 2 * n, relayed_pct: rounded(relayedPct, 3) },
    );
  },
};

export const transfer: Script = () => [{ type: 'TRANSFER', params: { no: CALLEE_URI } }, { type: 'HANGUP' }];
