import type { Bench } from './bench.ts';
import type { Spent } from './readings.ts';
import type { SearchBounds } from './search.ts';
import { rounded } from './statistics.ts';

/** The load side is over this share of its core: the figures say nothing about the server. */
const LOAD_LIMIT_PCT = 85;

/** One try of a scenario at a load; what else was measured is beside these. */
export interface Result {
  n: number;
  pass: boolean;
  void: boolean;
  /** Why it did not pass. */
  reasons: string[];
  [figure: string]: unknown;
}

export interface Scenario {
  /** What `n` counts. */
  unit: string;
  /** Without `--n`: the load to run at, or how to search the highest that passes. */
  load: number | SearchBounds;
  /** False: it measures code in this process, and no server is started. */
  needsServer?: false;
  /** Flags of its own on the command line, all with a value, and what they are when not given. */
  flags?: Readonly<Record<string, string>>;
  /** Calls that a server which has just started gets first: its code has run, its caches are filled. */
  warmUp(bench: Bench): Promise<void>;
  run(bench: Bench, n: number): Promise<Result>;
}

/** A rule that was broken, as a line of the result; null when it holds. */
export function rule(holds: boolean, otherwise: string): string | null {
  return holds ? null : otherwise;
}

/** The result of a try: it passes when no rule is broken and the load side was not the bottleneck. */
export function result(n: number, spent: Spent, rules: (string | null)[], figures: Record<string, unknown>): Result {
  const broken = rules.filter((reason) => reason !== null);
  const overloaded = spent.loadCpuPct > LOAD_LIMIT_PCT;
  if (overloaded)
    broken.unshift(`void: the load side used ${Math.round(spent.loadCpuPct)} % of its core (over ${LOAD_LIMIT_PCT} %)`);
  return { n, pass: broken.length === 0, void: overloaded, reasons: broken, ...figures, ...cpuFigures(spent) };
}

/** The result of a try without a server: it passes when no rule is broken. */
export function verdict(n: number, rules: (string | null)[], figures: Record<string, unknown>): Result {
  const broken = rules.filter((reason) => reason !== null);
  return { n, pass: broken.length === 0, void: false, reasons: broken, ...figures };
}

function cpuFigures(spent: Spent): Record<string, unknown> {
  return {
    server_cpu_pct: rounded(spent.serverCpuPct, 1),
    database_cpu_pct: rounded(spent.databaseCpuPct, 1),
    sipp_cpu_pct: rounded(spent.sippCpuPct, 1),
    rtppeer_cpu_pct: rounded(spent.rtppeerCpuPct, 1),
    load_cpu_pct: rounded(spent.loadCpuPct, 1),
    cpu_busy_pct: spent.cpuBusyPct,
    other_cpu_pct: rounded(spent.otherCpuPct, 1),
    rss_mb: spent.rssMb,
  };
}
