import type { Kysely, Selectable } from 'kysely';
import { Cache } from './cache.ts';
import type { ApplicationStore } from './contract.ts';
import { errorCode, StoreError } from './errors.ts';
import { toJsonText } from './json-text.ts';
import type { Application } from './rows.ts';
import type { Tables } from './tables.ts';
import { isUuid } from './uuid.ts';

/** SQLSTATE unique_violation. */
const uniqueViolation = '23505';

export function createApplicationStore(db: Kysely<Tables>, cacheTtlMs: number): ApplicationStore {
  const byId = new Cache<Application>(cacheTtlMs);
  const byDomain = new Cache<Application>(cacheTtlMs);
  const oldest = new Cache<Application>(cacheTtlMs);
  const select = () => db.selectFrom('applications').selectAll();
  const forget = ({ appId, sipDomain }: Application) => {
    byId.forget(appId);
    byDomain.forget(sipDomain);
    oldest.clear();
  };
  return {
    create: async ({ name, sipDomain }) => {
      try {
        const row = await db
          .insertInto('applications')
          .values({ name, sip_domain: sipDomain.toLowerCase() })
          .returningAll()
          .executeTakeFirstOrThrow();
        const made = application(row);
        forget(made);
        return made;
      } catch (error) {
        if (errorCode(error) !== uniqueViolation) throw error;
        throw new StoreError('duplicate', `The SIP domain ${sipDomain} belongs to another application.`);
      }
    },
    get: async (appId) => {
      if (!isUuid(appId)) return null;
      const key = appId.toLowerCase();
      return byId.get(key, async () => orNull(await select().where('app_id', '=', key).executeTakeFirst()));
    },
    byDomain: (sipDomain) => {
      const key = sipDomain.toLowerCase();
      return byDomain.get(key, async () => orNull(await select().where('sip_domain', '=', key).executeTakeFirst()));
    },
    first: () =>
      oldest.get('', async () =>
        orNull(await select().orderBy('created_at').orderBy('app_id').limit(1).executeTakeFirst()),
      ),
    list: async () => (await select().orderBy('created_at').orderBy('app_id').execute()).map(application),
    setDefaultConfiguration: async (appId, configuration) => {
      if (!isUuid(appId)) return false;
      const row = await db
        .updateTable('applications')
        .set({ default_configuration: configuration === null ? null : toJsonText(configuration) })
        .where('app_id', '=', appId)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) return false;
      forget(application(row));
      return true;
    },
  };
}

function orNull(row: Selectable<Tables['applications']> | undefined): Application | null {
  return row === undefined ? null : application(row);
}

function application(row: Selectable<Tables['applications']>): Application {
  return {
    appId: row.app_id,
    name: row.name,
    sipDomain: row.sip_domain,
    defaultConfiguration: row.default_configuration,
    createdTimeMs: row.created_at.getTime(),
  };
}
