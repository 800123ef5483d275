import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { processStart } from './processes.ts';
import { type EmbeddedServer, startEmbeddedServer } from './server.ts';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const isRoot = process.getuid?.() === 0;
let template: string;
let root: string;
let running: EmbeddedServer[];

// Making database files takes a second or more; copying them does not.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'voxology-template-'));
  await (await startEmbeddedServer({ dataDir: template, logger: quiet })).stop();
});
afterAll(() => rm(template, { recursive: true, force: true }));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'voxology-embedded-'));
  running = [];
});

afterEach(async () => {
  for (const server of running) await server.stop();
  await rm(root, { recursive: true, force: true });
});

/** A data directory as a first start leaves it. */
function startedBefore(dataDir = root): string {
  execFileSync('cp', ['-a', `${template}/.`, dataDir]);
  return dataDir;
}

async function start(dataDir: string): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer({ dataDir, logger: quiet });
  running.push(server);
  return server;
}

async function query(server: EmbeddedServer, text: string): Promise<unknown[]> {
  const client = new pg.Client(server.address);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

/** A server in a process of its own, which prints the server's pid. */
async function startElsewhere(dataDir: string): Promise<{ owner: ChildProcess; serverPid: number }> {
  const script = `
    import { startEmbeddedServer } from ${JSON.stringify(join(import.meta.dirname, 'server.ts'))};
    const none = () => undefined;
    const logger = { debug: none, info: none, warn: none, error: none };
    const server = await startEmbeddedServer({ dataDir: ${JSON.stringify(dataDir)}, logger });
    console.log(server.pid());
    setInterval(none, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  return { owner, serverPid: Number(line.toString()) };
}

describe('the embedded server', () => {
  it('is durable, without network, and keeps its data over a restart', async () => {
    const first = await start(startedBefore());
    expect(
      await query(
        first,
        `select current_setting(s) from unnest(array['fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses']) s`,
      ),
    ).toEqual(['on', 'on', 'on', '']);
    await query(first, 'create table kept as select 7 as value');
    await first.stop();
    expect(await processStart(first.pid() ?? 0)).toBeNull();
    expect(await query(await start(root), 'select value from kept')).toEqual([7]);
  });

  it('works below a folder nobody else may enter, and with a path too long for a socket', async () => {
    await chmod(root, 0o700);
    const deep = join(root, 'a'.repeat(120));
    await mkdir(deep);
    const server = await start(startedBefore(deep));
    expect(await query(server, 'select 1')).toEqual([1]);
  });

  it('refuses a second process and names the first', async () => {
    const { owner } = await startElsewhere(startedBefore());
    try {
      await expect(start(root)).rejects.toMatchObject({
        code: 'in-use',
        message: expect.stringContaining(`process ${owner.pid}`),
      });
    } finally {
      owner.kill('SIGKILL');
      await once(owner, 'exit');
    }
    // Takes the left-over server down too.
    await start(root);
  });

  it('stops the server that a killed process left running', async () => {
    const { owner, serverPid } = await startElsewhere(startedBefore());
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    expect(await processStart(serverPid)).not.toBeNull();
    const server = await start(root);
    expect(await processStart(serverPid)).toBeNull();
    expect(await query(server, 'select 1')).toEqual([1]);
  });

  it('starts again after a SIGKILL of the server, with what was committed', async () => {
    const server = await start(startedBefore());
    await query(server, 'create table kept as select 7 as value');
    const killed = server.pid() ?? 0;
    process.kill(killed, 'SIGKILL');
    await expect.poll(() => server.pid(), { timeout: 10_000, interval: 20 }).not.toBe(killed);
    await expect.poll(() => query(server, 'select value from kept'), { timeout: 10_000, interval: 20 }).toEqual([7]);
  });

  it('makes the database files afresh when the first attempt was cut off', async () => {
    await mkdir(join(root, 'postgres', 'new'), { recursive: true });
    await writeFile(join(root, 'postgres', 'new', 'PG_VERSION'), '18\n');
    expect(await query(await start(root), 'select 1')).toEqual([1]);
  });

  it('says which PostgreSQL made files it cannot use', async () => {
    await mkdir(join(root, 'postgres', 'data'), { recursive: true });
    await writeFile(join(root, 'postgres', 'data', 'PG_VERSION'), '15\n');
    await expect(start(root)).rejects.toMatchObject({
      code: 'embedded',
      message: expect.stringContaining('PostgreSQL 15'),
    });
    await expect(stat(join(root, 'voxology.lock'))).rejects.toThrow('ENOENT');
  });

  it('reports what the server said when it cannot start', async () => {
    startedBefore();
    await writeFile(join(root, 'postgres', 'data', 'postgresql.auto.conf'), 'no_such_setting = on\n');
    await expect(start(root)).rejects.toMatchObject({
      code: 'embedded',
      message: expect.stringContaining('no_such_setting'),
    });
  });

  it.runIf(isRoot)('runs under another account as root, in a folder only root can enter', async () => {
    const server = await start(startedBefore());
    const status = await readFile(`/proc/${server.pid()}/status`, 'utf8');
    expect(Number(/^Uid:\t(\d+)/m.exec(status)?.[1])).toBeGreaterThan(0);
    const folder = await stat(join(root, 'postgres'));
    expect([folder.uid, folder.mode & 0o777]).toEqual([0, 0o700]);
  });
});
