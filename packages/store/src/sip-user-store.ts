import { createHash } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import { Cache } from './cache.ts';
import type { SipUserStore } from './contract.ts';
import { errorCode, StoreError } from './errors.ts';
import type { SipUser, SipUserCredentials } from './rows.ts';
import type { SecretBox } from './secret-box.ts';
import type { Tables } from './tables.ts';

type Row = Selectable<Tables['sip_users']>;

export function createSipUserStore(parts: {
  db: Kysely<Tables>;
  secrets: SecretBox;
  cacheTtlMs: number;
  forgetNumber(no: string): void;
}): SipUserStore {
  const { db, secrets } = parts;
  const byName = new Cache<SipUserCredentials>(parts.cacheTtlMs);
  const byNumber = new Cache<SipUser>(parts.cacheTtlMs);
  const forget = (user: SipUser) => {
    byName.forget(cacheKey(user.username, user.domain));
    byNumber.forget(user.no);
    parts.forgetNumber(user.no);
  };
  return {
    create: async ({ password, ...given }) => {
      const user = { ...given, domain: given.domain.toLowerCase() };
      await createUser(db, user, sealed(secrets, user.username, user.domain, password));
      forget(user);
      return user;
    },
    find: (username, domain) => {
      const realm = domain.toLowerCase();
      return byName.get(cacheKey(username, realm), async () => {
        const row = await named(db, username, realm).selectAll().executeTakeFirst();
        return row === undefined ? null : { ...sipUser(row), ...opened(secrets, row) };
      });
    },
    list: async (appId) => {
      const rows = await db
        .selectFrom('sip_users')
        .selectAll()
        .where('app_id', '=', appId)
        .orderBy('domain')
        .orderBy('username')
        .execute();
      return rows.map(sipUser);
    },
    byNumber: (no) =>
      byNumber.get(no, async () => {
        const row = await db.selectFrom('sip_users').selectAll().where('no', '=', no).executeTakeFirst();
        return row === undefined ? null : sipUser(row);
      }),
    setPassword: async (username, domain, password) => {
      const realm = domain.toLowerCase();
      const row = await db
        .updateTable('sip_users')
        .set(sealed(secrets, username, realm, password))
        .where('username', '=', username)
        .where('domain', '=', realm)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) return false;
      forget(sipUser(row));
      return true;
    },
    remove: async (username, domain) => {
      const row = await removeUser(db, username, domain.toLowerCase());
      if (row === undefined) return false;
      forget(sipUser(row));
      return true;
    },
  };
}

/** The user's number comes into being with the user, unless the application has it already. */
async function createUser(db: Kysely<Tables>, user: SipUser, ha1: Ha1Columns): Promise<void> {
  const { appId, username, domain, no } = user;
  try {
    await db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('numbers')
        .values({ no, formatted: no, sandbox: false, capabilities: [], kind: 'user', app_id: appId })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const owner = await transaction.selectFrom('numbers').select('app_id').where('no', '=', no).executeTakeFirst();
      if (owner?.app_id !== appId) {
        throw new StoreError('duplicate', `The number ${no} does not belong to the application ${appId}.`);
      }
      await transaction
        .insertInto('sip_users')
        .values({ app_id: appId, username, domain, no, ...ha1 })
        .execute();
    });
  } catch (error) {
    if (errorCode(error) === '23503') throw new StoreError('not-found', `There is no application ${appId}.`);
    if (errorCode(error) !== '23505') throw error;
    throw new StoreError('duplicate', `The SIP user ${username}@${domain} or another user of ${no} exists already.`);
  }
}

async function removeUser(db: Kysely<Tables>, username: string, domain: string): Promise<Row | undefined> {
  return db.transaction().execute(async (transaction) => {
    const row = await transaction
      .deleteFrom('sip_users')
      .where('username', '=', username)
      .where('domain', '=', domain)
      .returningAll()
      .executeTakeFirst();
    if (row !== undefined) {
      await transaction.deleteFrom('numbers').where('no', '=', row.no).where('kind', '=', 'user').execute();
    }
    return row;
  });
}

function named(db: Kysely<Tables>, username: string, domain: string) {
  return db.selectFrom('sip_users').where('username', '=', username).where('domain', '=', domain);
}

/** A domain holds no space, so no two pairs share a key. */
function cacheKey(username: string, domain: string): string {
  return `${domain} ${username}`;
}

interface Ha1Columns {
  ha1_md5: string;
  ha1_sha256: string;
}

function sealed(secrets: SecretBox, username: string, domain: string, password: string): Ha1Columns {
  const ha1 = (algorithm: string) => createHash(algorithm).update(`${username}:${domain}:${password}`).digest('hex');
  return {
    ha1_md5: secrets.encrypt(ha1('md5'), context('md5', username, domain)),
    ha1_sha256: secrets.encrypt(ha1('sha256'), context('sha256', username, domain)),
  };
}

function opened(secrets: SecretBox, row: Row): { ha1Md5: string; ha1Sha256: string } {
  return {
    ha1Md5: secrets.decrypt(row.ha1_md5, context('md5', row.username, row.domain)),
    ha1Sha256: secrets.decrypt(row.ha1_sha256, context('sha256', row.username, row.domain)),
  };
}

function context(algorithm: string, username: string, domain: string): string {
  return `sip-user:${algorithm}:${username}@${domain}`;
}

function sipUser(row: Row): SipUser {
  return { appId: row.app_id, username: row.username, domain: row.domain, no: row.no };
}
