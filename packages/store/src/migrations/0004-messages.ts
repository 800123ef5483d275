import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

const statements = [
  sql`create table messages (
    message_id text collate "C" primary key,
    app_id uuid not null,
    direction text not null,
    caller_no text not null,
    api_no text not null,
    text_message text not null,
    media_urls jsonb not null,
    keyword text,
    origin text not null,
    external_id text collate "C" unique,
    call_id text collate "C",
    status text not null,
    error text,
    start_time timestamptz(3) not null,
    end_time timestamptz(3),
    process_id uuid not null
  )`,
  sql`create index messages_by_application on messages (app_id, start_time desc)`,
  sql`create index messages_under_way on messages (process_id) where end_time is null`,
  sql`create table opt_outs (
    app_id uuid not null,
    no text collate "C" not null,
    since timestamptz(3) not null default now(),
    primary key (app_id, no)
  )`,
];

export const messages: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
