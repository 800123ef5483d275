import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallbackServer } from './callback-server.ts';
import type { ProfiledWindow } from './profile.ts';
import { BenchServer } from './server.ts';

export interface BenchOptions {
  /** What the scenario is told on the command line, by name. */
  flags: Readonly<Record<string, string>>;
  profileDirectory: string | null;
  log(line: string): void;
}

/** What scenarios run with: a started server, the callback server, folders for files (gone at the program's end). */
export class Bench {
  readonly callbacks: CallbackServer;
  readonly log: (line: string) => void;
  /** The last measured window, for what a CPU profile says about it. */
  profiled: ProfiledWindow | null = null;
  readonly #directory = mkdtempSync(join(tmpdir(), 'voxology-bench-'));
  readonly #options: BenchOptions;
  #server: BenchServer | null = null;
  #folders = 0;

  private constructor(callbacks: CallbackServer, options: BenchOptions) {
    this.callbacks = callbacks;
    this.log = options.log;
    this.#options = options;
    process.on('exit', () => rmSync(this.#directory, { recursive: true, force: true }));
  }

  static async open(options: BenchOptions): Promise<Bench> {
    return new Bench(await CallbackServer.open(), options);
  }

  /** A flag that the scenario has declared. */
  flag(name: string): string {
    const value = this.#options.flags[name];
    if (value === undefined) throw new Error(`the scenario has no flag --${name}`);
    return value;
  }

  /** A flag that is a number. Throws an error that says so when it is none. */
  numberFlag(name: string): number {
    const value = Number(this.flag(name));
    if (!(value >= 0)) throw new Error(`--${name} must be a number from 0, not ${this.flag(name)}`);
    return value;
  }

  /** The server that runs. Throws when none does. */
  get server(): BenchServer {
    if (this.#server === null) throw new Error('the server is not started');
    return this.#server;
  }

  /** Starts a server when none runs; true when it did. */
  async startServer(): Promise<boolean> {
    if (this.#server !== null) return false;
    const startedMs = performance.now();
    const { profileDirectory } = this.#options;
    this.#server = await BenchServer.start({ directory: this.folder('server'), profileDirectory });
    await this.#server.configure(this.callbacks.callbackUrl);
    this.log(`server started in ${Math.round(performance.now() - startedMs)} ms`);
    return true;
  }

  /** The next try gets a fresh server. */
  async stopServer(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    await server?.stop();
  }

  /** A new empty folder. */
  folder(name: string): string {
    const path = join(this.#directory, `${++this.#folders}-${name}`);
    mkdirSync(path);
    return path;
  }

  async close(): Promise<void> {
    await this.stopServer();
    this.callbacks.close();
  }
}
