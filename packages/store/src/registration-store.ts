import type { Kysely } from 'kysely';
import type pg from 'pg';
import { BatchWriter } from './batch-writer.ts';
import type { RegistrationStore, StoreLogger } from './contract.ts';
import { toJsonText } from './json-text.ts';
import type { Tables } from './tables.ts';

interface Registration {
  aor: string;
  bindings: readonly unknown[];
}

const statement = {
  name: 'write-registrations',
  text: `with gone as (
  delete from registrations r using jsonb_to_recordset($1::jsonb) as n(aor text, bindings jsonb)
  where r.aor = n.aor and n.bindings = '[]'
)
insert into registrations (aor, bindings)
select n.aor, n.bindings from jsonb_to_recordset($1::jsonb) as n(aor text, bindings jsonb) where n.bindings <> '[]'
on conflict (aor) do update set bindings = excluded.bindings`,
};
const spacingMs = 50;
const none: ReadonlyMap<Registration, Error> = new Map();

export function createRegistrationStore(parts: {
  db: Kysely<Tables>;
  pool: pg.Pool;
  logger: StoreLogger;
  maxQueued: number;
}): RegistrationStore & { close(timeoutMs: number): Promise<void> } {
  const writer = new BatchWriter<Registration>({
    name: 'registrations',
    logger: parts.logger,
    maxQueued: parts.maxQueued,
    spacingMs,
    write: async (batch) => {
      const latest = new Map(batch.map((registration) => [registration.aor, registration]));
      await parts.pool.query({ ...statement, values: [toJsonText([...latest.values()])] });
      return none;
    },
  });
  return {
    save: (aor, bindings) => writer.push({ aor, bindings }),
    all: async () => {
      await writer.drain();
      return parts.db.selectFrom('registrations').selectAll().orderBy('aor').execute();
    },
    close: (timeoutMs) => writer.close(timeoutMs),
  };
}
