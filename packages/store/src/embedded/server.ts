import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, type FileHandle, mkdir, open, readFile, realpath, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { StoreLogger } from '../contract.ts';
import { errorText, StoreError } from '../errors.ts';
import { type Account, serverAccount } from './account.ts';
import { type Installation, installedPostgres, usableInstallation } from './binaries.ts';
import { here, prepareCluster, role, serverEnvironment } from './cluster.ts';
import { clearLeftOver, stopServer } from './left-over.ts';
import { type OwnerLock, takeOwnerLock } from './owner-lock.ts';

/** What `pg` needs to connect. `host` is a folder: the socket's. */
export interface SocketAddress {
  host: string;
  port: number;
  user: string;
  database: string;
}

export interface EmbeddedServer {
  readonly address: SocketAddress;
  /** Of the server process; changes when it had to be started again. */
  pid(): number | undefined;
  /** Ends all sessions, writes everything and gives the data directory free. Safe to call twice. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  logger: StoreLogger;
  /** Where the programs are; for tests. */
  installation?: Installation;
  /** Where a copy of the programs goes when they cannot be used in place. */
  copyRoot?: string;
}

const port = 5432;
/** A socket address holds 107 bytes on Linux and 103 on macOS. */
const longestSocketPath = 100;
const rotateLogBytes = 10 * 1024 * 1024;
/** After a crash the server replays its log before it answers. */
const startTimeoutMs = 120_000;
const longestRestartDelayMs = 10_000;

/** Durable (the defaults of fsync, full_page_writes and synchronous_commit stay on), small, quiet, without network. */
const settings: Record<string, string> = {
  listen_addresses: '',
  unix_socket_directories: '.',
  unix_socket_permissions: '0700',
  port: String(port),
  max_connections: '40',
  shared_buffers: '32MB',
  work_mem: '4MB',
  maintenance_work_mem: '32MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '256MB',
  checkpoint_timeout: '15min',
  io_method: 'sync',
  jit: 'off',
  max_logical_replication_workers: '0',
  max_parallel_workers_per_gather: '0',
  autovacuum_max_workers: '1',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_checkpoints: 'off',
  log_min_messages: 'warning',
  // Without DETAIL, which quotes rows.
  log_error_verbosity: 'terse',
  log_line_prefix: '%m [%p] ',
};

/**
 * Starts our own PostgreSQL in `dataDir/postgres`, reachable by a Unix socket only. It is started again when it dies.
 * Its messages go to `dataDir/postgres.log`.
 * @throws StoreError `in-use` when another process runs on `dataDir`, `embedded` when it cannot be started.
 */
