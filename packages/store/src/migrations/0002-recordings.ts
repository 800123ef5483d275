import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

const statements = [
  sql`create table recordings (
    recording_id text collate "C" primary key,
    app_id uuid not null,
    call_id text collate "C" not null,
    name text,
    file text not null,
    format text not null,
    channels integer not null,
    start_time timestamptz(3) not null,
    status text not null,
    duration_ms bigint,
    bytes bigint,
    sha256 text,
    error text
  )`,
  sql`create index recordings_by_application on recordings (app_id, start_time desc)`,
  sql`create index recordings_of_calls on recordings (call_id)`,
  sql`create index recordings_under_way on recordings (recording_id) where status = 'recording'`,
];

export const recordings: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
