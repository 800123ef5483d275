import { coreTicks, cpuSeconds, endedChildrenSeconds, otherCpuSeconds, processTree, residentKb } from './proc.ts';
import { percent, rounded } from './statistics.ts';

/** Processes whose work is measured: roots, read with all that descend from them at each reading. */
export interface Measured {
  server: number;
  sipp: () => readonly number[];
  rtppeer?: number;
  /** Programs of the harness whose time is nobody's: it is left out of all figures. */
  idlers?: readonly number[];
}

interface Reading {
  atMs: number;
  serverS: number;
  databaseS: number;
  sippS: number;
  rtppeerS: number;
  harnessS: number;
  cores: { busy: number; idle: number }[];
  othersS: number;
}

/** What the machine spent between two moments. 100 % is one core. */
export interface Spent {
  seconds: number;
  serverCpuS: number;
  serverCpuPct: number;
  /** The share of it that its child processes, the database, had. */
  databaseCpuPct: number;
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
    const pct = (name: keyof Reading & `${string}S`) => percent(to[name] - from[name], seconds);
    return {
      seconds,
      serverCpuS: to.serverS - from.serverS,
      serverCpuPct: pct('serverS'),
      databaseCpuPct: pct('databaseS'),
      sippCpuPct: pct('sippS'),
      rtppeerCpuPct: pct('rtppeerS'),
      loadCpuPct: pct('sippS') + pct('rtppeerS') + pct('harnessS'),
      cpuBusyPct: to.cores.map((core, i) => {
        const busy = core.busy - (from.cores[i]?.busy ?? 0);
        return rounded(percent(busy, busy + core.idle - (from.cores[i]?.idle ?? 0)), 1);
      }),
      otherCpuPct: Math.max(0, pct('othersS')),
      rssMb: Math.round(residentKb(processTree(this.#measured.server)) / 1024),
    };
  }

  #read(): Reading {
    const server = processTree(this.#measured.server);
    const sipp = this.#measured.sipp();
    const { rtppeer, idlers = [] } = this.#measured;
    const load = [...sipp, ...(rtppeer === undefined ? [] : [rtppeer])];
    return {
      atMs: performance.now(),
      serverS: cpuSeconds(server),
      databaseS: cpuSeconds(server.slice(1)),
      // A sipp that has ended counts among the children that have.
      sippS: cpuSeconds([...sipp]) + endedChildrenSeconds(),
      rtppeerS: rtppeer === undefined ? 0 : cpuSeconds([rtppeer]),
      harnessS: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
      cores: coreTicks(),
      othersS: otherCpuSeconds([...server, ...load, ...idlers, process.pid, process.ppid]),
    };
  }
}
