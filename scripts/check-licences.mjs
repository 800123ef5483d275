// Every package we bring must be under a licence that lets people ship it with ours.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run-step.mjs';

// biome-ignore format: a table
const ALLOWED = new Set([
  '0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'ISC', 'MIT', 'MIT-0', 'PostgreSQL', 'Unlicense',
]);

/** Returns {ok, stdout, stderr}: the packages of the lock file whose licence is not allowed. Tools of ours are not shipped. */
export function licencesAreAllowed() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const refused = [];
  let seen = 0;
  for (const [path, entry] of Object.entries(packages)) {
    if (!path.startsWith('node_modules/') || entry.link || entry.dev || entry.devOptional) continue;
    const manifest = join(root, path, 'package.json');
    if (!existsSync(manifest)) continue;
    seen += 1;
    const { license, licenses } = JSON.parse(readFileSync(manifest, 'utf8'));
    const names =
      typeof license === 'string'
        ? license
        : (license?.type ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'none');
    if (!names.split(/\s+OR\s+|\(|\)/).some((name) => ALLOWED.has(name.trim()))) refused.push(`${path}: ${names}`);
  }
  const enough = seen > 50;
  return {
    ok: refused.length === 0 && enough,
    stdout: enough ? refused.join('\n') : `only ${seen} packages were looked at`,
    stderr: '',
  };
}
