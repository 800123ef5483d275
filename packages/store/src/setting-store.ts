import type { Kysely } from 'kysely';
import type { SettingStore } from './contract.ts';
import { toJsonText } from './json-text.ts';
import type { Tables } from './tables.ts';

export function createSettingStore(db: Kysely<Tables>): SettingStore {
  return {
    get: async (key) => {
      const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst();
      return row?.value;
    },
    set: async (key, value) => {
      const text = toJsonText(value);
      await db
        .insertInto('settings')
        .values({ key, value: text })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: text }))
        .execute();
    },
  };
}
