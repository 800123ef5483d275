import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { within } from '../../e2e/lib/bounded.ts';
import { compiled } from './c-program.ts';
import { ended, start } from './children.ts';

/** How late what goes before everything woke on a core; all zero where that is not permitted. */
export interface MachineLateness {
  over_1ms: number;
  over_5ms: number;
  over_10ms: number;
  worst_ms: number;
}

/** Keeps a core awake, and tells how late the machine itself is there: see corewatch.c. */
export class CoreWatch {
  readonly #child: ChildProcess & { pid: number };
  readonly #lines: Interface;

  constructor(core: number) {
    this.#child = start(compiled('corewatch'), [String(core)], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.#child.stdout === null) throw new Error('corewatch has no output');
    this.#lines = createInterface({ input: this.#child.stdout });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Since the last time it was asked. */
  async take(): Promise<MachineLateness> {
    const line = once(this.#lines, 'line');
    this.#child.stdin?.write('take\n');
    const [text] = (await within(line, 5_000, "corewatch's counts")) as [string];
    return JSON.parse(text) as MachineLateness;
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    await ended(this.#child, 5_000, 'corewatch');
  }
}
