import { type Insertable, type Kysely, type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import { Cache } from './cache.ts';
import type { NumberStore } from './contract.ts';
import { toJsonText } from './json-text.ts';
import type { NumberFacts, NumberRow, NumberSearch } from './rows.ts';
import type { NumberTable, Tables } from './tables.ts';

/** The store of numbers, and what the store of SIP users has to tell it. */
export interface NumberStoreParts {
  numbers: NumberStore;
  forget(no: string): void;
}

/** Rows per statement: PostgreSQL takes at most 65 535 parameters. */
const insertRows = 2000;

export function createNumberStore(db: Kysely<Tables>, cacheTtlMs: number): NumberStoreParts {
  const cache = new Cache<NumberRow>(cacheTtlMs);
  const select = () => db.selectFrom('numbers').selectAll();
  const load = async (no: string) => {
    const row = await select().where('no', '=', no).executeTakeFirst();
    return row === undefined ? null : numberRow(row);
  };
  const numbers: NumberStore = {
    addInventory: async (rows) => {
      let added = 0;
      for (let start = 0; start < rows.length; start += insertRows) {
        const inserted = await db
          .insertInto('numbers')
          .values(rows.slice(start, start + insertRows).map(inventoryRow))
          .onConflict((conflict) => conflict.doNothing())
          .returning('no')
          .execute();
        for (const { no } of inserted) cache.forget(no);
        added += inserted.length;
      }
      return added;
    },
    searchAvailable: async (search) => {
      const available = select().where('app_id', 'is', null).where('kind', '=', 'inventory');
      const found = matching(available, search);
      if (found === null) return [];
      return (await found.orderBy('no').limit(search.maxResults).execute()).map(numberRow);
    },
    provision: async (appId, inboundApi, no) => {
      const row = await db
        .updateTable('numbers')
        .set({
          app_id: appId,
          inbound_api: inboundApi,
          provisioned_at: sql`coalesce(provisioned_at, now())`,
        })
        .where('no', '=', no)
        .where((where) => where.or([where('app_id', '=', appId), where.and({ app_id: null, kind: 'inventory' })]))
        .returningAll()
        .executeTakeFirst();
      cache.forget(no);
      if (row !== undefined) return { ok: true, number: numberRow(row) };
      return { ok: false, reason: (await load(no)) === null ? 'not-found' : 'taken' };
    },
    get: (no) => cache.get(no, () => load(no)),
    list: async (appId) => (await select().where('app_id', '=', appId).orderBy('no').execute()).map(numberRow),
    configure: async (no, appId, configuration) => {
      const row = await db
        .updateTable('numbers')
        .set({ configuration: configuration === null ? null : toJsonText(configuration) })
        .where('no', '=', no)
        .where('app_id', '=', appId)
        .returningAll()
        .executeTakeFirst();
      cache.forget(no);
      return row === undefined ? null : numberRow(row);
    },
    release: async (no, appId) => {
      const row = await db
        .updateTable('numbers')
        .set({ app_id: null, inbound_api: null, configuration: null, provisioned_at: null })
        .where('no', '=', no)
        .where('app_id', '=', appId)
        .where('kind', '=', 'inventory')
        .returning('no')
        .executeTakeFirst();
      cache.forget(no);
      return row !== undefined;
    },
  };
  return { numbers, forget: (no) => cache.forget(no) };
}

type NumberQuery = SelectQueryBuilder<Tables, 'numbers', Selectable<NumberTable>>;

/** `null` when nothing can match. */
function matching(query: NumberQuery, search: NumberSearch): NumberQuery | null {
  const { searchBy, capabilities } = search;
  const able = capabilities?.length
    ? query.where('capabilities', '@>', sql<string[]>`${sql.val([...capabilities])}::text[]`)
    : query;
  if (searchBy === undefined) return able;
  const searchOn = (search.searchOn ?? '').trim();
  if (searchBy === 'area-code') return /^\d{3}$/.test(searchOn) ? able.where('npa', '=', searchOn) : null;
  if (searchBy === 'prefixes' || /^\d/.test(searchOn)) return startingWith(able, searchOn);
  if (searchOn === '') return null;
  if (searchBy === 'region') return able.where('region', '=', searchOn.toUpperCase());
  const comma = searchOn.lastIndexOf(',');
  const rateCenter = (comma < 0 ? searchOn : searchOn.slice(0, comma)).trim().toUpperCase();
  const inCenter = able.where('rate_center', '=', rateCenter);
  return comma < 0
    ? inCenter
    : inCenter.where(
        'region',
        '=',
        searchOn
          .slice(comma + 1)
          .trim()
          .toUpperCase(),
      );
}

/** Prefixes of NANP numbers: the area code selects by the index, further digits by the number itself. */
function startingWith(query: NumberQuery, prefixes: string): NumberQuery | null {
  const list = prefixes.split(',').map((prefix) => prefix.trim());
  if (!list.every((prefix) => /^\d{3,10}$/.test(prefix))) return null;
  return query
    .where('npa', 'in', [...new Set(list.map((prefix) => prefix.slice(0, 3)))])
    .where((where) => where.or(list.map((prefix) => where('no', 'like', `+1${prefix}%`))));
}

function inventoryRow(facts: NumberFacts): Insertable<NumberTable> {
  return {
    no: facts.no,
    formatted: facts.formatted,
    sandbox: facts.sandbox,
    country: facts.country,
    region: facts.region,
    city: facts.city,
    rate_center: facts.rateCenter,
    timezone: facts.timezone,
    npa: facts.npa,
    capabilities: facts.capabilities,
    kind: 'inventory',
    app_id: null,
    inbound_api: null,
  };
}

function numberRow(row: Selectable<NumberTable>): NumberRow {
  return {
    no: row.no,
    formatted: row.formatted,
    sandbox: row.sandbox,
    country: row.country,
    region: row.region,
    city: row.city,
    rateCenter: row.rate_center,
    timezone: row.timezone,
    npa: row.npa,
    capabilities: row.capabilities,
    kind: row.kind,
    appId: row.app_id,
    inboundApi: row.inbound_api,
    configuration: row.configuration,
    provisionedTimeMs: row.provisioned_at?.getTime() ?? null,
  };
}
