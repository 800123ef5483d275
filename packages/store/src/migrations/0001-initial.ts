import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Keys that are compared often or searched by prefix have the collation "C": byte order. `calls` refers to no other table, so that
 * a log outlives what it names. `calls` leaves room on its pages, because each row is changed two or three times; it has no checks,
 * because they would cost a twentieth of each write and only one statement of ours writes it.
 */
const statements = [
  sql`create table applications (
    app_id uuid primary key default gen_random_uuid(),
    name text not null,
    sip_domain text collate "C" not null unique,
    default_configuration jsonb,
    created_at timestamptz(3) not null default now()
  )`,
  sql`create table api_keys (
    id uuid primary key default gen_random_uuid(),
    app_id uuid not null references applications on delete cascade,
    key_hash bytea not null unique,
    key_hint text not null,
    created_at timestamptz(3) not null default now()
  )`,
  sql`create table numbers (
    no text collate "C" primary key,
    formatted text not null,
    sandbox boolean not null,
    country text,
    region text,
    city text,
    rate_center text,
    timezone text,
    npa text,
    capabilities text[] not null,
    kind text not null check (kind in ('inventory', 'user')),
    app_id uuid references applications on delete set null,
    inbound_api text,
    configuration jsonb,
    provisioned_at timestamptz(3)
  )`,
  sql`create index numbers_by_owner on numbers (app_id) where app_id is not null`,
  sql`create index numbers_for_sale_by_npa on numbers (npa, no) where app_id is null and kind = 'inventory'`,
  sql`create index numbers_for_sale_by_region on numbers (region, rate_center, no) where app_id is null and kind = 'inventory'`,
  sql`create table sip_users (
    username text collate "C" not null,
    domain text collate "C" not null,
    app_id uuid not null references applications on delete cascade,
    no text collate "C" not null unique references numbers,
    ha1_md5 text not null,
    ha1_sha256 text not null,
    primary key (username, domain)
  )`,
  sql`create table calls (
    call_id text collate "C" primary key,
    id uuid not null,
    app_id uuid not null,
    subaccount_id integer not null,
    direction text not null,
    caller_no text not null,
    api_no text not null,
    start_time timestamptz(3) not null,
    answer_time timestamptz(3),
    end_time timestamptz(3),
    duration_ms bigint,
    connect_time_sec integer,
    status text,
    hangup_end text,
    detection text,
    error text,
    origin_api text not null,
    sip_domain text not null,
    sip_forwarded_for text not null,
    dialog jsonb,
    process_id uuid not null,
    -- json, not jsonb: people read these, and the order of the fields is part of what they read
    end_callback json,
    end_callback_state text not null,
    end_callback_error text
  ) with (fillfactor = 80)`,
  sql`create index calls_by_application on calls (app_id, start_time desc)`,
  sql`create index calls_to_recover on calls (process_id) where end_time is null or end_callback_state = 'pending'`,
  sql`create table call_events (
    call_id text collate "C" not null,
    first_seq integer not null,
    events json not null,
    primary key (call_id, first_seq)
  )`,
  sql`create table registrations (
    aor text collate "C" primary key,
    bindings jsonb not null
  )`,
  sql`create table settings (
    key text collate "C" primary key,
    value jsonb not null
  )`,
];

export const initial: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
