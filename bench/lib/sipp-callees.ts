import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ended, start } from './children.ts';
import { callOfCaller } from './sipp.ts';
import { answerCall, FIRST_CALLEE_PORT } from './sipp-scenario.ts';

const PORT = 6060;
/** Whom the server calls, through its trunk. */
export const CALLEE_URI = `sip:callee@127.0.0.1:${PORT}`;

/** One run of sipp as everybody who is called. */
export class SippCallees {
  /** Where the scenario logs: read by rtppeer. */
  readonly callLog: string;
  readonly #child: ChildProcess & { pid: number };

  /** `directory`: a fresh folder for this run's files. */
  constructor(directory: string) {
    this.callLog = join(directory, 'callees.log');
    writeFileSync(this.callLog, '');
    writeFileSync(join(directory, 'uas.xml'), answerCall());
    const args = [
      ['-sf', 'uas.xml', '-i', '127.0.0.1', '-mi', '127.0.0.1', '-p', String(PORT), '-mp', String(FIRST_CALLEE_PORT)],
      ['-nostdin', '-timer_resol', '1', '-l', '8000', '-trace_logs', '-log_file', 'callees.log', '127.0.0.1'],
    ];
    this.#child = start('sipp', args.flat(), { cwd: directory, stdio: 'ignore' });
  }

  get pids(): readonly number[] {
    return this.#child.exitCode === null ? [this.#child.pid] : [];
  }

  /** The call of the callers that each call here comes from. */
  callers(): Map<number, number> {
    const lines = readFileSync(this.callLog, 'utf8').matchAll(/RTP #(\d+) \S+ \d+ (\+\d+)/g);
    return new Map([...lines].map(([, call, caller = '']) => [Number(call), callOfCaller(caller)]));
  }

  /** Waits for what is on its way, then ends sipp. */
  async close(): Promise<void> {
    await sleep(500);
    this.#child.kill('SIGKILL');
    await ended(this.#child, 5_000, 'the sipp of the callees').catch(() => undefined);
  }
}
