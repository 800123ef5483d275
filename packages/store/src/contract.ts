/** The store as the rest of the system sees it. All methods reject with {@link StoreError} or PostgreSQL's own error. */
import type { MessageEnding, MessageFilter, MessageOpening, MessageRow, OutboundMessage } from './message-rows.ts';
import type {
  ApiKey,
  Application,
  CallAnswer,
  CallEnding,
  CallEvent,
  CallFlowConfiguration,
  CallListFilter,
  CallOpening,
  CallRow,
  EndCallback,
  NumberFacts,
  NumberRow,
  NumberSearch,
  ProvisionResult,
  RecordingEnding,
  RecordingFilter,
  RecordingOpening,
  RecordingRow,
  SipUser,
  SipUserCredentials,
} from './rows.ts';
import type {
  RecordingToTranscribe,
  TranscriptEnding,
  TranscriptOpening,
  TranscriptPiece,
  TranscriptRow,
} from './transcript-rows.ts';

/** Where the store reports; pino's loggers fit. */
export interface StoreLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface ApplicationStore {
  /** @throws StoreError `duplicate` when the SIP domain is in use. */
  create(application: { name: string; sipDomain: string }): Promise<Application>;
  /** Cached: on the path of every call. */
  get(appId: string): Promise<Application | null>;
  /** Cached. The domain's case does not matter. */
  byDomain(sipDomain: string): Promise<Application | null>;
  /** The oldest application. Cached: strangers' requests ask for it. */
  first(): Promise<Application | null>;
  list(): Promise<Application[]>;
  /** `false` when there is no such application. */
  setDefaultConfiguration(appId: string, configuration: CallFlowConfiguration | null): Promise<boolean>;
}

export interface ApiKeyStore {
  /** Only this answer holds the key itself; the database keeps its SHA-256. @throws StoreError `not-found` for an unknown application. */
  create(appId: string): Promise<{ id: string; key: string; hint: string }>;
  /** Cached for a few seconds. */
  authenticate(key: string): Promise<{ appId: string } | null>;
  list(appId: string): Promise<ApiKey[]>;
  /** `false` when the application has no such key. */
  remove(id: string, appId: string): Promise<boolean>;
}

export interface SipUserStore {
  /**
   * `no` becomes a number of kind `user` of the application, unless the application owns it already.
   * @throws StoreError `duplicate` (user or number in use), `not-found` for an unknown application.
   */
  create(user: SipUser & { password: string }): Promise<SipUser>;
  /** Cached, unknown users too. */
  find(username: string, domain: string): Promise<SipUserCredentials | null>;
  list(appId: string): Promise<SipUser[]>;
  /** Cached. The user whose caller id is `no`. */
  byNumber(no: string): Promise<SipUser | null>;
  /** `false` when there is no such user. */
  setPassword(username: string, domain: string, password: string): Promise<boolean>;
  /** Takes the user and its `user` number away. `false` when there is no such user. */
  remove(username: string, domain: string): Promise<boolean>;
}

export interface NumberStore {
  /** Puts numbers up for sale; those already known stay as they are. Resolves to how many were new. */
  addInventory(numbers: readonly NumberFacts[]): Promise<number>;
  /** Numbers for sale, in order of the number. */
  searchAvailable(search: NumberSearch): Promise<NumberRow[]>;
  /** Gives a number for sale to an application; succeeds again for its owner (and sets `inboundApi`). */
  provision(appId: string, inboundApi: string, no: string): Promise<ProvisionResult>;
  /**
   * Cached: on the path of every call. Writes of this process show at once; writes of another process on the same
   * database show after the cache's time to live (`cacheTtlMs`).
   */
  get(no: string): Promise<NumberRow | null>;
  list(appId: string): Promise<NumberRow[]>;
  /** `null` inherits the application's default again. Resolves to `null` when the application has no such number. */
  configure(no: string, appId: string, configuration: CallFlowConfiguration | null): Promise<NumberRow | null>;
  /** Up for sale again, without its configuration. `false` when the application has no such inventory number. */
  release(no: string, appId: string): Promise<boolean>;
}

/** What the calls of dead processes left behind. */
export interface Recovery {
  /** Calls that were never finished. */
  unfinished: CallRow[];
  /** Finished calls whose last callback was neither delivered nor given up. */
  pendingEndCallbacks: { callId: string; endCallback: EndCallback }[];
}

/**
 * Calls. Writes are gathered: all writes of a moment travel in one statement and one commit, and while it is under way
 * the next gathers. A promise resolves when the write is on the disk. Writes of one call apply in the order they were
 * made, awaited or not. @throws StoreError `overloaded` when too many writes wait, `closed` after `close()`.
 */
