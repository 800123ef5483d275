import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const callAudio: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table calls add column audio json`.execute(db);
  },
};
