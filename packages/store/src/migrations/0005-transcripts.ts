import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

const statements = [
  sql`create table transcripts (
    transcript_id text collate "C" primary key,
    app_id uuid not null,
    call_id text collate "C" not null,
    recording_id text collate "C" references recordings on delete cascade,
    start_time timestamptz(3) not null,
    status text not null default 'in_progress',
    error text,
    webhook json,
    webhook_state text not null default 'none',
    webhook_error text
  )`,
  sql`create index transcripts_of_calls on transcripts (call_id)`,
  sql`create index transcripts_of_recordings on transcripts (recording_id)`,
  sql`create index transcripts_under_way on transcripts (start_time) where status = 'in_progress'`,
  sql`create index transcripts_with_webhooks_to_send on transcripts (transcript_id) where webhook_state = 'pending'`,
  sql`create table transcript_pieces (
    transcript_id text collate "C" not null references transcripts on delete cascade,
    sequence integer not null,
    track text not null,
    start_ms bigint not null,
    end_ms bigint not null,
    text text not null,
    confidence double precision,
    primary key (transcript_id, sequence)
  )`,
];

export const transcripts: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
