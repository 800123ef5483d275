import { readFile, stat } from 'node:fs/promises';
import { StoreError } from '../errors.ts';

/** An operating-system account to run a program under. */
export interface Account {
  uid: number;
  gid: number;
}

/**
 * PostgreSQL refuses to run as root. As root the server runs as the owner of its data folder `data`, or as `nobody`
 * when there is none yet; else as ourselves (`null`).
 * @throws StoreError `embedded` when the folder belongs to an account we cannot act for, or there is no `nobody`.
 */
export async function serverAccount(data: string): Promise<Account | null> {
  const owner = await stat(data).catch(() => null);
  const uid = process.getuid?.();
  if (uid !== 0) {
    if (owner === null || owner.uid === uid) return null;
    throw new StoreError(
      'embedded',
      `The database folder ${data} belongs to the account with uid ${owner.uid}, but this process runs as uid ${uid}. ` +
        'Run it under that account or as root, or change the owner of the folder.',
    );
  }
  if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const nobody = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'nobody');
  if (nobody === undefined) {
    throw new StoreError(
      'embedded',
      'PostgreSQL refuses to run as root and /etc/passwd has no account `nobody` to run it under. ' +
        'Add that account, run this process as another user, or name a PostgreSQL server in DATABASE_URL.',
    );
  }
  return { uid: Number(nobody[2]), gid: Number(nobody[3]) };
}
