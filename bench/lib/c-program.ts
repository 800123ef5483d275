import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = join(import.meta.dirname, '..');
const BUILD = join(SOURCES, 'build');

/** The path of a C program of this folder, compiled when it is missing or older than its source. */
export function compiled(name: string): string {
  const program = join(BUILD, name);
  const source = join(SOURCES, `${name}.c`);
  if (modifiedMs(program) < modifiedMs(source)) {
    mkdirSync(BUILD, { recursive: true });
    execFileSync('gcc', ['-O2', '-Wall', '-pthread', '-o', program, source, '-lm'], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }
  return program;
}

function modifiedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
