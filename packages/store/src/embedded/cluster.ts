import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../errors.ts';
import type { Account } from './account.ts';
import type { Installation } from './binaries.ts';

/** The one role of the server; the folder's mode keeps everybody else from the socket. */
export const role = 'voxology';

/** A small, known environment: the user's `PG…` and `LD_…` variables must not reach the server. */
export const serverEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Makes the database files in `folder/data` unless they are there. An attempt that was cut off leaves only
 * `folder/new`, which is made afresh. Resolves to the path of the files.
 * @throws StoreError `embedded` when `initdb` fails or the files are of another PostgreSQL.
 */
export async function prepareCluster(
  folder: string,
  installed: Installation,
  account: Account | null,
): Promise<string> {
  const data = join(folder, 'data');
  const found = (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
  const major = installed.version.split('.')[0] ?? '';
  if (found === major) return data;
  if (found !== '') {
    throw new StoreError(
      'embedded',
      `The database files in ${data} were made by PostgreSQL ${found}, but the built-in one is ${installed.version}. ` +
        `Move them to a PostgreSQL ${found} server and name that in DATABASE_URL.`,
    );
  }
  const draft = join(folder, 'new');
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await chmod(draft, 0o700);
  if (account !== null) await chown(draft, account.uid, account.gid);
  await initialise(draft, installed, account);
  await rename(draft, data);
  return data;
}

async function initialise(folder: string, installed: Installation, account: Account | null): Promise<void> {
  const args = ['-D', here(folder), '-U', role, '--auth=trust', '--no-instructions', '--encoding=UTF8', '--locale=C'];
  const child = spawn(join(installed.folder, 'bin', 'initdb'), args, {
    ...account,
    cwd: folder,
    env: serverEnvironment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4000);
    });
  }
  const failure = await new Promise<string | null>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code === 0 ? null : `it ended with ${signal ?? `status ${code}`}`));
  });
  if (failure !== null) {
    throw new StoreError('embedded', `initdb could not make the database files in ${folder}: ${failure}. ${output}`);
  }
}

/**
 * How a program that works in `folder` names it. On Linux not by its path: the server's account may have no way through
 * the folders above, but it may use the working directory it was born in.
 */
export function here(folder: string): string {
  return process.platform === 'linux' ? '/proc/self/cwd' : folder;
}
