import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import type { Script } from './callback-server.ts';
import { threadNs } from './proc.ts';
import { Readings, type Spent } from './readings.ts';
import { type RtpFigures, RtpPeer, type RtpPeerOptions } from './rtppeer.ts';
import { rule } from './scenario.ts';
import { Sipp, type SippFigures } from './sipp.ts';
import { SippCallees } from './sipp-callees.ts';
import { type BenchCodec, holdCall, MAX_MEDIA_CALLS } from './sipp-scenario.ts';
import { percent, percentile, rounded } from './statistics.ts';

export interface HeldCalls {
  script: Script;
  calls: number;
  callsPerSecond: number;
  /** How long each caller stays. */
  holdMs: number;
  /** When, after the first call, the window begins; how long it is. */
  windowAtMs: number;
  windowMs: number;
  samples?: RtpPeerOptions['samples'];
  /** Default speech. */
  sound?: RtpPeerOptions['sound'];
  onSilence?: RtpPeerOptions['onSilence'];
  /** Somebody answers whom the server calls, once for each call. */
  callees?: boolean;
  /** Default PCMU, with what `sound` says. */
  callers?: ReplayingCallers;
}

/** Callers who send packets from files. */
export interface ReplayingCallers {
  /** The codecs that they offer by turns, each one alone. */
  codecs: readonly BenchCodec[];
  /** Whether they offer to send digits as events. */
  digits: boolean;
  /** A folder of replays, in these codecs by turns. */
  replays: string;
}

export interface HeldFigures {
  sipp: SippFigures;
  rtp: RtpFigures;
  spent: Spent;
  firstSoundMs: ReadonlyMap<number, number>;
  /** The call of the callers, by that of the callees. */
  callerOfCallee: ReadonlyMap<number, number>;
}

/** Calls that stay up while their audio is measured in a window. */
export async function holdCalls(bench: Bench, plan: HeldCalls): Promise<HeldFigures> {
  const { script, calls, callsPerSecond, holdMs, windowAtMs, windowMs, samples, sound = 'speech' } = plan;
  if (calls > MAX_MEDIA_CALLS) throw new Error(`at most ${MAX_MEDIA_CALLS} calls have media ports of their own`);
  const { server } = bench;
  bench.callbacks.begin(script);
  const sipp = new Sipp(bench.folder('sipp'), calls / callsPerSecond + holdMs / 1000 + 30);
  const callees = plan.callees === true ? new SippCallees(bench.folder('callees')) : null;
  const peer = await RtpPeer.open({
    streams: calls,
    callLog: sipp.callLog,
    sound,
    ...(callees === null ? {} : { calleeLog: callees.callLog }),
    ...(samples === undefined ? {} : { samples }),
    ...(plan.callers === undefined ? {} : { replays: plan.callers.replays }),
    ...(plan.onSilence === undefined ? {} : { onSilence: plan.onSilence }),
  });
  try {
    const { sipAddress: target, number } = server;
    sipp.begin({
      scenario: holdCall(holdMs),
      target,
      number,
      callsPerSecond,
      calls,
      ...(plan.callers === undefined ? {} : { codecs: plan.callers.codecs, digits: plan.callers.digits }),
    });
    await sleep(windowAtMs);
    const readings = new Readings({
      server: server.pid,
      sipp: () => [...sipp.pids, ...(callees?.pids ?? [])],
      rtppeer: peer.pid,
    });
    const fromUs = monotonicUs();
    const threads = threadNs(server.pid);
    peer.startWindow();
    await sleep(windowMs);
    const spent = readings.take();
    const rtp = await peer.stopWindow();
    const threadUs = busiestWorkerUs(server.pid, threads);
    bench.profiled = { fromUs, toUs: monotonicUs(), packets: rtp.rx + rtp.tx, threadUs };
    const figures = await sipp.figures();
    const callerOfCallee = callees?.callers() ?? new Map<number, number>();
    return { sipp: figures, rtp, spent, firstSoundMs: peer.firstSoundMs, callerOfCallee };
  } finally {
    await callees?.close();
    await peer.close();
  }
}

/** The clock of CPU profiles. */
function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** What the busiest of the server's threads, other than the main one, has run since. Under calls that is a media worker. */
function busiestWorkerUs(pid: number, since: ReadonlyMap<number, number>): number {
  const workers = [...threadNs(pid)].filter(([thread]) => thread !== pid);
  return Math.max(0, ...workers.map(([thread, ns]) => (ns - (since.get(thread) ?? 0)) / 1000));
}

/** The rules for the audio of `streams` calls that are up together. */
export function audioRules(streams: number, { sipp, rtp }: HeldFigures): (string | null)[] {
  return [
    rule(sipp.failed === 0 && sipp.ok === sipp.total, `${sipp.total - sipp.ok} of ${sipp.total} calls failed`),
    rule(rtp.active === streams, `${rtp.active} of ${streams} calls were up at the end of the window`),
    rule(rtp.withrx === rtp.active, `${rtp.active - rtp.withrx} streams received nothing`),
    rule(lossPct(rtp) < 0.1, `${lossPct(rtp)} % of the packets were lost (0.1 % allowed)`),
    rule(rtp.shortfall_pct < 0.5, `${rtp.shortfall_pct} % fewer packets than 50/s (0.5 % allowed)`),
    rule(rtp.ia_p99 < 40, `99 % of the packets came within ${rtp.ia_p99} ms of the one before (40 ms allowed)`),
  ];
}

/** The figures of calls with audio, under the names of the harness. */
export function audioFigures(calls: number, held: HeldFigures): Record<string, unknown> {
  return { ...callFigures(calls, held), rtp: { ...held.rtp, loss_pct: lossPct(held.rtp) } };
}

/** Those of them that do not need each call to be there for the whole window. */
export function callFigures(calls: number, { sipp, spent }: HeldFigures): Record<string, unknown> {
  const cpuPerSecond = spent.serverCpuPct / 100;
  return {
    ok: sipp.ok,
    failed: sipp.failed,
    retrans: sipp.retrans,
    ...(sipp.err === undefined ? {} : { err: sipp.err }),
    setup_p50: percentile(sipp.responseMs[0], 0.5),
    setup_p99: percentile(sipp.responseMs[0], 0.99),
    cpu_pct_per_100: rounded((100 * spent.serverCpuPct) / calls, 2),
    cpu_s_per_call_min: rounded((60 * cpuPerSecond) / calls, 4),
  };
}

export function lossPct({ rx, seq_lost: lost }: RtpFigures): number {
  return rx === 0 ? 100 : (rounded(percent(lost, rx + lost), 4) ?? 100);
}
