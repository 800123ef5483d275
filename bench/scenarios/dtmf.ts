import type { Bench } from '../lib/bench.ts';
import { prompt2, prompt30 } from '../lib/prompt.ts';
import { Readings } from '../lib/readings.ts';
import { result, rule, type Scenario } from '../lib/scenario.ts';
import { Sipp } from '../lib/sipp.ts';
import { pressDigits } from '../lib/sipp-scenario.ts';

import { percent, percentile, rounded } from '../lib/statistics.ts';

const MAX_CALLS_PER_SECOND = 20;
const DIGITS = '1234';

/** Digits: a prompt is cut short by the first of four RFC 4733 digits, a second prompt is played, the server hangs up. */
export const dtmf: Scenario = {
  unit: 'calls, at most 20/s',
  load: { first: 40, limit: 400, resolution: 0.1, maxAttempts: 6 },
  async warmUp(bench) {
    if (process.getuid?.() !== 0) throw new Error('dtmf needs root: sipp sends the digits through a raw socket');
    await press(bench, 5);
  },
  async run(bench, n) {
    const { sipp: figures, spent, wallS, callsPerSecond } = await press(bench, n);
    const collected = [...bench.callbacks.ended.values()].filter(
      ({ key_presses: presses }) => presses.length === 1 && presses[0]?.digits === DIGITS,
    ).length;
    const failPct = percent(figures.total - figures.ok, figures.total);
    const [setupMs, toByeMs] = figures.responseMs;
    return result(
      n,
      spent,
      [
        rule(figures.total > 0 && failPct < 1, `${rounded(failPct, 2)} % of the calls failed (1 % allowed)`),
        rule(collected === figures.total, `${collected} of ${figures.total} calls had the digits ${DIGITS} collected`),
      ],
      {
        ok: figures.ok,
        failed: figures.failed,
        total: figures.total,
        retrans: figures.retrans,
        ...(figures.err === undefined ? {} : { err: figures.err }),
        offered_cps: callsPerSecond,
        wall_s: rounded(wallS, 2),
        achieved_cps: rounded(figures.ok / wallS, 1),
        fail_pct: rounded(failPct, 3),
        digits_right: collected,
        setup_p50: percentile(setupMs, 0.5),
        setup_p99: percentile(setupMs, 0.99),
        /** With the two seconds of the second prompt. */
        digits_to_bye_p50: percentile(toByeMs, 0.5),
        digits_to_bye_p99: percentile(toByeMs, 0.99),
        server_cpu_s: rounded(spent.serverCpuS, 2),
      },
    );
  },
};

async function press(bench: Bench, calls: number) {
  const { server } = bench;
  bench.callbacks.begin(() => flow(bench));
  const callsPerSecond = Math.min(calls, MAX_CALLS_PER_SECOND);
  const sipp = new Sipp(bench.folder('sipp'), calls / callsPerSecond + 40);
  const readings = new Readings({ server: server.pid, sipp: () => sipp.pids });
  const startedMs = performance.now();
  const { sipAddress: target, number } = server;
  sipp.begin({ scenario: pressDigits(), target, number, callsPerSecond, calls });
  const figures = await sipp.figures();
  const wallS = (performance.now() - startedMs) / 1000;
  const spent = readings.take();
  await bench.callbacks.allEnded(figures.total);
  return { sipp: figures, spent, wallS, callsPerSecond };
}

function flow({ callbacks }: Bench) {
  return [
    {
      type: 'COLLECT',
      params: { num_digits: DIGITS.length, timeout: 5000 },
      actions: [{ type: 'PLAY', params: { url: callbacks.urlOf(prompt30) } }],
    },
    { type: 'PLAY', params: { url: callbacks.urlOf(prompt2) } },
    { type: 'HANGUP' },
  ];
}
