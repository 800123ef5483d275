import { spawnSync } from 'node:child_process';
import { chmod, cp, lstat, mkdtemp, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { installedPostgres, usableInstallation } from './binaries.ts';

// Fifty megabytes are copied.
vi.setConfig({ testTimeout: 30_000 });

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voxology-binaries-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('uses the installed programs in place and links their libraries', async () => {
  const installed = await installedPostgres();
  const usable = await usableInstallation(installed, folder, false);
  expect(usable.folder).toBe(installed.folder);
  expect(await readlink(join(installed.folder, 'lib', 'libpq.so.5'))).toMatch(/^libpq\.so\.5\.\d+$/);
});

it('copies programs that other accounts cannot read, once, to where they can', async () => {
  const installed = await installedPostgres();
  const hidden = join(folder, 'hidden');
  await cp(installed.folder, join(hidden, 'native'), { recursive: true });
  await chmod(hidden, 0o700);
  await chmod(folder, 0o755);
  const copies = join(folder, 'copies');
  const usable = await usableInstallation({ ...installed, folder: join(hidden, 'native') }, copies, true);
  expect(usable.folder.startsWith(copies)).toBe(true);
  const postgres = join(usable.folder, 'bin', 'postgres');
  const asNobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const { stdout } = spawnSync(postgres, ['--version'], { ...asNobody, cwd: '/', encoding: 'utf8' });
  expect(stdout).toContain(`(PostgreSQL) ${installed.version.split('.').slice(0, 2).join('.')}`);
  const made = (await lstat(postgres)).ino;
  await usableInstallation({ ...installed, folder: join(hidden, 'native') }, copies, true);
  expect((await lstat(postgres)).ino).toBe(made);
});

it('copies to no folder that others can write to', async () => {
  const installed = await installedPostgres();
  await cp(installed.folder, join(folder, 'native'), { recursive: true });
  await chmod(folder, 0o700);
  const open = await mkdtemp(join(tmpdir(), 'voxology-open-'));
  await chmod(open, 0o777);
  await expect(usableInstallation({ ...installed, folder: join(folder, 'native') }, open, true)).rejects.toMatchObject({
    code: 'embedded',
    message: expect.stringContaining('only this account can write to'),
  });
  await rm(open, { recursive: true });
});
