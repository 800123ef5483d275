import { ha1 } from '@voxology/sip';
import {
  type Application,
  type CallEnding,
  type CallEvent,
  type CallFlowConfiguration,
  type CallOpening,
  type CallRow,
  type JobHandler,
  type MessageEnding,
  type MessageOpening,
  type MessageRow,
  type NumberRow,
  type OutboundMessage,
  type Recovery,
  type SipUserCredentials,
  type Store,
  StoreError,
  type TranscriptEnding,
  type TranscriptOpening,
  type TranscriptPiece,
  type TranscriptRow,
} from '@voxology/store';

export const APP_ID = '11111111-2222-4333-8444-555555555555';
export const DOMAIN = 'one.example';
export const NUMBER = '+14155550100';
export const USER_NO = '+12125550101';
export const PASSWORD = 'secret';
export const CONFIGURATION: CallFlowConfiguration = {
  callback: { url: 'http://flow.example/', method: 'POST', content_type: 'application/json' },
  answer_on_ring: 0,
  custom_data: { tenant: 7 },
};

/** A store in memory, of one application with a number and a SIP user. `refuse` makes writes fail. */
export class MemoryStore {
  readonly rows = new Map<string, Partial<CallRow> & CallOpening>();
  readonly log: (CallEvent & { callId: string })[] = [];
  readonly jobsAdded: unknown[] = [];
  readonly tasks = new Map<string, JobHandler>();
  readonly numberRows = new Map<string, NumberRow>([[NUMBER, numberRow(NUMBER, CONFIGURATION)]]);
  recovery: Recovery = { unfinished: [], pendingEndCallbacks: [] };
  refuse: { open?: Error; finish?: Error; jobs?: Error } = {};

  readonly application: Application = {
    appId: APP_ID,
    name: 'One',
    sipDomain: DOMAIN,
    defaultConfiguration: null,
    createdTimeMs: 0,
  };
  readonly user: SipUserCredentials = {
    appId: APP_ID,
    username: 'alice',
    domain: DOMAIN,
    no: USER_NO,
    ha1Md5: ha1('alice', DOMAIN, PASSWORD, 'MD5'),
    ha1Sha256: ha1('alice', DOMAIN, PASSWORD, 'SHA-256'),
  };

