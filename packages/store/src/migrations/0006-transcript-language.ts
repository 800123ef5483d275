import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const transcriptLanguage: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table transcripts
      add column hints json not null default '[]',
      add column language text`.execute(db);
  },
};
