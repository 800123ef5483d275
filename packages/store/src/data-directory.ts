import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorCode, errorText, StoreError } from './errors.ts';

/**
 * Makes the data directory when it is missing: for its owner alone, its parents as usual. Part by part, because Node's
 * recursive mkdir gives the parents the same mode and never returns on file systems that refuse with ENOENT, such as /proc.
 *
 * @throws StoreError `data-directory`, naming the folder that could not be made.
 */
export async function makeDataDirectory(dataDir: string): Promise<void> {
  const missing: string[] = [];
  let folder = resolve(dataDir);
  for (;;) {
    const code = await make(folder);
    if (code === 'EEXIST' || code === '') break;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw refused(folder, code);
    missing.push(folder);
    folder = dirname(folder);
  }
  for (const left of missing.reverse()) {
    const code = await make(left, left === resolve(dataDir) ? 0o700 : 0o755);
    if (code !== '' && code !== 'EEXIST') throw refused(left, code);
  }

  async function make(path: string, mode = path === resolve(dataDir) ? 0o700 : 0o755): Promise<string> {
    return await mkdir(path, { mode }).then(
      () => '',
      (error: unknown) => errorCode(error) || errorText(error),
    );
  }
}

function refused(folder: string, code: string): StoreError {
  return new StoreError(
    'data-directory',
    `the folder ${folder} cannot be made (${code}); choose another with --data DIR, or make it yourself`,
  );
}