export interface CallStore {
  /** @throws StoreError or PostgreSQL's error (23505) when the call id is in use. */
  open(call: CallOpening): Promise<void>;
  /** @throws StoreError `not-found`, as do all of the following. */
  answered(callId: string, answer: CallAnswer): Promise<void>;
  /** The dialog changed (a new remote target, a transfer): replaces what `answered` stored. */
  setDialog(callId: string, dialog: unknown): Promise<void>;
  /** The events appended before are written with it. `endCallback` makes the call's callback `pending`. */
  finish(callId: string, ending: CallEnding): Promise<void>;
  endCallbackDelivered(callId: string): Promise<void>;
  /** Given up. `error` is for people. */
  endCallbackFailed(callId: string, error: string): Promise<void>;
  get(callId: string): Promise<CallRow | null>;
  /** Newest first; of the same time by id. */
  list(filter: CallListFilter): Promise<CallRow[]>;
  /**
   * Hands the calls of processes that no longer run over to this one, and returns them. A process counts as running
   * while the database has a connection of it. To be called once at start.
   */
  recover(): Promise<Recovery>;
}

/** Counters for metrics; all but the two `buffered…` only grow. */
export interface EventLogStats {
  bufferedEvents: number;
  bufferedBytes: number;
  appendedEvents: number;
  /** Refused because `maxEventBufferBytes` was reached, or given up because the database refused the row. */
  droppedEvents: number;
}

export interface EventStore {
  /**
   * Queues events of a call, in order. They are written within `eventFlushIntervalMs`, all calls in one statement.
   * Returns `false`, and drops and counts the events, when the buffer is full. Never throws.
   */
  append(callId: string, events: readonly CallEvent[]): boolean;
  /** Resolves when everything appended before, to this call or to all, is on the disk. */
  flush(callId?: string): Promise<void>;
  /** All events of the call in order; buffered ones are flushed first. */
  list(callId: string): Promise<CallEvent[]>;
  /** The highest `seq` on the disk, 0 when there is none: where to go on after a crash. */
  lastSeq(callId: string): Promise<number>;
  stats(): EventLogStats;
}

export interface RegistrationStore {
  /** Replaces the bindings of an address of record; an empty list removes it. Gathered like call writes. */
  save(aor: string, bindings: readonly unknown[]): Promise<void>;
  all(): Promise<{ aor: string; bindings: unknown[] }[]>;
}

/** What is known of recordings; their sound is in files. */
export interface RecordingStore {
  begin(recording: RecordingOpening): Promise<void>;
  finish(recordingId: string, ending: RecordingEnding): Promise<void>;
  /** `error` is for people. */
  fail(recordingId: string, error: string): Promise<void>;
  get(recordingId: string): Promise<RecordingRow | null>;
  /** Newest first; of the same time by id. */
  list(filter: RecordingFilter): Promise<RecordingRow[]>;
  /** Those that are under way, or were when a process died. */
  unfinished(): Promise<RecordingRow[]>;
  webhookDelivered(recordingId: string): Promise<void>;
  /** Given up. `error` is for people. */
  webhookFailed(recordingId: string, error: string): Promise<void>;
  /** Recordings that are over and whose webhook was neither delivered nor given up. */
  pendingWebhooks(): Promise<string[]>;
  /** `false` when there is no such recording. */
  remove(recordingId: string): Promise<boolean>;
}

/** What was said in calls and recordings, as text. */
export interface TranscriptStore {
  begin(transcript: TranscriptOpening): Promise<void>;
  /** Nothing when the transcript is gone, or has a piece of this sequence number. */
  add(transcriptId: string, piece: TranscriptPiece): Promise<void>;
  /** Takes all pieces away: it is written down anew. */
  clear(transcriptId: string): Promise<void>;
  /** Nothing when it has ended already. */
  finish(transcriptId: string, ending: TranscriptEnding): Promise<void>;
  get(transcriptId: string): Promise<TranscriptRow | null>;
  /** Those of a call and of its recordings, the oldest first. */
  ofCall(appId: string, callId: string): Promise<TranscriptRow[]>;
  /** Takes away those of a call and of its recordings that are over; resolves to how many. */
  removeOfCall(appId: string, callId: string): Promise<number>;
  /** The oldest transcript under way whose recording is over; null: there is none. */
  nextRecording(): Promise<RecordingToTranscribe | null>;
  /** Transcripts of calls, not of recordings, that are under way, or were when a process died. */
  unfinishedOfCalls(): Promise<string[]>;
  webhookDelivered(transcriptId: string): Promise<void>;
  /** Given up. `error` is for people. */
  webhookFailed(transcriptId: string, error: string): Promise<void>;
  /** Transcripts that are over and whose webhook was neither delivered nor given up. */
  pendingWebhooks(): Promise<string[]>;
}

