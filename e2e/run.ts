/**
 * Runs the end-to-end tests: `npm run e2e` all, `npm run e2e -- NAME…` some (a test's name, a file of tests/, or a part
 * of a name). Flags: --keep leaves the files of the tests, --jobs N runs N tests side by side (default 3).
 *
 * The tests measure sound in real time, and a machine that stands still for a second spoils one. So when of all tests up
 * to {@link MOST_UNSTEADY} have failed, each is run once more, alone: passing then, it counts as passed, but both outcomes
 * are printed and it is named at the end. More are no accident, and nothing is run again.
 */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { removeRecordings } from './lib/audio.ts';
import { within } from './lib/bounded.ts';
import { TestContext } from './lib/context.ts';
import { closeSharedServer, sharedServerReport } from './lib/shared-server.ts';
import { isWholeSuite, loadTests, type RegisteredTest, type Resource, selectTests } from './lib/suite.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: 'boolean', default: false }, jobs: { type: 'string', default: '3' } },
});

const testsDir = new URL('./tests/', import.meta.url);
for (const file of readdirSync(testsDir).sort()) {
  if (file.endsWith('.ts')) await loadTests(file.replace(/\.ts$/, ''), new URL(file, testsDir).href);
}

const MOST_UNSTEADY = 3;

let passed = 0;
const failed: RegisteredTest[] = [];
const unsteady: RegisteredTest[] = [];
let stopping = false;
/** Contexts of the tests that run now: cleaned up when the runner is interrupted. */
const current = new Set<TestContext>();

async function runOne(registered: RegisteredTest): Promise<void> {
  const t = new TestContext(registered.name);
  current.add(t);
  const startedMs = performance.now();
  let failure: unknown;
  try {
    await within(registered.run(t), registered.timeoutMs, 'the test');
  } catch (error) {
    failure = error ?? new Error('failed without a reason');
  }
  const explanation = failure === undefined ? '' : t.explain();
  current.delete(t);
  const leftovers = await t.cleanUp(values.keep || failure !== undefined);
  failure ??= leftovers[0];
  const took = `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
  if (failure === undefined) {
    passed++;
    console.log(`ok    ${registered.name} (${took})`);
    return;
  }
  failed.push(registered);
  const reason = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
  const report = [reason, explanation, sharedServerReport(), `files: ${t.dir}`]
    .filter((part) => part !== '')
    .join('\n');
  console.log(`FAIL  ${registered.name} (${took})\n${report.replaceAll(/^/gm, '      ')}`);
}

/** Runs `tests` with at most `jobs` at once; tests that use the same resource never meet, and begin first. */
async function runAll(tests: RegisteredTest[], jobs: number): Promise<void> {
  const waiting = tests.toSorted((a, b) => Math.min(b.uses.length, 1) - Math.min(a.uses.length, 1));
  const busy = new Set<Resource>();
  const running = new Set<Promise<void>>();
  while (!stopping && (waiting.length > 0 || running.size > 0)) {
    const index =
      running.size < jobs ? waiting.findIndex((one) => one.uses.every((resource) => !busy.has(resource))) : -1;
    const next = index < 0 ? undefined : waiting.splice(index, 1)[0];
    if (next === undefined) {
      await Promise.race(running);
      continue;
    }
    for (const resource of next.uses) busy.add(resource);
    const run: Promise<void> = runOne(next).finally(() => {
      for (const resource of next.uses) busy.delete(resource);
      running.delete(run);
    });
    running.add(run);
  }
}

/** Ends everything that was started (databases of killed servers too), then the runner. */
function stopEverything(exitCode: number): void {
  stopping = true;
  const cleanUps = [...current].map((t) => t.cleanUp(true));
  void Promise.allSettled([...cleanUps, closeSharedServer()]).finally(() => process.exit(exitCode));
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopEverything(130));
process.on('uncaughtException', (error) => {
  console.log(
    `The runner itself failed: ${error.stack ?? error.message}\n${passed} passed, ${failed.length + 1} failed`,
  );
  stopEverything(1);
});

const jobs = Number.parseInt(values.jobs, 10);
if (!(jobs >= 1 && jobs <= 16)) throw new Error(`--jobs must be 1 to 16, not '${values.jobs}'`);
const startedMs = performance.now();
const selected = selectTests(positionals);
for (const last of [false, true]) {
  await runAll(
    selected.filter((one) => one.last === last),
    jobs,
  );
}
if (isWholeSuite() && failed.length > 0 && failed.length <= MOST_UNSTEADY) {
  const again = failed.splice(0);
  console.log(`Once more, one at a time: ${again.map(({ name }) => `'${name}'`).join(', ')}`);
  await runAll(again, 1);
  unsteady.push(...again.filter((one) => !failed.includes(one)));
}
await closeSharedServer();
if (failed.length === 0) removeRecordings();
console.log(`end-to-end tests took ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
for (const { name } of unsteady) console.log(`UNSTEADY '${name}' failed first and passed when it ran alone`);
console.log(`${passed} passed, ${failed.length} failed`);
process.exit(failed.length > 0 || passed === 0 ? 1 : 0);
