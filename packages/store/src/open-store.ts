import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { createApiKeyStore } from './api-key-store.ts';
import { createApplicationStore } from './application-store.ts';
import { createCallStore } from './call-store.ts';
import { createCallWriter } from './call-writer.ts';
import type { Store, StoreLogger, StoreOptions } from './contract.ts';
import { makeDataDirectory } from './data-directory.ts';
import { connectDatabase, type Database } from './database.ts';
import { type EmbeddedServer, startEmbeddedServer } from './embedded/server.ts';
import { errorText, StoreError } from './errors.ts';
import { EventLog } from './event-log.ts';
import { GraphileJobQueue } from './job-queue.ts';
import { createMessageStore } from './message-store.ts';
import { migrate } from './migrate.ts';
import { createNumberStore } from './number-store.ts';
import { createRecordingStore } from './recording-store.ts';
import { createRegistrationStore } from './registration-store.ts';
import { openSecretBox, type SecretBox } from './secret-box.ts';
import { createSettingStore } from './setting-store.ts';
import { createSipUserStore } from './sip-user-store.ts';
import { createTranscriptStore } from './transcript-store.ts';

const silent: StoreLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/**
 * Opens the store: starts our own PostgreSQL unless a URL names one, connects, and brings the tables to this version.
 * @throws StoreError `data-directory`, `in-use`, `embedded`, `unreachable`, `secret` or `schema`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { dataDir, databaseUrl, logger = silent } = options;
  await makeDataDirectory(dataDir);
  const secrets = await openSecretBox(options.secretKeyFile ?? join(dataDir, 'secret.key'));
  const server = databaseUrl === undefined ? await startEmbeddedServer({ dataDir, logger }) : null;
  const processId = randomUUID();
  const database = connectDatabase(server?.address ?? { connectionString: databaseUrl }, processId, logger);
  try {
    await firstContact(database.writers, databaseUrl);
    await migrate(database.db, logger);
  } catch (error) {
    await database.close();
    await server?.stop();
    throw error;
  }
  return assemble({ options, logger, secrets, server, processId, database });
}

function assemble(parts: {
  options: StoreOptions;
  logger: StoreLogger;
  secrets: SecretBox;
  server: EmbeddedServer | null;
  processId: string;
  database: Database;
}): Store {
  const { options, logger, secrets, server, processId, database } = parts;
  const { db, writers } = database;
  const { cacheTtlMs = 5000, maxQueuedWrites: maxQueued = 100_000, closeTimeoutMs = 10_000 } = options;
  const writer = createCallWriter(writers, logger, maxQueued);
  const events = new EventLog({
    db,
    writer,
    flushIntervalMs: options.eventFlushIntervalMs ?? 50,
    maxBytes: options.maxEventBufferBytes ?? 64 * 1024 * 1024,
  });
  const registrations = createRegistrationStore({ db, pool: writers, logger, maxQueued });
  const jobs = new GraphileJobQueue(database.jobs, processId, logger);
  const { numbers, forget } = createNumberStore(db, cacheTtlMs);
  const close = async () => {
    await jobs.close(closeTimeoutMs);
    events.releaseAll();
    await Promise.all([writer.close(closeTimeoutMs), registrations.close(closeTimeoutMs)]);
    await database.close();
    await server?.stop();
  };
  let closing: Promise<void> | null = null;
  return {
    processId,
    applications: createApplicationStore(db, cacheTtlMs),
    apiKeys: createApiKeyStore(db, cacheTtlMs),
    sipUsers: createSipUserStore({ db, secrets, cacheTtlMs, forgetNumber: forget }),
    numbers,
    calls: createCallStore({ db, writer, events, processId }),
    events,
    registrations,
    settings: createSettingStore(db),
    recordings: createRecordingStore(db),
    transcripts: createTranscriptStore(db),
    messages: createMessageStore(db, processId),
    jobs,
    encrypt: (text, context) => secrets.encrypt(text, context),
    decrypt: (value, context) => secrets.decrypt(value, context),
    ping: () => ping(writers),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

async function firstContact(pool: pg.Pool, databaseUrl: string | undefined): Promise<void> {
  try {
    await pool.query('select 1');
  } catch (error) {
    const where =
      databaseUrl === undefined ? 'The built-in PostgreSQL' : `The database ${withoutPassword(databaseUrl)}`;
    throw new StoreError('unreachable', `${where} cannot be reached: ${errorText(error)}`, { cause: error });
  }
}

const pingTimeoutMs = 2000;

async function ping(pool: pg.Pool): Promise<void> {
  const answered = pool.query('select 1');
  const late = new AbortController();
  const timeout = delay(pingTimeoutMs, undefined, { signal: late.signal }).then(() => {
    throw new StoreError('unreachable', `The database has not answered for ${pingTimeoutMs} ms.`);
  });
  try {
    await Promise.race([answered, timeout]);
  } finally {
    late.abort();
    // Whichever of the two comes second has nobody waiting for it.
    answered.catch(() => undefined);
    timeout.catch(() => undefined);
  }
}

function withoutPassword(databaseUrl: string): string {
  return databaseUrl.replace(/(\/\/[^:/@]*):[^@]*@/, '$1:…@');
}
