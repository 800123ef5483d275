import type { ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../e2e/lib/bounded.ts';
import { freePort } from '../../e2e/lib/ports.ts';
import { ended, SERVER_CORE, start } from './children.ts';
import { processTree } from './proc.ts';
import { CALLEE_URI } from './sipp-callees.ts';
import { FIRST_MEDIA_PORT } from './sipp-scenario.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
/** Above those of sipp and rtppeer, below 65,536. */
const MEDIA_PORTS = '50400-64999';

/** Limits that a benchmark must not meet, and a trunk, so that sipp needs no password. */
const CONFIG = {
  trunks: [{ name: 'bench', target: CALLEE_URI.replace('callee@', ''), allow_from: ['127.0.0.1/32'] }],
  limits: { max_calls: 20_000, max_calls_per_second: 10_000, api_requests_per_minute: 1_000_000, drain_s: 2 },
};

interface Quickstart {
  http_url: string;
  api_key: string;
  sip_address: string;
  number: string;
}

export interface ServerOptions {
  /** An empty folder for data, configuration and log. */
  directory: string;
  /** Folder for CPU profiles of the main thread and the workers, written at the end. */
  profileDirectory: string | null;
}

/** The server under test: started as a user starts it, on a core of its own. */
export class BenchServer {
  readonly #child: ChildProcess & { pid: number };
  readonly #quickstart: Quickstart;

  private constructor(child: ChildProcess & { pid: number }, quickstart: Quickstart) {
    this.#child = child;
    this.#quickstart = quickstart;
  }

  static async start({ directory, profileDirectory }: ServerOptions): Promise<BenchServer> {
    mkdirSync(directory, { recursive: true });
    const data = join(directory, 'data');
    const config = join(directory, 'config.json');
    const logFile = join(directory, 'server.log');
    const http = `127.0.0.1:${await portBelowMedia()}`;
    writeFileSync(config, JSON.stringify(CONFIG));
    const command = [
      ['taskset', '-c', String(SERVER_CORE), join(ROOT, 'node_modules/.bin/node')],
      ['--disable-warning=ExperimentalWarning'],
      profileDirectory === null ? [] : ['--cpu-prof', '--cpu-prof-dir', profileDirectory],
      [join(ROOT, 'apps/server/src/main.ts'), 'start', '--config', config, '--data', data, '--http', http],
      ['--sip', `127.0.0.1:${await portBelowMedia()}`, '--rtp', `127.0.0.1:${MEDIA_PORTS}`],
    ].flat();
    const log = openSync(logFile, 'w');
    const child = start(command[0] ?? '', command.slice(1), { cwd: ROOT, stdio: ['ignore', log, log] });
    try {
      await until('the server can take calls', () => takesCalls(child, http), START_TIMEOUT_MS, 50);
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(
        `${(error as Error).message}. The server printed:\n${readFileSync(logFile, 'utf8').slice(-2000)}`,
      );
    }
    const quickstart = JSON.parse(readFileSync(join(data, 'quickstart.json'), 'utf8')) as Quickstart;
    const server = new BenchServer(child, quickstart);
    server.#sharePriority();
    return server;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** HOST:PORT of SIP. */
  get sipAddress(): string {
    return this.#quickstart.sip_address;
  }

  /** The number that calls go to. */
  get number(): string {
    return this.#quickstart.number;
  }

  /** Runs what `url` says on calls of the number, which are answered at once unless told otherwise. */
  async configure(url: string, { answerOnRing = true } = {}): Promise<void> {
    const path = `/v1/CallFlows/Configurations/PhoneNumbers/${encodeURIComponent(this.number)}`;
    const callback = { url, method: 'POST', content_type: 'application/json' };
    const { status, body } = await this.#request('PUT', path, { callback, answer_on_ring: answerOnRing ? 1 : 0 });
    if (status !== 200) throw new Error(`${this.number} could not be configured: ${status} ${JSON.stringify(body)}`);
  }

  /** The call's record, or null while there is none. */
  async callRecord(callId: string): Promise<Record<string, unknown> | null> {
    const { status, body } = await this.#request('GET', `/v1/History/Logs/Calls/${encodeURIComponent(callId)}`);
    return status === 200 ? (body as Record<string, unknown>) : null;
  }

  /** The figures of `/metrics` that have no labels, by name. */
  async metrics(): Promise<Map<string, number>> {
    const response = await fetch(`${this.#quickstart.http_url}/metrics`, { signal: AbortSignal.timeout(15_000) });
    const lines = (await response.text()).matchAll(/^(\w+) (\S+)$/gm);
    return new Map([...lines].map(([, name = '', value]) => [name, Number(value)]));
  }

  /** Ctrl-C; what has not ended by itself then is killed. */
  async stop(): Promise<void> {
    const tree = processTree(this.pid);
    this.#child.kill('SIGINT');
    await ended(this.#child, STOP_TIMEOUT_MS, 'the server').catch((error: Error) => console.error(error.message));
    await sleep(100);
    for (const pid of tree.filter(isDatabase)) process.kill(pid, 'SIGKILL');
  }

  /** The database has a session of its own, and with it a scheduling group that would not share our priority. */
  #sharePriority(): void {
    for (const pid of processTree(this.pid)) {
      try {
        writeFileSync(`/proc/${pid}/autogroup`, '-20');
      } catch {
        return; // Not permitted, or no such groups on this kernel: then nothing is to be shared.
      }
    }
  }

  async #request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${this.#quickstart.http_url}${path}`, {
      method,
      headers: { 'X-API-Key': this.#quickstart.api_key, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
    return { status: response.status, body: await response.json() };
  }
}

async function portBelowMedia(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port < FIRST_MEDIA_PORT) return port;
  }
}

async function takesCalls(child: ChildProcess, http: string): Promise<true | undefined> {
  if (child.exitCode !== null) throw new Error(`the server ended (exit code ${child.exitCode}) instead of starting`);
  try {
    const response = await fetch(`http://${http}/healthz`, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.status === 200 || undefined;
  } catch {
    return undefined; // It does not listen yet.
  }
}

/** A process of the old tree that is still there, and not a stranger that got its number. */
function isDatabase(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres');
  } catch {
    return false;
  }
}
