import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ended, start } from './children.ts';
import { type BenchCodec, callerLine, codecOf, FIRST_MEDIA_PORT } from './sipp-scenario.ts';

const LOCAL_PORT = 6070;

export interface SippRun {
  /** The scenario's XML. */
  scenario: string;
  /** HOST:PORT of the server. */
  target: string;
  /** What is dialled. */
  number: string;
  callsPerSecond: number;
  calls: number;
  /** What the callers speak, by turns. Default PCMU. */
  codecs?: readonly BenchCodec[];
  /** Whether they offer to send digits as events. Default true. */
  digits?: boolean;
}

/** What sipp counted. */
export interface SippFigures {
  exit: number | null;
  ok: number;
  failed: number;
  total: number;
  retrans: number;
  /** Milliseconds of response time 1 and 2 of every call (see the scenario). */
  responseMs: [number[], number[]];
  /** The first errors it reported, or nothing. */
  err?: string;
}

/** One run of sipp as the callers. */
export class Sipp {
  /** Where scenarios log: read by rtppeer. */
  readonly callLog: string;
  readonly #directory: string;
  readonly #timeoutS: number;
  #child: ChildProcess | null = null;

  /** `directory`: a fresh folder for this run's files. sipp ends itself after `timeoutS`. `begin` starts the calls. */
  constructor(directory: string, timeoutS: number) {
    mkdirSync(directory, { recursive: true });
    this.#directory = directory;
    this.#timeoutS = timeoutS;
    this.callLog = join(directory, 'calls.log');
    writeFileSync(this.callLog, '');
  }

  /** The process while it runs. */
  get pids(): readonly number[] {
    return this.#child?.exitCode === null && this.#child.pid !== undefined ? [this.#child.pid] : [];
  }

  begin({ scenario, target, number, callsPerSecond, calls, codecs = ['PCMU'], digits = true }: SippRun): void {
    const file = (name: string, content: string) => {
      writeFileSync(join(this.#directory, name), content);
      return name;
    };
    const callers = Array.from({ length: calls }, (_, i) =>
      callerLine(callerOf(i + 1), codecOf(codecs, i + 1), digits),
    ).join('\n');
    const args = [
      ['-sf', file('uac.xml', scenario), '-inf', file('callers.csv', `SEQUENTIAL\n${callers}\n`)],
      ['-i', '127.0.0.1', '-mi', '127.0.0.1', '-p', String(LOCAL_PORT), '-mp', String(FIRST_MEDIA_PORT)],
      ['-s', number, '-r', String(callsPerSecond), '-m', String(calls), '-l', String(Math.max(8000, calls))],
      ['-nostdin', '-timer_resol', '1', '-timeout', `${Math.ceil(this.#timeoutS)}s`],
      ['-trace_stat', '-stf', 'stat.csv', '-fd', '1', '-trace_rtt', '-rtt_freq', '1'],
      ['-trace_err', '-error_file', 'errors.log', '-trace_logs', '-log_file', 'calls.log'],
      [target],
    ];
    this.#child = start('sipp', args.flat(), { cwd: this.#directory, stdio: 'ignore' });
  }

  /** Waits for the last call. */
  async figures(): Promise<SippFigures> {
    if (this.#child === null) throw new Error('sipp was not started');
    const exit = await ended(this.#child, (this.#timeoutS + 20) * 1000, 'sipp');
    const errors = this.#errors();
    return {
      exit,
      ...this.#counts(),
      responseMs: [this.#responseMs(1), this.#responseMs(2)],
      ...(errors === '' ? {} : { err: errors }),
    };
  }

  /** The last line of the statistics file has the totals, in the columns marked (C). */
  #counts(): Pick<SippFigures, 'ok' | 'failed' | 'total' | 'retrans'> {
    const path = join(this.#directory, 'stat.csv');
    const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
    const names = lines[0]?.split(';') ?? [];
    const values = lines.at(-1)?.split(';') ?? [];
    const value = (name: string) => Number(values[names.indexOf(name)] ?? 0);
    return {
      ok: value('SuccessfulCall(C)'),
      failed: value('FailedCall(C)'),
      total: value('TotalCallCreated'),
      retrans: value('Retransmissions(C)'),
    };
  }

  #responseMs(id: number): number[] {
    const files = readdirSync(this.#directory).filter((name) => name.endsWith('_rtt.csv'));
    return files
      .flatMap((name) => readFileSync(join(this.#directory, name), 'utf8').trim().split('\n').slice(1))
      .map((line) => line.split(';'))
      .filter((columns) => columns[2]?.trim() === String(id))
      .map((columns) => Number(columns[1]));
  }

  #errors(): string {
    const path = join(this.#directory, 'errors.log');
    if (!existsSync(path)) return '';
    const harmless = /receive timeout on message|following events|Maximum number of open/;
    const lines = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '' && !harmless.test(line));
    return lines.slice(0, 3).join(' | ').slice(0, 400);
  }
}

const FIRST_CALLER = 12_135_550_000;

/** The caller's number of sipp's call `call` (from 1): tells later which call a callback belongs to. */
function callerOf(call: number): string {
  return `+${FIRST_CALLER + call}`;
}

/** The call of a caller's number. */
export function callOfCaller(callerNo: string): number {
  return Number(callerNo.replace('+', '')) - FIRST_CALLER;
}
