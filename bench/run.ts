/**
 * Benchmarks: `npm run bench -- SCENARIO [--n N] [--json] [--profile DIR] [flags of the scenario]`. See docs/performance.md.
 * People read standard error; the last line of standard output is one JSON object. Exit code 0 when it has `pass: true`.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Bench } from './lib/bench.ts';
import { isInside, runInside, takePriority } from './lib/enclosure.ts';
import { beOnlyBenchmark } from './lib/only-benchmark.ts';
import { packetCosts } from './lib/profile.ts';
import type { Result, Scenario } from './lib/scenario.ts';
import { highestPassed, searchHighest } from './lib/search.ts';
import { agent } from './scenarios/agent.ts';
import { bridge } from './scenarios/bridge.ts';
import { compile } from './scenarios/compile.ts';
import { conf } from './scenarios/conf.ts';
import { dtmf } from './scenarios/dtmf.ts';
import { firstAudio } from './scenarios/first-audio.ts';
import { interpreter } from './scenarios/interpreter.ts';
import { memory } from './scenarios/memory.ts';
import { play } from './scenarios/play.ts';
import { setup } from './scenarios/setup.ts';
import { simulator } from './scenarios/simulator.ts';
import { soak } from './scenarios/soak.ts';
import { transcode } from './scenarios/transcode.ts';

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  setup,
  play,
  bridge,
  transcode,
  conf,
  agent,
  dtmf,
  memory,
  'first-audio': firstAudio,
  compile,
  interpreter,
  simulator,
  soak,
};

interface Options {
  name: string;
  scenario: Scenario;
  n: number | null;
  quiet: boolean;
  profileDirectory: string | null;
  flags: Record<string, string>;
}

/** Throws an error that says what is wrong with the command line. */
function readOptions(): Options {
  const everyFlag = Object.values(SCENARIOS).flatMap(({ flags = {} }) => Object.keys(flags));
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      n: { type: 'string' },
      json: { type: 'boolean', default: false },
      profile: { type: 'string' },
      ...Object.fromEntries(everyFlag.map((flag) => [flag, { type: 'string' as const }])),
    },
  });
  const [name = '', ...more] = positionals;
  const scenario = SCENARIOS[name];
  if (scenario === undefined || more.length > 0) {
    throw new Error(`usage: npm run bench -- ${Object.keys(SCENARIOS).join('|')} [--n N] [--json] [--profile DIR]`);
  }
  const n = values.n === undefined ? null : Number(values.n);
  if (n !== null && !(Number.isInteger(n) && n >= 1))
    throw new Error(`--n must be a whole number from 1, not ${values.n}`);
  const given = Object.entries(values as Record<string, unknown>).filter(([flag]) => everyFlag.includes(flag));
  const flags = { ...scenario.flags };
  for (const [flag, value] of given) {
    if (!(flag in flags)) throw new Error(`${name} has no flag --${flag}`);
    flags[flag] = String(value);
  }
  const profileDirectory = values.profile === undefined ? null : resolve(values.profile);
  if (profileDirectory !== null) mkdirSync(profileDirectory, { recursive: true });
  return { name, scenario, n, quiet: values.json === true, profileDirectory, flags };
}

async function run({ name, scenario, n, quiet, profileDirectory, flags }: Options): Promise<boolean> {
  const log = (line: string) => quiet || console.error(line);
  const ts = new Date().toISOString();
  const bench = await Bench.open({ profileDirectory, flags, log });
  try {
    const attempt = async (load: number): Promise<Result> => {
      const { needsServer = true } = scenario;
      if (!needsServer || (await bench.startServer())) await scenario.warmUp(bench);
      log(`${name} at ${load} ${scenario.unit} …`);
      const result = await scenario.run(bench, load);
      log(describe(result));
      return result;
    };
    const fixed = n ?? (typeof scenario.load === 'number' ? scenario.load : null);
    const outcome = fixed === null ? await search(bench, scenario, attempt) : await attempt(fixed);
    const costs = profileDirectory !== null && fixed !== null ? await packetCostsOf(bench, profileDirectory, ts) : {};
    for (const [figure, value] of Object.entries(costs)) log(describeFigure(figure, value));
    console.log(JSON.stringify({ ts, scenario: name, ...outcome, ...costs }));
    return outcome.pass;
  } catch (error) {
    // It broke down in the harness or before a measurement: the line says so, and where is told to people.
    log(error instanceof Error && error.stack !== undefined ? error.stack : String(error));
    const reasons = [`void: ${error instanceof Error ? error.message : error}`];
    console.log(JSON.stringify({ ts, scenario: name, n, pass: false, void: true, reasons }));
    return false;
  } finally {
    await bench.close();
  }
}

/** The result of the highest load that passes, with all tries; that of the lowest failure when none passes. */
async function search(bench: Bench, { load }: Scenario, attempt: (n: number) => Promise<Result>): Promise<Result> {
  if (typeof load === 'number') throw new Error('this scenario has one load');
  const tries = await searchHighest(async (n) => {
    const first = await attempt(n);
    if (first.pass) return first;
    // What else runs on the machine may be to blame, and what a failure leaves behind must not weigh on the next try.
    await bench.stopServer();
    const second = await attempt(n);
    if (!second.pass) await bench.stopServer();
    return second;
  }, load);
  const best = highestPassed(tries) ?? tries.reduce((low, one) => (one.n < low.n ? one : low));
  return { ...best, search: tries.map(({ n, pass, reasons }) => ({ n, pass, reasons })) };
}

function describe(result: Result): string {
  const { n, pass, reasons, ...figures } = result;
  const lines = Object.entries(figures)
    .filter(([name]) => name !== 'void')
    .map(([name, value]) => describeFigure(name, value));
  return [`${pass ? 'PASS' : 'FAIL'} at ${n}`, ...reasons.map((reason) => `  ${reason}`), ...lines].join('\n');
}

function describeFigure(name: string, value: unknown): string {
  return `  ${name.padEnd(24)} ${typeof value === 'object' ? JSON.stringify(value) : value}`;
}

/** The server writes its profiles when it ends. */
async function packetCostsOf(bench: Bench, directory: string, since: string): Promise<object> {
  await bench.stopServer();
  return bench.profiled === null ? {} : (packetCosts(directory, bench.profiled, Date.parse(since)) ?? {});
}

async function main(): Promise<number> {
  const options = readOptions();
  if (!isInside()) {
    await beOnlyBenchmark(`${options.name}, process ${process.pid}, since ${new Date().toISOString()}`);
    return await runInside(process.argv.slice(1));
  }
  takePriority();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
  return (await run(options)) ? 0 : 1;
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
