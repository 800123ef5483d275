import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallbackServer } from './callback-server.ts';
import { BenchServer } from './server.ts';

export interface BenchOptions {
  profileDirectory: string | null;
  log(line: string): void;
}

/** What scenarios run with: a started server, the callback server, folders for files (gone at the program's end). */
export class Bench {
  readonly callbacks: CallbackServer;
  readonly log: (line: string) => void;
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
