// Static checks: format and lint (with layering and import cycles), types, unused exports and dependencies.
import { pathToFileURL } from 'node:url';
import { layersAreChecked } from './check-layers.mjs';
import { licencesAreAllowed } from './check-licences.mjs';
import { run, step } from './run-step.mjs';

/** Runs all static checks; returns {passed, failed}. */
export function check() {
  const results = [
    step('format, lint, layers and import cycles (biome)', () => run('biome', ['ci', '--colors=off', '.'])),
    step('the layering check fails on a forbidden import', layersAreChecked),
    step('types (tsc)', () => run('tsc', ['-p', 'tsconfig.json'])),
    step('licences of what we ship', licencesAreAllowed),
    step('unused exports and dependencies (knip)', () => run('knip', ['--no-progress'])),
  ];
  return { passed: results.filter(Boolean).length, failed: results.filter((ok) => !ok).length };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { passed, failed } = check();
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}
