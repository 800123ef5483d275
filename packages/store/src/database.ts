import type {
  KyselyPlugin,
  PluginTransformResultArgs,
  PrimitiveValueListNode,
  QueryId,
  QueryResult,
  RootOperationNode,
  UnknownRow,
} from 'kysely';
import {
  Kysely,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  PostgresDialect,
  type ValueNode,
} from 'kysely';
import pg from 'pg';
import { writerSession } from './call-columns.ts';
import type { StoreLogger } from './contract.ts';
import { errorText } from './errors.ts';
import { storableText } from './json-text.ts';
import type { Tables } from './tables.ts';

/** Everything that holds connections. Reads, writes and jobs have pools of their own: none can starve another. */
export interface Database {
  /** Typed queries. */
  db: Kysely<Tables>;
  /** For the batch writers: always at least one connection, which marks this process as running. */
  writers: pg.Pool;
  jobs: pg.Pool;
  close(): Promise<void>;
}

/** How the database names a process in `pg_stat_activity`. */
export function applicationName(processId: string): string {
  return `voxology-${processId}`;
}

const readConnections = 4;
const writeConnections = 2;
/** One listens, one fetches, one completes. */
const jobConnections = 3;

export function connectDatabase(address: pg.ClientConfig, processId: string, logger: StoreLogger): Database {
  let closing = false;
  const lost = (error: unknown, message: string) => {
    // A connection that our own server ends as it stops is no loss.
    if (!closing) logger.warn({ error: errorText(error) }, message);
  };
  const pool = (max: number, min: number, session?: string) => {
    const made = new pg.Pool({
      ...address,
      max,
      min,
      application_name: applicationName(processId),
      connectionTimeoutMillis: 10_000,
      query_timeout: 60_000,
      keepAlive: true,
      ...(session !== undefined && { onConnect: (client: pg.ClientBase) => client.query(session) }),
    });
    // Without listeners a dying server would end this process.
    made.on('error', (error) => lost(error, 'an idle database connection was lost'));
    made.on('connect', (client) => {
      client.on('error', (error) => lost(error, 'a database connection was lost'));
    });
    return made;
  };
  const readers = pool(readConnections, 0);
  const writers = pool(writeConnections, 1, writerSession);
  const jobs = pool(jobConnections, 0);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: readers }), plugins: [new StorableStrings()] });
  return {
    db,
    writers,
    jobs,
    close: async () => {
      closing = true;
      await Promise.all([db.destroy(), writers.end(), jobs.end()]);
    },
  };
}

/** Makes every string parameter one that PostgreSQL can take: a hostile user name must not fail a lookup. */
class StorableStrings implements KyselyPlugin {
  readonly #transformer = new StorableStringsTransformer();

  transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
    return this.#transformer.transformNode(node, queryId);
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return result;
  }
}

class StorableStringsTransformer extends OperationNodeTransformer {
  protected override transformValue(node: ValueNode, queryId?: QueryId): ValueNode {
    return { ...super.transformValue(node, queryId), value: storable(node.value) };
  }

  protected override transformPrimitiveValueList(
    node: PrimitiveValueListNode,
    queryId?: QueryId,
  ): PrimitiveValueListNode {
    return { ...super.transformPrimitiveValueList(node, queryId), values: node.values.map(storable) };
  }
}

function storable(value: unknown): unknown {
  return typeof value === 'string' ? storableText(value) : value;
}
