// Fuzzes the call-flow language for a while: npm run fuzz -- --minutes N [--seed S]
// Each round is the bounded fuzz test of CI with more documents and another seed; the first failure ends it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './run-step.mjs';

const RUNS = '2000';
const MS_PER_MIN = 60_000;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string', default: String(Date.now() % 1e9) } },
});
const minutes = Number(values.minutes);
const firstSeed = Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(firstSeed)) {
  console.error('Write: npm run fuzz -- --minutes 10 [--seed 1]');
  process.exit(2);
}

const endMs = performance.now() + minutes * MS_PER_MIN;
let seed = firstSeed;
for (; seed === firstSeed || performance.now() < endMs; seed += 1) {
  console.log(`seed ${seed}, ${RUNS} documents (again: FUZZ_SEED=${seed} FUZZ_RUNS=${RUNS})`);
  const { status, stdout, stderr } = spawnSync(
    join(root, 'node_modules', '.bin', 'node'),
    ['node_modules/vitest/vitest.mjs', 'run', 'packages/callflow/src/testing/fuzz.test.ts'],
    { cwd: root, env: { ...process.env, FUZZ_RUNS: RUNS, FUZZ_SEED: String(seed), NO_COLOR: '1' }, encoding: 'utf8' },
  );
  if (status !== 0) {
    console.log(`${stdout}\n${stderr}`);
    console.log(`failed with seed ${seed}`);
    process.exit(1);
  }
}
console.log(`${seed - firstSeed} rounds, nothing found`);
