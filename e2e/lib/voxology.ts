import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './bounded.ts';
import { type Child, startChild } from './child.ts';
import type { TestContext } from './context.ts';

export const ROOT = new URL('../../', import.meta.url).pathname;
const NODE = join(ROOT, 'node_modules/.bin/node');

export interface Finished {
  exitCode: number | NodeJS.Signals;
  /** What was printed, errors included. */
  text: string;
}

/** A running `voxology` command, as a user gives it in a terminal. */
export class VoxologyCommand {
  private readonly child: Child;
  private readonly file: string;
  private readonly label: string;

  private constructor(child: Child, file: string, label: string) {
    this.child = child;
    this.file = file;
    this.label = label;
  }

  /** `voxology ARGS` in the folder of the clone. */
  static start(t: TestContext, ...args: string[]): VoxologyCommand {
    return VoxologyCommand.of(t, NODE, [join(ROOT, 'apps/server/src/main.ts'), ...args], `voxology ${args[0] ?? ''}`);
  }

  /** A line given to the shell exactly as it is, in the folder of the clone. */
  static shell(t: TestContext, line: string): VoxologyCommand {
    return VoxologyCommand.of(t, 'bash', ['-c', line], line.slice(0, 40));
  }

  private static of(t: TestContext, program: string, args: string[], label: string): VoxologyCommand {
    const file = t.file(`command-${++commands}.out`);
    const command = new VoxologyCommand(startChild(program, args, { logFile: file, cwd: ROOT }), file, label);
    t.defer(() => command.child.signalGroup('SIGKILL'));
    t.onFailure(() => `${label} printed:\n${command.printed()}`);
    return command;
  }

  /** What was printed so far. */
  printed(): string {
    return readFileSync(this.file, 'utf8');
  }

  /** Waits until this was printed; fails at once when the command ends without it. */
  async prints(pattern: RegExp, timeoutMs = 20_000): Promise<void> {
    let ended: number | NodeJS.Signals | undefined;
    void this.child.exited.then((code) => {
      ended = code;
    });
    await until(
      `${this.label} prints ${pattern}`,
      () => {
        const over = ended;
        if (pattern.test(this.printed())) return true;
        if (over !== undefined) throw new Error(`${this.label} ended (${over}) and did not print ${pattern}`);
        return undefined;
      },
      timeoutMs,
    );
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.child.signalGroup('SIGINT');
  }

  async finished(): Promise<Finished> {
    const exitCode = await this.child.exited;
    return { exitCode, text: this.printed() };
  }
}
let commands = 0;
