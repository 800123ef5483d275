import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, openSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const living = new Set<ChildProcess>();

/** Debian package of each program that tests call. */
const DEBIAN_PACKAGE: Record<string, string> = {
  sipp: 'sip-tester',
  baresip: 'baresip-core',
  ffmpeg: 'ffmpeg',
  chromium: 'chromium',
};

/** Fails with the name of the Debian package when `program` is not on the PATH. */
export function needProgram(program: string): void {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return;
    } catch {
      // Not in this folder: look in the next one.
    }
  }
  const name = DEBIAN_PACKAGE[program] ?? program;
  throw new Error(
    `the program '${program}' is missing: install the Debian package '${name}' (apt-get install ${name})`,
  );
}

export interface Child {
  process: ChildProcess;
  pid: number;
  /** Exit code, or the negative of nothing: a signal's name. Never rejects. */
  exited: Promise<number | NodeJS.Signals>;
  /** Sends a signal to the whole process group. */
  signalGroup(signal: NodeJS.Signals): void;
}

/**
 * Starts a program in a process group of its own with stdout and stderr in `logFile`. The group is killed when the
 * runner ends, however it ends.
 */
export function startChild(
  program: string,
  args: string[],
  options: { logFile: string; cwd?: string; env?: NodeJS.ProcessEnv },
): Child {
  const log = openSync(options.logFile, 'a');
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    stdio: ['ignore', log, log],
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`cannot start ${program}`);
  living.add(child);
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => {
      living.delete(child);
      resolve(code ?? signal ?? 'SIGKILL');
    });
  });
  return { process: child, pid, exited, signalGroup: (signal) => killGroup(pid, signal) };
}

/** Signals a process group; one that is gone already is no error. */
export function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

process.on('exit', () => {
  for (const child of living) if (child.pid !== undefined) killGroup(child.pid, 'SIGKILL');
});
