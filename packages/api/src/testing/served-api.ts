import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '@voxology/store';
import type {
  CallSound,
  ConferencePlace,
  DialRequest,
  LiveCall,
  LiveCommand,
  LiveConference,
  MessageRequest,
  Receipt,
  ReceivedMessage,
} from '@voxology/telephony';
import type { FastifyBaseLogger, FastifyInstance, InjectOptions } from 'fastify';
import { afterAll, beforeAll, beforeEach, vi } from 'vitest';
import { createApi } from '../api.ts';
import type { ApiContext } from '../context.ts';

/** The number that the application has. */
export const NO = '+14155550100';
/** A number that is for sale. */
export const FREE = '+14155550101';
/** Of the number's configuration. */
export const PATH = `CallFlows/Configurations/PhoneNumbers/${NO}`;
export const REQUESTS_PER_MINUTE = 500;
export const callback = { url: 'https://example.com/flow', method: 'GET' };

/** What the telephony behind the API is asked to do, and what it answers; new for every test. */
interface TelephonySeen {
  dialled: DialRequest[];
  messages: MessageRequest[];
  received: ReceivedMessage[];
  commands: LiveCommand[];
  /** Why no call is started, and no message sent but to {@link NO}. */
  refusal: Error | null;
  /** Of messages that come in. */
  receipt: Receipt;
  live: LiveCall[];
  /** Of every live call. */
  sound: CallSound;
  /** Of the first application. */
  conferences: LiveConference[];
  /** Of every live call. */
  place: ConferencePlace | null;
}

/** An API over a store of its own, with two applications. */
interface OpenApi {
  api: FastifyInstance;
  store: Store;
  recordingsDir: string;
  appId: string;
  key: string;
  /** Of the other application. */
  otherKey: string;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  body: Record<string, unknown> & { phone_numbers: never[] };
}

type Telephony = ApiContext['telephony'];

interface ServedApi extends OpenApi, TelephonySeen {
  /** @param url below `/v1/`, or from the root when it begins with a slash */
  ask(method: string, url: string, payload?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

/** Opens an API for the tests of a file, and closes it after them. Only `ask` can be taken out of it before they run. */
export function serveApi(): ServedApi {
  vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });
  const served = {
    ask: async (method, url, payload, headers) => {
      const response = await served.api.inject({
        method,
        url: url.startsWith('/') ? url : `/v1/${url}`,
        headers: { host: 'localhost:8080', 'x-api-key': served.key, ...headers },
        ...(payload === undefined ? {} : { payload }),
      } as InjectOptions);
      return { status: response.statusCode, body: response.json() };
    },
  } as ServedApi;
  beforeAll(async () => {
    Object.assign(served, await open(telephonySeenBy(served)));
  });
  beforeEach(() => {
    const seen: TelephonySeen = {
      dialled: [],
      messages: [],
      received: [],
      commands: [],
      refusal: null,
      receipt: { kind: 'taken', messageId: 'm1' },
      live: [],
      sound: { audio: null, streams: [] },
      conferences: [],
      place: null,
    };
    Object.assign(served, seen);
  });
  afterAll(() => served.close());
  return served;
}

async function open(telephony: Telephony): Promise<OpenApi> {
  const dataDir = await mkdtemp(join(tmpdir(), 'voxology-api-'));
  const recordingsDir = join(dataDir, 'recordings');
  const store = await openStore({ dataDir });
  const { appId } = await store.applications.create({ name: 'One', sipDomain: 'one.example' });
  const other = await store.applications.create({ name: 'Two', sipDomain: 'two.example' });
  const { key } = await store.apiKeys.create(appId);
  const { key: otherKey } = await store.apiKeys.create(other.appId);
  await store.numbers.addInventory([NO, FREE, '+18005550100'].map(facts));
  await store.numbers.provision(appId, 'CallFlows', NO);
  const api = await createApi(
    {
      store,
      defaultCountry: 'US',
      recordingsDir,
      urlRefusal: (url) => (url.includes('10.0.0.1') ? '10.0.0.1 is refused' : null),
      telephony,
    },
    {
      log: silent,
      allowedHosts: new Set(['localhost']),
      requestsPerMinute: REQUESTS_PER_MINUTE,
      messageProvider: { name: 'X-Provider', value: 'secret-of-the-provider' },
      maxBodyBytes: 10_000,
      version: '0',
    },
  );
  await api.ready();
  const close = async () => {
    await api.close();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { api, store, recordingsDir, appId, key, otherKey, close };
}

function telephonySeenBy(seen: TelephonySeen & { appId: string }): Telephony {
  return {
    dialler: {
      dial: async (request) => {
        if (seen.refusal !== null) throw seen.refusal;
        seen.dialled.push(request);
        return { callId: 'c@1' };
      },
    },
    messages: {
      send: async (request) => {
        if (seen.refusal !== null && request.to !== NO) throw seen.refusal;
        seen.messages.push(request);
        return { from: request.from, to: request.to };
      },
    },
    inbox: {
      receive: async (message) => {
        seen.received.push(message);
        return seen.receipt;
      },
    },
    conferences: {
      live: (id) => (id === seen.appId ? seen.conferences : []),
      find: (id, name) => seen.conferences.find((one) => id === seen.appId && one.name === name) ?? null,
      placeOf: () => seen.place,
    },
    switchboard: {
      live: (id) => seen.live.filter((call) => call.appId === id),
      liveSound: async (id, callId) => {
        const call = seen.live.find((one) => one.appId === id && one.callId === callId);
        return call === undefined ? null : { ...call, ...seen.sound };
      },
      command: (id, callId, command) => {
        const isThere = seen.live.some((call) => call.appId === id && call.callId === callId);
        if (isThere) seen.commands.push(command);
        return isThere;
      },
    },
  };
}

const facts = (no: string) => ({
  no,
  formatted: no,
  sandbox: true,
  country: 'US',
  region: 'CA',
  city: 'San Francisco',
  rateCenter: 'SAN FRANCISCO',
  timezone: 'America/Los_Angeles',
  npa: no.slice(2, 5),
  capabilities: ['voice', 'voice_inbound', 'voice_outbound'],
});

const nothing = () => undefined;
const silent: FastifyBaseLogger = {
  level: 'silent',
  fatal: nothing,
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  trace: nothing,
  silent: nothing,
  child: () => silent,
};
