import { createHash, randomInt } from 'node:crypto';
import type { Kysely } from 'kysely';
import { Cache } from './cache.ts';
import type { ApiKeyStore } from './contract.ts';
import { errorCode, StoreError } from './errors.ts';
import type { Tables } from './tables.ts';
import { isUuid } from './uuid.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const prefix = 'vx_';
/** 62^32 keys: 190 bits. */
const randomCharacters = 32;
const keyShape = /^vx_[0-9A-Za-z]{32}$/;
/** SQLSTATE foreign_key_violation. */
const foreignKeyViolation = '23503';

export function createApiKeyStore(db: Kysely<Tables>, cacheTtlMs: number): ApiKeyStore {
  const owners = new Cache<{ appId: string }>(cacheTtlMs);
  return {
    create: async (appId) => {
      const key =
        prefix + Array.from({ length: randomCharacters }, () => alphabet[randomInt(alphabet.length)]).join('');
      const hint = key.slice(-4);
      try {
        const { id } = await db
          .insertInto('api_keys')
          .values({ app_id: appId, key_hash: hash(key), key_hint: hint })
          .returning('id')
          .executeTakeFirstOrThrow();
        return { id, key, hint };
      } catch (error) {
        if (errorCode(error) !== foreignKeyViolation) throw error;
        throw new StoreError('not-found', `There is no application ${appId} to make a key for.`);
      }
    },
    authenticate: async (key) => {
      if (!keyShape.test(key)) return null;
      const digest = hash(key);
      return owners.get(digest.toString('base64'), async () => {
        const row = await db.selectFrom('api_keys').select('app_id').where('key_hash', '=', digest).executeTakeFirst();
        return row === undefined ? null : { appId: row.app_id };
      });
    },
    list: async (appId) => {
      const rows = await db
        .selectFrom('api_keys')
        .select(['id', 'app_id', 'key_hint', 'created_at'])
        .where('app_id', '=', appId)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map((row) => ({
        id: row.id,
        appId: row.app_id,
        hint: row.key_hint,
        createdTimeMs: row.created_at.getTime(),
      }));
    },
    remove: async (id, appId) => {
      if (!isUuid(id)) return false;
      const row = await db
        .deleteFrom('api_keys')
        .where('id', '=', id)
        .where('app_id', '=', appId)
        .returning('key_hash')
        .executeTakeFirst();
      if (row === undefined) return false;
      owners.forget(row.key_hash.toString('base64'));
      return true;
    },
  };
}

/** The keys are random, so a plain hash is enough: there is nothing to guess. */
function hash(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
