import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../lib/bench.ts';
import type { Script } from '../lib/callback-server.ts';
import { SERVER_CORE } from '../lib/children.ts';
import { CoreWatch, type MachineLateness } from '../lib/core-watch.ts';
import { lossPct } from '../lib/held-calls.ts';
import { processTree, residentKb } from '../lib/proc.ts';
import { Readings } from '../lib/readings.ts';
import { type RtpFigures, RtpPeer } from '../lib/rtppeer.ts';
import { result, rule, type Scenario } from '../lib/scenario.ts';
import { callOfCaller, Sipp } from '../lib/sipp.ts';
import { SippCallees } from '../lib/sipp-callees.ts';
import { holdCall, MAX_MEDIA_CALLS } from '../lib/sipp-scenario.ts';
import { percent, rounded } from '../lib/statistics.ts';
import { growthPct, lastTwoThirds } from '../lib/trend.ts';
import { transfer } from './bridge.ts';
import { playPrompt, warmUp } from './play.ts';

const HOLD_S = 20;
const SAMPLES_PER_MINUTE = 6;
/** Over the last two thirds of the run. */
const GROWTH_PCT = 5;
const LATE_PCT = 0.1;
/** So many calls, with those that end, have media ports of their own. */
const MOST_CALLS = MAX_MEDIA_CALLS / 1.25;

/** Load that stays for long, with calls that come and go: half of them hear a prompt, half are connected with a callee. */
export const soak: Scenario = {
  unit: 'calls at once',
  load: 500,
  flags: { minutes: '30' },
  warmUp,
  async run(bench, n) {
    const minutes = bench.numberFlag('minutes');
    if (!(minutes >= 1)) throw new Error('--minutes must be 1 or more');
    if (n > MOST_CALLS) throw new Error(`at most ${MOST_CALLS} calls at once have media ports of their own`);
    const run = await hold(bench, n, Math.floor(minutes));
    const { sipp, spent, rtp, ticks, endCalls, machine } = run;
    const sum = (name: 'rx' | 'expected' | 'seq_lost') => rtp.reduce((total, one) => total + one[name], 0);
    const shortPct = percent(sum('expected') - sum('rx'), sum('expected'));
    const lostPct = percent(sum('seq_lost'), sum('rx') + sum('seq_lost'));
    const worst = Math.max(...rtp.map(({ ia_p99: p99 }) => p99));
    const growth = (name: keyof Held) =>
      growthPct(lastTwoThirds(run.held.map((one) => ({ atS: one.atS, value: one[name] }))));
    const [rssPct, descriptorsPct] = [growth('rssMb'), growth('descriptors')];
    return result(
      n,
      spent,
      [
        rule(sipp.failed === 0 && sipp.ok === sipp.total, `${sipp.total - sipp.ok} of ${sipp.total} calls failed`),
        rule(endCalls === sipp.total, `${endCalls} end_call callbacks for ${sipp.total} calls`),
        rule(lostPct < 0.1, `${rounded(lostPct, 3)} % of the packets were lost (0.1 % allowed)`),
        rule(shortPct < 0.5, `${rounded(shortPct, 3)} % fewer packets than 50/s (0.5 % allowed)`),
        rule(worst < 40, `in a minute 99 % of the packets came within ${worst} ms of the one before (40 ms allowed)`),
        rule(
          latePct(ticks) < LATE_PCT,
          `${rounded(latePct(ticks), 3)} % of the ticks came over 10 ms late (${LATE_PCT} % allowed)`,
        ),
        rule(
          rssPct < GROWTH_PCT,
          `memory grew by ${rounded(rssPct, 1)} % in the last two thirds (${GROWTH_PCT} % allowed)`,
        ),
        rule(
          descriptorsPct < GROWTH_PCT,
          `open files grew by ${rounded(descriptorsPct, 1)} % in the last two thirds (${GROWTH_PCT} % allowed)`,
        ),
      ],
      {
        minutes: Math.floor(minutes),
        ok: sipp.ok,
        failed: sipp.failed,
        ...(sipp.err === undefined ? {} : { err: sipp.err }),
        packets: sum('rx'),
        loss_pct: rounded(lostPct, 4),
        shortfall_pct: rounded(shortPct, 3),
        worst_minute_ia_p99: worst,
        worst_minute_ia_p999: Math.max(...rtp.map(({ ia_p999: p999 }) => p999)),
        late_ticks_pct: rounded(latePct(ticks), 4),
        ticks: ticks.run,
        late_ticks: ticks.late,
        skipped_ticks: ticks.skipped,
        tick_late_max_ms: rounded(ticks.lateMaxMs, 1),
        machine_late_over_1ms: machine.over_1ms,
        machine_late_over_5ms: machine.over_5ms,
        machine_late_over_10ms: machine.over_10ms,
        machine_late_max_ms: machine.worst_ms,
        rss_growth_pct: rounded(rssPct, 2),
        rss_first_mb: rounded(run.held[0]?.rssMb ?? null, 1),
        rss_last_mb: rounded(run.held.at(-1)?.rssMb ?? null, 1),
        descriptors_growth_pct: rounded(descriptorsPct, 2),
        descriptors_first: run.held[0]?.descriptors,
        descriptors_last: run.held.at(-1)?.descriptors,
      },
    );
  },
};

