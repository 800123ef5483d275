import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until, within } from './bounded.ts';
import { type Child, startChild } from './child.ts';
import { freePort, mediaPortRange } from './ports.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const NODE = join(ROOT, 'node_modules/.bin/node');

/** `quickstart.json` of a started server. */
export interface Quickstart {
  http_url: string;
  api_key: string;
  sip_address: string;
  sip_domain: string;
  sip_user: string;
  sip_password: string;
  /** E.164 number of the SIP user. */
  sip_user_no: string;
  /** Provisioned number that runs hello-world. */
  number: string;
  flows_url: string;
  portal_url: string;
}

export interface ServerOptions {
  /** More command-line flags. */
  flags?: string[];
  /** Content of the configuration file; without it there is none. */
  config?: Record<string, unknown>;
}

/** The product as a user starts it: one process, a data folder of its own, ports of 127.0.0.1. */
export class Server {
  readonly dataDir: string;
  readonly logFile: string;
  private readonly configFile: string;
  private readonly http: number;
  private readonly sip: number;
  private readonly rtp: { low: number; high: number };
  private readonly options: ServerOptions;
  private child: Child | null = null;
  private facts: Quickstart | null = null;

  private constructor(http: number, sip: number, options: ServerOptions) {
    const dir = mkdtempSync(join(tmpdir(), 'voxology-e2e-server-'));
    this.dataDir = join(dir, 'data');
    this.logFile = join(dir, 'server.log');
    this.configFile = join(dir, 'config.json');
    if (options.config !== undefined) writeFileSync(this.configFile, JSON.stringify(options.config));
    this.http = http;
    this.sip = sip;
    this.rtp = mediaPortRange(400);
    this.options = options;
  }

  /** Starts a server with an empty data folder and waits until it can take calls. */
  static async start(options: ServerOptions = {}): Promise<Server> {
    const server = new Server(await freePort(), await freePort(), options);
    try {
      await server.start();
    } catch (error) {
      const report = server.report();
      await server.destroy();
      throw new Error(`${(error as Error).message}\n${report}`);
    }
    return server;
  }

  /** What the first start wrote for the user. */
  get quickstart(): Quickstart {
    if (this.facts === null) throw new Error('the server is not started');
    return this.facts;
  }

  /** Starts (again) on the same data folder and ports. */
  async start(): Promise<void> {
    const child = startChild(
      NODE,
      [
        '--disable-warning=ExperimentalWarning',
        join(ROOT, 'apps/server/src/main.ts'),
        'start',
        ...['--data', this.dataDir],
        ...['--http', `127.0.0.1:${this.http}`],
        ...['--sip', `127.0.0.1:${this.sip}`],
        ...['--rtp', `127.0.0.1:${this.rtp.low}-${this.rtp.high}`],
        ...(this.options.config === undefined ? [] : ['--config', this.configFile]),
        ...(this.options.flags ?? []),
      ],
      { logFile: this.logFile, cwd: ROOT },
    );
    this.child = child;
    let ended: number | NodeJS.Signals | undefined;
    void child.exited.then((code) => {
      ended = code;
    });
    await until(
      'GET /healthz answers 200',
      async () => {
        const over = ended;
        if (over !== undefined) throw new Error(`the server ended (${over}) instead of starting`);
        return (await healthy(this.http)) || undefined;
      },
      START_TIMEOUT_MS,
      50,
    );
    this.facts = JSON.parse(readFileSync(join(this.dataDir, 'quickstart.json'), 'utf8')) as Quickstart;
  }

  /** Ctrl-C, then waits for the end; gives the exit code. */
  async stop(timeoutMs = 20_000): Promise<number | NodeJS.Signals> {
    if (this.child === null) return 0;
    this.interrupt();
    return within(this.child.exited, timeoutMs, 'the server ends after SIGINT');
  }

  /** Ctrl-C alone: a terminal sends it to every process of the group, the database server too if it is in it. */
  interrupt(): void {
    this.child?.signalGroup('SIGINT');
  }

  /** Waits for the end of the process. */
  async ended(timeoutMs: number): Promise<number | NodeJS.Signals> {
    if (this.child === null) return 0;
    return within(this.child.exited, timeoutMs, 'the server ends');
  }

  /** A crash: `kill -9` of the process alone; its database server is left over, as in life. */
  async kill9(): Promise<void> {
    if (this.child === null) return;
    process.kill(this.child.pid, 'SIGKILL');
    await this.child.exited;
  }

  get pid(): number {
    if (this.child === null) throw new Error('the server is not started');
    return this.child.pid;
  }

  /** The end of what the server printed. */
  report(): string {
    if (!existsSync(this.logFile)) return 'the server printed nothing';
    const text = readFileSync(this.logFile, 'utf8');
    return `server log ${this.logFile}:\n${text.split('\n').slice(-40).join('\n')}`;
  }

  /** Everything the server printed. */
  output(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
  }

  /** Ends everything that was started and removes the data; `keepLog` leaves the log. */
  async destroy(): Promise<void> {
    const child = this.child;
    this.child = null;
    if (child !== null) {
      child.signalGroup('SIGINT');
      await within(child.exited, 8_000, 'end').catch(() => child.signalGroup('SIGKILL'));
      child.signalGroup('SIGKILL');
    }
    this.stopLeftOverDatabase();
    const dir = join(this.dataDir, '..');
    // A database that is still ending takes files away, or makes new ones, while they are being removed.
    await until(
      `${dir} is removed`,
      () => {
        rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
        return !existsSync(dir) || undefined;
      },
      10_000,
      100,
    );
  }

  /** The database server that a killed process left running writes its pid into its folder. */
  private stopLeftOverDatabase(): void {
    try {
      for (const entry of readdirSync(this.dataDir, { recursive: true, withFileTypes: true })) {
        if (entry.name !== 'postmaster.pid') continue;
        const pid = Number.parseInt(readFileSync(join(entry.parentPath, entry.name), 'utf8'), 10);
        if (pid > 1) process.kill(pid, 'SIGQUIT');
      }
    } catch {
      // It is gone already, or ending and taking its files along.
    }
  }
}

/** First start: initdb, migrations, voices. */
const START_TIMEOUT_MS = 60_000;

async function healthy(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}
