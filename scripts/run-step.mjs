// Runs one program of the checks and shows its output only when it fails.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');

/** Runs `command args` in `cwd`; returns {ok, stdout, stderr}. Programs of our packages are found first. */
export function run(command, args, cwd = root, env = {}) {
  const result = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, ...env },
  });
  return {
    ok: result.status === 0,
    stdout: result.stdout ?? '',
    stderr: (result.stderr ?? '') + (result.error?.message ?? ''),
  };
}

/** Runs `action` as a named step: one line when it passes, its output when it fails. Returns whether it passed. */
export function step(name, action) {
  const startedAtMs = Date.now();
  const result = action();
  const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
  console.log(`${result.ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (!result.ok) console.log(`${result.stdout}\n${result.stderr}`.trim());
  return result.ok;
}
