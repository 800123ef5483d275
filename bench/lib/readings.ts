import { coreTicks, cpuSeconds, endedChildrenSeconds, otherProcesses, processTree, residentKb } from './proc.ts';
import { percent, rounded } from './statistics.ts';

/** Processes whose work is measured: roots, read with all that descend from them at each reading. */
export interface Measured {
  server: number;
  sipp: () => number | undefined;
  rtppeer?: number;
}

interface Reading {
  atMs: number;
  serverS: number;
  sippS: number;
  rtppeerS: number;
  harnessS: number;
  cores: { busy: number; idle: number }[];
  others: Map<number, number>;
}

/** What the machine spent between two moments. 100 % is one core. */
export interface Spent {
  seconds: number;
  serverCpuS: number;
  serverCpuPct: number;
  sippCpuPct: number;
  rtppeerCpuPct: number;
  /** sipp, rtppeer, the callback server and this program together, of their core. */
  loadCpuPct: number;
  /** Of each core, whoever used it. */
  cpuBusyPct: (number | null)[];
  otherCpuPct: number;
  rssMb: number;
}

/** A stretch of time over which processor time is measured. */
export class Readings {
  readonly #measured: Measured;
  readonly #first: Reading;

  constructor(measured: Measured) {
    this.#measured = measured;
    this.#first = this.#read();
  }

  /** What was spent since the start. */
  take(): Spent {
    const from = this.#first;
    const to = this.#read();
    const seconds = (to.atMs - from.atMs) / 1000;
    const pct = (name: 'serverS' | 'sippS' | 'rtppeerS' | 'harnessS') => percent(to[name] - from[name], seconds);
    const others = [...to.others].reduce((sum, [pid, s]) => sum + Math.max(0, s - (from.others.get(pid) ?? 0)), 0);
    return {
      seconds,
      serverCpuS: to.serverS - from.serverS,
      serverCpuPct: pct('serverS'),
      sippCpuPct: pct('sippS'),
      rtppeerCpuPct: pct('rtppeerS'),
      loadCpuPct: pct('sippS') + pct('rtppeerS') + pct('harnessS'),
      cpuBusyPct: to.cores.map((core, i) => {
        const busy = core.busy - (from.cores[i]?.busy ?? 0);
        return rounded(percent(busy, busy + core.idle - (from.cores[i]?.idle ?? 0)), 1);
      }),
      otherCpuPct: percent(others, seconds),
      rssMb: Math.round(residentKb(processTree(this.#measured.server)) / 1024),
    };
  }

  #read(): Reading {
    const server = processTree(this.#measured.server);
    const sipp = this.#measured.sipp();
    const { rtppeer } = this.#measured;
    const load = [sipp, rtppeer].filter((pid) => pid !== undefined);
    return {
      atMs: performance.now(),
      serverS: cpuSeconds(server),
      // A sipp that has ended counts among the children that have.
      sippS: (sipp === undefined ? 0 : cpuSeconds([sipp])) + endedChildrenSeconds(),
      rtppeerS: rtppeer === undefined ? 0 : cpuSeconds([rtppeer]),
      harnessS: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
      cores: coreTicks(),
      others: otherProcesses([...server, ...load, process.pid, process.ppid]),
    };
  }
}
