import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { StoreLogger } from './contract.ts';
import { errorText, StoreError } from './errors.ts';
import { migrations } from './migrations/index.ts';
import type { Tables } from './tables.ts';

/**
 * Brings the tables to this version. Of several processes that start at once one does the work.
 * @throws StoreError `schema`: a migration failed (and left no trace) or the database is of a later version.
 */
export async function migrate(db: Kysely<Tables>, logger: StoreLogger): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results } = await migrator.migrateToLatest();
  for (const { migrationName, status } of results ?? []) {
    if (status === 'Success') logger.info({ migration: migrationName }, 'database migrated');
  }
  if (error === undefined) return;
  const failed = results?.find(({ status }) => status === 'Error')?.migrationName;
  throw new StoreError(
    'schema',
    `The database cannot be brought to this version${failed === undefined ? '' : ` (migration ${failed})`}: ${errorText(error)}`,
    { cause: error },
  );
}
