import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

const statements = [
  // json, not jsonb: the order of the fields is part of what people read
  sql`alter table recordings
    add column webhook json,
    add column webhook_state text not null default 'none',
    add column webhook_error text`,
  sql`create index recordings_with_webhooks_to_send on recordings (recording_id) where webhook_state = 'pending'`,
];

export const recordingWebhooks: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
