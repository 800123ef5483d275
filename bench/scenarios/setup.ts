import type { Bench } from '../lib/bench.ts';
import { Readings } from '../lib/readings.ts';
import { result, rule, type Scenario } from '../lib/scenario.ts';
import { Sipp } from '../lib/sipp.ts';
import { answerAndHangUp } from '../lib/sipp-scenario.ts';
import { percent, percentile, rounded } from '../lib/statistics.ts';

const OFFER_S = 8;
const WARM_UP = { callsPerSecond: 200, calls: 800 };
const SAMPLED_RECORDS = 20;

/**
 * Calls per second. Each call is answered, asks a real HTTP server on the load's core what to do, is hung up, and sends
 * its last callback; its row is durable before the 200.
 */
export const setup: Scenario = {
  unit: 'calls/s',
  load: { first: 100, limit: 1600, resolution: 0.06, maxAttempts: 9 },
  async warmUp(bench) {
    await offer(bench, WARM_UP);
  },
  async run(bench, n) {
    const { sipp, spent, wallS, endCalls, unexpected } = await offer(bench, { callsPerSecond: n, calls: n * OFFER_S });
    const missingRecords = await recordsMissing(bench);
    const achieved = sipp.ok / wallS;
    const failPct = percent(sipp.total - sipp.ok, sipp.total);
    const setupMs = sipp.responseMs[0];
    return result(
      n,
      spent,
      [
        rule(sipp.total > 0 && failPct < 1, `${rounded(failPct, 2)} % of the calls failed (1 % allowed)`),
        rule(achieved >= 0.85 * n, `${rounded(achieved, 1)} calls/s achieved (85 % of ${n} asked for)`),
        // A call that is refused before it is one has no last callback.
        rule(endCalls >= sipp.ok && endCalls <= sipp.total, `${endCalls} end_call callbacks for ${sipp.ok} good calls`),
        rule(unexpected === 0, `${unexpected} callbacks that no call should have made`),
        rule(missingRecords === 0, `${missingRecords} of ${SAMPLED_RECORDS} call records are missing or wrong`),
      ],
      {
        ok: sipp.ok,
        failed: sipp.failed,
        total: sipp.total,
        retrans: sipp.retrans,
        ...(sipp.err === undefined ? {} : { err: sipp.err }),
        offered_cps: n,
        wall_s: rounded(wallS, 2),
        achieved_cps: rounded(achieved, 1),
        fail_pct: rounded(failPct, 3),
        setup_p50: percentile(setupMs, 0.5),
        setup_p95: percentile(setupMs, 0.95),
        setup_p99: percentile(setupMs, 0.99),
        setup_max: percentile(setupMs, 1),
        end_calls: endCalls,
        server_cpu_s: rounded(spent.serverCpuS, 2),
        cpu_s_per_1000: rounded((1000 * spent.serverCpuS) / Math.max(1, sipp.ok), 3),
      },
    );
  },
};

async function offer(bench: Bench, { callsPerSecond, calls }: { callsPerSecond: number; calls: number }) {
  const { server } = bench;
  bench.callbacks.begin(() => [{ type: 'HANGUP' }]);
  const sipp = new Sipp(bench.folder('sipp'), 60);
  const readings = new Readings({ server: server.pid, sipp: () => sipp.pids });
  const startedMs = performance.now();
  const { sipAddress: target, number } = server;
  sipp.begin({ scenario: answerAndHangUp(), target, number, callsPerSecond, calls });
  const figures = await sipp.figures();
  const wallS = (performance.now() - startedMs) / 1000;
  await bench.callbacks.allEnded(figures.total);
  const spent = readings.take();
  return { sipp: figures, spent, wallS, endCalls: bench.callbacks.ended.size, unexpected: bench.callbacks.unexpected };
}

/** How many of some calls, spread over all, have no record of a completed call. */
async function recordsMissing(bench: Bench): Promise<number> {
  const { server } = bench;
  const callIds = [...bench.callbacks.ended.keys()];
  let missing = 0;
  for (let i = 0; i < SAMPLED_RECORDS; i++) {
    const callId = callIds[Math.floor((i * callIds.length) / SAMPLED_RECORDS)];
    const record = callId === undefined ? null : await server.callRecord(callId);
    if (record?.status !== 'completed' || record.hangup_end !== 'api') missing++;
  }
  return missing;
}