  readonly applications = {
    get: async (appId: string) => (appId === APP_ID ? this.application : null),
    byDomain: async (domain: string) => (domain.toLowerCase() === DOMAIN ? this.application : null),
    first: async () => this.application,
  };
  readonly numbers = { get: async (no: string) => this.numberRows.get(no) ?? null };
  readonly sipUsers = {
    find: async (name: string, domain: string) => (name === 'alice' && domain === DOMAIN ? this.user : null),
    byNumber: async (no: string) => (no === USER_NO ? this.user : null),
  };
  readonly calls = {
    open: async (call: CallOpening) => {
      if (this.refuse.open !== undefined) throw this.refuse.open;
      this.rows.set(call.callId, { ...call });
    },
    answered: async (callId: string, answer: object) => this.#change(callId, answer),
    setDialog: async (callId: string, dialog: unknown) => this.#change(callId, { dialog }),
    finish: async (callId: string, ending: CallEnding) => {
      if (this.refuse.finish !== undefined) throw this.refuse.finish;
      this.#change(callId, { ...ending, endCallbackState: ending.endCallback === null ? 'none' : 'pending' });
    },
    endCallbackDelivered: async (callId: string) => this.#change(callId, { endCallbackState: 'delivered' }),
    endCallbackFailed: async (callId: string, error: string) =>
      this.#change(callId, { endCallbackState: 'failed', endCallbackError: error }),
    get: async (callId: string) => this.rows.get(callId) ?? null,
    recover: async () => this.recovery,
  };
  readonly events = {
    append: (callId: string, events: readonly CallEvent[]) => {
      for (const event of events) this.log.push({ ...event, callId });
      return true;
    },
    list: async (callId: string) => this.log.filter((event) => event.callId === callId),
    lastSeq: async (callId: string) => this.log.findLast((event) => event.callId === callId)?.seq ?? 0,
  };
  readonly messageRows: (Partial<MessageRow> & { messageId: string; externalId?: string | null })[] = [];
  readonly optOuts = new Set<string>();
  readonly messages = {
    receive: async (message: MessageOpening, consent: 'withdrawn' | 'given' | null) => {
      const known = this.messageRows.find((row) => row.externalId != null && row.externalId === message.externalId);
      if (known !== undefined) return { messageId: known.messageId, isNew: false };
      this.messageRows.push({ ...message, direction: 'inbound', status: 'received' });
      if (consent === 'withdrawn') this.optOuts.add(message.callerNo);
      if (consent === 'given') this.optOuts.delete(message.callerNo);
      return { messageId: message.messageId, isNew: true };
    },
    finish: async (messageId: string, ending: MessageEnding) => {
      const row = this.messageRows.find((other) => other.messageId === messageId);
      if (row !== undefined) Object.assign(row, ending);
    },
    add: async (message: OutboundMessage) => void this.messageRows.push({ ...message, direction: 'outbound' }),
    hasOptedOut: async (_appId: string, no: string) => this.optOuts.has(no),
    recover: async () => 0,
  };
  readonly transcriptRows = new Map<string, TranscriptRow>();
  readonly transcripts = {
    begin: async (opening: TranscriptOpening) => {
      const beginning = {
        status: 'in_progress',
        error: null,
        pieces: [],
        webhookState: 'none',
        webhookError: null,
      } as const;
      this.transcriptRows.set(opening.transcriptId, { ...opening, ...beginning, pieces: [] });
    },
    add: async (transcriptId: string, piece: TranscriptPiece) =>
      void this.transcriptRows.get(transcriptId)?.pieces.push(piece),
    finish: async (transcriptId: string, ending: TranscriptEnding) => {
      const row = this.transcriptRows.get(transcriptId);
      if (row !== undefined) Object.assign(row, ending, { webhookState: row.webhook === null ? 'none' : 'pending' });
    },
    get: async (transcriptId: string) => this.transcriptRows.get(transcriptId) ?? null,
    webhookDelivered: async (transcriptId: string) => this.#told(transcriptId, { webhookState: 'delivered' }),
    webhookFailed: async (transcriptId: string, webhookError: string) =>
      this.#told(transcriptId, { webhookState: 'failed', webhookError }),
    unfinishedOfCalls: async () =>
      [...this.transcriptRows.values()].filter((row) => row.status === 'in_progress').map((row) => row.transcriptId),
    pendingWebhooks: async () =>
      [...this.transcriptRows.values()].filter((row) => row.webhookState === 'pending').map((row) => row.transcriptId),
  };
  readonly registrations = { save: async () => undefined, all: async () => [] };
  readonly jobs = {
    defineTask: (name: string, handler: JobHandler) => void this.tasks.set(name, handler),
    add: async (_name: string, payload: object) => {
      if (this.refuse.jobs !== undefined) throw this.refuse.jobs;
      this.jobsAdded.push(payload);
    },
  };

  /** The only call there is. */
  get row(): Partial<CallRow> & CallOpening {
    const [row] = this.rows.values();
    if (row === undefined || this.rows.size !== 1) throw new Error(`${this.rows.size} calls in the store, not 1`);
    return row;
  }

  /** Types of the logged lines of a kind. */
  logged(kind: CallEvent['kind']): string[] {
    return this.log.filter((event) => event.kind === kind).map(({ type }) => type);
  }

  asStore(): Store {
    return this as unknown as Store;
  }

  #told(transcriptId: string, columns: Partial<TranscriptRow>): void {
    Object.assign(this.transcriptRows.get(transcriptId) ?? {}, columns);
  }

  #change(callId: string, columns: object): void {
    const row = this.rows.get(callId);
    if (row === undefined) throw new StoreError('not-found', `There is no call ${callId}`);
    Object.assign(row, columns);
  }
}

export function numberRow(no: string, configuration: CallFlowConfiguration | null): NumberRow {
  return {
    no,
    formatted: no,
    sandbox: true,
    country: 'US',
    region: 'CA',
    city: 'San Francisco',
    rateCenter: null,
    timezone: null,
    npa: '415',
    capabilities: ['voice'],
    kind: 'inventory',
    appId: APP_ID,
    inboundApi: 'CallFlows',
    configuration,
    provisionedTimeMs: 0,
  };
}
