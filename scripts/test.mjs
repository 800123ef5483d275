// `npm test`: static checks, unit tests, packages installed alone, end-to-end tests. Ends with `N passed, N failed`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from './check.mjs';
import { packagesStandAlone } from './check-packages.mjs';
import { root } from './run-step.mjs';

const totals = { passed: 0, failed: 0 };
count(check());
count(await unitTests());
count(packagesStandAlone());
count(await endToEnd());
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);

function count({ passed, failed }) {
  totals.passed += passed;
  totals.failed += failed;
}

async function unitTests() {
  const folder = mkdtempSync(join(tmpdir(), 'voxology-unit-'));
  const report = join(folder, 'report.json');
  const exitCode = await stream([
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  try {
    const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
    // A file that does not load has no failed test of its own, yet it failed.
    return { passed: numPassedTests, failed: Math.max(numFailedTests, numFailedTestSuites, exitCode === 0 ? 0 : 1) };
  } catch (error) {
    console.log(`The unit tests wrote no report: ${error.message}`);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function endToEnd() {
  let lastCount = null;
  const exitCode = await stream(['e2e/run.ts'], (line) => {
    const match = /^(\d+) passed, (\d+) failed$/.exec(line);
    if (match !== null) lastCount = { passed: Number(match[1]), failed: Number(match[2]) };
    // The plain closing line is the sum's alone.
    return match === null;
  });
  if (lastCount === null) return { passed: 0, failed: 1 };
  if (exitCode !== 0 && lastCount.failed === 0) return { passed: lastCount.passed, failed: 1 };
  return lastCount;
}

/** Runs our Node on a script, its lines passed through `filter`; resolves with the exit code. */
function stream(args, filter = () => true) {
  const child = spawn(join(root, 'node_modules', '.bin', 'node'), ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (filter(line)) console.log(line);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (rest !== '' && filter(rest)) console.log(rest);
      resolve(code ?? 1);
    });
  });
}
