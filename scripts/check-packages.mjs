// The packages that stand alone really do: packed, installed in an empty folder, and their README's example run there.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from './pack.mjs';
import { root, run, step } from './run-step.mjs';

const STAND_ALONE = ['sip', 'callflow'];

/** Returns {passed, failed}. */
export function packagesStandAlone() {
  const results = STAND_ALONE.map((name) =>
    step(`@voxology/${name} packed, installed alone, README example run`, () => tryAlone(name)),
  );
  return { passed: results.filter(Boolean).length, failed: results.filter((ok) => !ok).length };
}

function tryAlone(name) {
  const folder = mkdtempSync(join(tmpdir(), `voxology-alone-${name}-`));
  try {
    const tarball = pack(name, folder);
    writeFileSync(join(folder, 'package.json'), '{ "name": "alone", "private": true, "type": "module" }');
    const installed = run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', tarball], folder);
    if (!installed.ok) return installed;
    const { code, output } = readmeExample(name);
    writeFileSync(join(folder, 'example.mjs'), code);
    const ran = run('node', ['example.mjs'], folder);
    if (!ran.ok) return ran;
    if (ran.stdout.trim() !== output.trim()) {
      return {
        ok: false,
        stdout: `The example printed\n${ran.stdout}\nbut the README says\n${output}`,
        stderr: ran.stderr,
      };
    }
    return ran;
  } catch (error) {
    return { ok: false, stdout: '', stderr: error.stack };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The first `js` block of the README and the `text` block after it, which says what it prints. */
function readmeExample(name) {
  const readme = readFileSync(join(root, 'packages', name, 'README.md'), 'utf8');
  const match = /```js\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/.exec(readme);
  if (match === null)
    throw new Error(`packages/${name}/README.md has no \`js\` block followed by a \`text\` block with its output`);
  return { code: match[1], output: match[2] };
}
