/**
 * The columns of `calls` a writer may set, as they travel in JSON: `[column, type in the JSON]`. Times travel as epoch
 * milliseconds.
 */
const openingColumns = [
  ['call_id', 'text'],
  ['id', 'uuid'],
  ['app_id', 'uuid'],
  ['subaccount_id', 'integer'],
  ['direction', 'text'],
  ['caller_no', 'text'],
  ['api_no', 'text'],
  ['start_time', 'float8'],
  ['origin_api', 'text'],
  ['sip_domain', 'text'],
  ['sip_forwarded_for', 'text'],
  ['process_id', 'uuid'],
] as const;

const laterColumns = [
  ['answer_time', 'float8'],
  ['dialog', 'jsonb'],
  ['end_time', 'float8'],
  ['duration_ms', 'bigint'],
  ['connect_time_sec', 'integer'],
  ['status', 'text'],
  ['hangup_end', 'text'],
  ['detection', 'text'],
  ['error', 'text'],
  ['audio', 'json'],
  ['end_callback', 'json'],
  ['end_callback_state', 'text'],
  ['end_callback_error', 'text'],
] as const;

type Columns<List extends readonly (readonly [string, string])[]> = {
  [Entry in List[number] as Entry[0]]: Entry[1] extends 'float8' | 'integer' | 'bigint'
    ? number
    : Entry[1] extends 'json' | 'jsonb'
      ? unknown
      : string;
};

/** The columns of a new row. */
export type OpeningColumns = Columns<typeof openingColumns>;
/** Columns to set in a row; those that are missing or `null` stay as they are. */
export type LaterColumns = { [Name in keyof Columns<typeof laterColumns>]?: Columns<typeof laterColumns>[Name] | null };

const definition = (columns: readonly (readonly [string, string])[]) =>
  columns.map(([name, type]) => `${name} ${type}`).join(', ');
const value = ([name, type]: readonly [string, string]) =>
  type === 'float8' ? `to_timestamp(n.${name} / 1000)` : `n.${name}`;

/** An open dialog and an undelivered callback are kept only as long as they are needed. */
function laterValue(column: readonly [string, string]): string {
  const [name] = column;
  const updated = `coalesce(${value(column)}, c.${name})`;
  if (name === 'dialog') return `case when n.end_time is null then ${updated} end`;
  if (name === 'end_callback') return `case when n.end_callback_state = 'delivered' then null else ${updated} end`;
  return updated;
}

const inserted = [...openingColumns, ...laterColumns];
const insertedValue = (column: readonly [string, string]) =>
  column[0] === 'end_callback_state' ? `coalesce(n.end_callback_state, 'none')` : value(column);

function statement(onConflict: string): string {
  return `with opened as (
  insert into calls (${inserted.map(([name]) => name).join(', ')})
  select ${inserted.map(insertedValue).join(', ')}
  from json_to_recordset($1::json) as n(${definition(inserted)}) ${onConflict}
), changed as (
  update calls c set ${laterColumns.map((column) => `${column[0]} = ${laterValue(column)}`).join(', ')}
  from json_to_recordset($2::json) as n(call_id text, ${definition(laterColumns)})
  where c.call_id = n.call_id returning c.call_id
), logged as (
  insert into call_events (call_id, first_seq, events)
  select n.call_id, n.first_seq, n.events
  from json_to_recordset($3::json) as n(call_id text, first_seq integer, events json) ${onConflict}
)
select call_id from changed`;
}

/**
 * Everything that happened to all calls of a moment, in one statement: $1 new rows, $2 changed rows, $3 chunks of event
 * logs. Its parts do not see each other's rows, so a call must not be both in $1 and in $2. Answers the changed calls.
 */
export const writeCalls = { name: 'write-calls', text: statement('') };
/** The same after a lost connection, when the rows may be there already. */
export const writeCallsAgain = { name: 'write-calls-again', text: statement('on conflict do nothing') };

/**
 * For the connections that run them: planned once, and with the index even while the table is small, for the plan stays
 * when the table has grown.
 */
export const writerSession =
  'set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off';