/** Text messages in and out, and who has asked for no more. */
export interface MessageStore {
  /**
   * Resolves when it is on the disk, with what its keyword does: `withdrawn`, the application sends nothing more to the
   * sender; `given`, it may again. A message that is known by its `externalId` changes nothing.
   */
  receive(
    message: MessageOpening,
    consent: 'withdrawn' | 'given' | null,
  ): Promise<{ messageId: string; isNew: boolean }>;
  finish(messageId: string, ending: MessageEnding): Promise<void>;
  /** One that is there already changes nothing. */
  add(message: OutboundMessage): Promise<void>;
  get(messageId: string): Promise<MessageRow | null>;
  /** Newest first; of the same time by id. */
  list(filter: MessageFilter): Promise<MessageRow[]>;
  /** Not cached: an opt-out holds at once. */
  hasOptedOut(appId: string, no: string): Promise<boolean>;
  /** Ends the messages whose flows ran in processes that no longer run, and tells how many. To be called once at start. */
  recover(error: string): Promise<number>;
}

export interface SettingStore {
  /** `undefined` when it was never set. */
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
}

export interface JobContext {
  jobId: string;
  /** 1 for the first try. */
  attempt: number;
  maxAttempts: number;
  /** Aborted when the store is being closed: the job runs again after the next start. */
  signal: AbortSignal;
}

/** A handler that rejects is called again later: after about e, e², e³ … seconds (at most 6 hours), `maxAttempts` times. */
export type JobHandler = (payload: unknown, context: JobContext) => Promise<void>;

/** How a job is added. */
export interface JobOptions {
  jobKey?: string;
  keepExisting?: boolean;
  runAt?: Date;
  maxAttempts?: number;
}

/** Durable jobs: what is added survives a crash, and a job of a process that died is taken up again. */
export interface JobQueue {
  /** Before `start`. @throws StoreError when the task is defined already or the queue runs. */
  defineTask(name: string, handler: JobHandler): void;
  start(): Promise<void>;
  /**
   * A second job with the same `jobKey` replaces the first while that waits, its count of attempts begins anew; with
   * `keepExisting` it is not added at all. `maxAttempts` is 25 unless given.
   */
  add(name: string, payload: object, options?: JobOptions): Promise<void>;
}

export interface Store {
  /** New at every start: marks the calls this process runs. */
  readonly processId: string;
  readonly applications: ApplicationStore;
  readonly apiKeys: ApiKeyStore;
  readonly sipUsers: SipUserStore;
  readonly numbers: NumberStore;
  readonly calls: CallStore;
  readonly events: EventStore;
  readonly registrations: RegistrationStore;
  readonly settings: SettingStore;
  readonly recordings: RecordingStore;
  readonly transcripts: TranscriptStore;
  readonly messages: MessageStore;
  readonly jobs: JobQueue;
  /**
   * AES-256-GCM with the key of the data directory. `context` names the place the text belongs to (such as
   * `trunk:NAME`): it must be the same for `decrypt`, so that a value copied elsewhere does not open.
   */
  encrypt(text: string, context: string): string;
  /** @throws StoreError `secret` when the key, the context or the value is not the one it was made with. */
  decrypt(value: string, context: string): string;
  /** Resolves when the database answers. @throws when it does not within two seconds. */
  ping(): Promise<void>;
  /** Writes what is pending, stops the jobs and, if it is ours, the database server. Safe to call twice. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Made (mode 0700) when it does not exist. */
  dataDir: string;
  /** `postgres://user:password@host:port/database`. Without it our own PostgreSQL runs in `dataDir/postgres`. */
  databaseUrl?: string | undefined;
  logger?: StoreLogger | undefined;
  /** 32 bytes, made (mode 0600) when it does not exist. Default `dataDir/secret.key`. */
  secretKeyFile?: string | undefined;
  /** How long events may wait to be written together. Default 50. */
  eventFlushIntervalMs?: number | undefined;
  /** Events that wait for a slow or lost database; beyond it they are dropped and counted. Default 64 MiB. */
  maxEventBufferBytes?: number | undefined;
  /** Writes that wait for a slow or lost database; beyond it they are refused. Default 100 000. */
  maxQueuedWrites?: number | undefined;
  /** How long a cached row may be used. Default 5000. */
  cacheTtlMs?: number | undefined;
  /** How long `close` waits for pending writes when the database does not answer, and for running jobs. Default 10 000. */
  closeTimeoutMs?: number | undefined;
}