export async function startEmbeddedServer(options: EmbeddedOptions): Promise<EmbeddedServer> {
  // Nobody else gets through this folder, so nobody else reaches the socket.
  const folder = join(options.dataDir, 'postgres');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const lock = await takeOwnerLock(join(options.dataDir, 'voxology.lock'));
  try {
    const account = await serverAccount(join(folder, 'data'));
    const installation = await usableInstallation(
      options.installation ?? (await installedPostgres()),
      options.copyRoot ?? (account === null ? join(folder, 'programs') : '/var/cache/voxology'),
      account !== null,
    );
    const data = await realpath(await prepareCluster(folder, installation, account));
    const logFile = join(options.dataDir, 'postgres.log');
    await rotateLog(logFile);
    const server = new SupervisedServer({ data, logFile, installation, account, lock, logger: options.logger });
    await server.open();
    return server;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

interface Parts {
  data: string;
  logFile: string;
  installation: Installation;
  account: Account | null;
  lock: OwnerLock;
  logger: StoreLogger;
}

class SupervisedServer implements EmbeddedServer {
  readonly #parts: Parts;
  #host = '';
  #folderHandle: FileHandle | null = null;
  #child: ChildProcess | null = null;
  #restarting: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;
  readonly #abort = new AbortController();
  readonly #endWithUs = () => this.#child?.kill('SIGINT');

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get address(): SocketAddress {
    return { host: this.#host, port, user: role, database: 'postgres' };
  }

  pid(): number | undefined {
    return this.#child?.pid;
  }

  async open(): Promise<void> {
    const { data } = this.#parts;
    this.#host = data;
    if (Buffer.byteLength(join(data, `.s.PGSQL.${port}`)) > longestSocketPath) {
      if (process.platform !== 'linux') {
        throw new StoreError(
          'embedded',
          `The path ${data} is too long for a Unix socket. Use a shorter data directory.`,
        );
      }
      // The same folder under a short name, for as long as we hold it open.
      this.#folderHandle = await open(data);
      this.#host = `/proc/self/fd/${this.#folderHandle.fd}`;
    }
    try {
      await this.#launch();
    } catch (error) {
      await this.#folderHandle?.close();
      throw error;
    }
    // A last resort for an exit without `stop`: it cannot wait, but the server still ends in good order.
    process.once('exit', this.#endWithUs);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#abort.abort();
    await this.#restarting;
    process.off('exit', this.#endWithUs);
    const child = this.#child;
    if (child?.pid !== undefined && !hasEnded(child)) await stopServer(child.pid);
    await this.#folderHandle?.close();
    await this.#parts.lock.release();
  }

  async #launch(): Promise<void> {
    const { data, logFile, logger } = this.#parts;
    await clearLeftOver(data, logger);
    const log = await open(logFile, 'a', 0o600);
    const logStart = (await log.stat()).size;
    const child = this.#spawn(log.fd);
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `status ${code}`}`));
    });
    await log.close();
    const failure = await Promise.race([ended, this.#ready(child)]);
    if (failure !== null) {
      if (child.pid !== undefined && !hasEnded(child)) await stopServer(child.pid);
      const said = (await readFile(logFile)).subarray(logStart).toString().trim().slice(-2000);
      throw new StoreError(
        'embedded',
        `The built-in PostgreSQL did not start: ${failure}. ${said || 'It said nothing.'}`,
      );
    }
    this.#child = child;
    if (hasEnded(child)) this.#onExit(child.exitCode, child.signalCode);
    else child.once('exit', (code, signal) => this.#onExit(code, signal));
  }

  #spawn(logFd: number): ChildProcess {
    const { data, installation, account } = this.#parts;
    const args = ['-D', here(data)];
    for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);
    return spawn(join(installation.folder, 'bin', 'postgres'), args, {
      ...account,
      cwd: data,
      env: serverEnvironment,
      stdio: ['ignore', logFd, logFd],
      // A session of its own: Ctrl-C on our terminal must not stop the database before we have written everything.
      detached: true,
    });
  }

  /** The server writes its state into the eighth line of its pid file. Resolves to what went wrong, or `null`. */
  async #ready(child: ChildProcess): Promise<string | null> {
    const file = join(this.#parts.data, 'postmaster.pid');
    const end = performance.now() + startTimeoutMs;
    while (performance.now() < end) {
      const lines = (await readFile(file, 'latin1').catch(() => '')).split('\n');
      if (Number(lines[0]) === child.pid && lines[7]?.startsWith('ready')) return null;
      if (hasEnded(child)) return 'it ended at once';
      await delay(10);
    }
    return `it was not ready after ${startTimeoutMs / 1000} s`;
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#stopping !== null) return;
    this.#parts.logger.error({ code, signal }, 'the built-in PostgreSQL died; starting it again');
    this.#restarting = this.#restart().finally(() => {
      this.#restarting = null;
    });
  }

  async #restart(): Promise<void> {
    for (let delayMs = 100; this.#stopping === null; delayMs = Math.min(delayMs * 2, longestRestartDelayMs)) {
      try {
        await this.#launch();
        this.#parts.logger.info({ pid: this.pid() }, 'the built-in PostgreSQL runs again');
        return;
      } catch (error) {
        this.#parts.logger.error(
          { error: errorText(error) },
          'the built-in PostgreSQL cannot be started; trying again',
        );
        await delay(delayMs, undefined, { signal: this.#abort.signal }).catch(() => undefined);
      }
    }
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function rotateLog(file: string): Promise<void> {
  const facts = await stat(file).catch(() => null);
  if (facts !== null && facts.size > rotateLogBytes) await rename(file, `${file}.1`);
}