/** What the server's process holds at a moment. */
interface Held {
  atS: number;
  rssMb: number;
  descriptors: number;
}

interface Ticks {
  run: number;
  late: number;
  skipped: number;
  lateMaxMs: number;
}

async function hold(bench: Bench, n: number, minutes: number) {
  const { server } = bench;
  const callsPerSecond = n / HOLD_S;
  const calls = Math.round(callsPerSecond * (HOLD_S + minutes * 60 + 5));
  bench.callbacks.begin(playOrTransfer(bench));
  const sipp = new Sipp(bench.folder('sipp'), HOLD_S + minutes * 60 + 120);
  const callees = new SippCallees(bench.folder('callees'));
  const peer = await RtpPeer.open({ streams: MAX_MEDIA_CALLS, callLog: sipp.callLog, calleeLog: callees.callLog });
  const core = new CoreWatch(SERVER_CORE);
  try {
    const { sipAddress: target, number } = server;
    sipp.begin({ scenario: holdCall(HOLD_S * 1000), target, number, callsPerSecond, calls });
    await sleep(HOLD_S * 1000 + 2000);
    const loads = () => [...sipp.pids, ...callees.pids];
    const readings = new Readings({ server: server.pid, sipp: loads, rtppeer: peer.pid, idlers: [core.pid] });
    const held: Held[] = [];
    const rtp: RtpFigures[] = [];
    const before = await ticksOf(bench);
    let last = before;
    const machine: MachineLateness[] = [];
    await core.take();
    for (let minute = 1; minute <= minutes; minute++) {
      peer.startWindow();
      for (let i = 0; i < SAMPLES_PER_MINUTE; i++) {
        await sleep(60_000 / SAMPLES_PER_MINUTE);
        held.push(heldBy(server.pid));
      }
      const figures = await peer.stopWindow();
      rtp.push(figures);
      const now = await ticksOf(bench);
      const late = await core.take();
      machine.push(late);
      bench.log(lineOf(minute, figures, held.at(-1), server.pid, difference(now, last), late));
      last = now;
    }
    const spent = readings.take();
    const figures = await sipp.figures();
    await bench.callbacks.allEnded(figures.total);
    return {
      sipp: figures,
      spent,
      rtp,
      held,
      ticks: difference(last, before),
      endCalls: bench.callbacks.ended.size,
      machine: together(machine),
    };
  } finally {
    await core.close();
    await callees.close();
    await peer.close();
  }
}

function playOrTransfer(bench: Bench): Script {
  const play = playPrompt(bench);
  // By two, since the prompts go by one.
  return (callback) => ((callOfCaller(callback.caller_no) >> 1) % 2 === 0 ? play(callback) : transfer(callback));
}

function heldBy(pid: number): Held {
  return {
    atS: performance.now() / 1000,
    rssMb: residentKb([pid]) / 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}

async function ticksOf({ server }: Bench): Promise<Ticks> {
  const metrics = await server.metrics();
  const figure = (name: string) => {
    const value = metrics.get(`voxology_media_${name}`);
    if (value === undefined) throw new Error(`the server's metrics have no voxology_media_${name}`);
    return value;
  };
  return {
    run: figure('ticks_total'),
    late: figure('late_ticks_total'),
    skipped: figure('skipped_ticks_total'),
    lateMaxMs: figure('tick_late_max_ms'),
  };
}

/** The highest lateness is that since the server started. */
function difference(to: Ticks, from: Ticks): Ticks {
  return {
    run: to.run - from.run,
    late: to.late - from.late,
    skipped: to.skipped - from.skipped,
    lateMaxMs: to.lateMaxMs,
  };
}

/** Ticks that were left out were late, too. */
function latePct({ run, late, skipped }: Ticks): number {
  return percent(late + skipped, run + skipped);
}

function together(minutes: readonly MachineLateness[]): MachineLateness {
  const sum = (name: 'over_1ms' | 'over_5ms' | 'over_10ms') => minutes.reduce((total, one) => total + one[name], 0);
  return {
    over_1ms: sum('over_1ms'),
    over_5ms: sum('over_5ms'),
    over_10ms: sum('over_10ms'),
    worst_ms: Math.max(...minutes.map(({ worst_ms: worst }) => worst)),
  };
}

function lineOf(
  minute: number,
  rtp: RtpFigures,
  held: Held | undefined,
  pid: number,
  ticks: Ticks,
  machine: MachineLateness,
): string {
  const [, ...database] = processTree(pid);
  return [
    `minute ${String(minute).padStart(3)}`,
    `${rtp.active} streams`,
    `p99 ${rtp.ia_p99} ms`,
    `p99.9 ${rtp.ia_p999} ms`,
    `lost ${lossPct(rtp)} %`,
    `late ticks ${ticks.late + ticks.skipped} of ${ticks.run + ticks.skipped}`,
    `the machine over 5 ms late ${machine.over_5ms}`,
    `memory ${rounded(held?.rssMb ?? 0, 1)} MB`,
    `database ${Math.round(residentKb(database) / 1024)} MB`,
    `files ${held?.descriptors}`,
  ].join('  ');
}
