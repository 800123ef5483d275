import { createSecretKey } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { defaultFlowSettings } from '@voxology/callflow';
import type { EgressRequest } from '@voxology/egress';
import type { SessionOptions } from '@voxology/media';
import {
  type Dialog,
  type InviteOptions,
  LoopbackNetwork,
  type OutgoingCall,
  type Peer,
  SipEndpoint,
  VirtualClock,
} from '@voxology/sip';
import { Recognition } from '@voxology/speech';
import type { Logger } from 'pino';
import { Telephony, type TelephonyParts, type TelephonySettings } from '../telephony.ts';
import { FakeRoom } from './fake-room.ts';
import { FakeSession, SDP } from './fake-session.ts';
import { DOMAIN, MemoryStore, NUMBER, PASSWORD } from './memory-store.ts';

type Answer = object | { fails: string } | 'never';

export const MESSAGE_PROVIDER = 'http://sms.example/';
export const SERVER: Peer = { protocol: 'udp', address: '10.0.0.1', port: 5060 };

interface ExchangeOptions extends Partial<Pick<TelephonySettings, 'maxCalls' | 'messages'>> {
  maxFailures?: number;
  trunkSrtp?: 'none' | 'sdes';
  autoReplies?: Partial<TelephonySettings['inbox']['autoReplies']>;
}

/** The whole of telephony on a network in memory: a server, phones, a trunk, and a user's server that answers by script. */
export class Exchange {
  readonly clock = new VirtualClock();
  readonly network = new LoopbackNetwork(this.clock);
  readonly store = new MemoryStore();
  readonly sessions: FakeSession[] = [];
  /** Bridges and rooms: what was asked of them, in order. */
  readonly groups: string[] = [];
  readonly rooms: FakeRoom[] = [];
  readonly errors: unknown[] = [];
  /** Callbacks as they came, in order. */
  readonly callbacks: Record<string, unknown>[] = [];
  /** Answers of the user's server, the last one repeats; an `end_call` is answered `{}`. */
  script: Answer[] = [{ actions: [{ type: 'HANGUP' }] }];
  endCallAnswer: Answer = {};
  /** What the message provider (http://sms.example/) got, and its answers; the last one repeats. */
  readonly handedOver: EgressRequest[] = [];
  providerAnswers: { status: number; body: string }[] = [{ status: 202, body: '' }];
  /** What PLAY and SAY are given. */
  prompt: () => Promise<Int16Array> = async () => new Int16Array(new SharedArrayBuffer(16));
  noPort: Error | null = null;
  /** What a new media session waits for. */
  beforeSession: Promise<void> = Promise.resolve();
  /** Aborted requests of the user's server. */
  aborted = 0;
  readonly endpoint = this.#endpoint('10.0.0.1', ['udp', 'ws']);
  readonly telephony: Telephony;
  readonly #phones = new Map<SipEndpoint, 'udp' | 'ws'>();

  constructor({
    maxCalls = 10,
    maxFailures = 3,
    trunkSrtp = 'none',
    messages = null,
    autoReplies = {},
  }: ExchangeOptions = {}) {
    const log = { error: ({ err }: { err: unknown }) => this.errors.push(err) } as unknown as Logger;
    const {
      callback: _,
      callbackFailover: __,
      answerOnRing: ___,
      ...flow
    } = defaultFlowSettings({
      url: '',
      method: 'GET',
      contentType: '',
    });
    const target: Peer = { protocol: 'udp', address: '10.0.0.3', port: 5060 };
    this.telephony = new Telephony({ ...this.#parts(), log } as unknown as TelephonyParts, {
      trunks: [
        { name: 'carrier', target, allowFrom: ['10.0.0.3'], prefixes: ['+'], srtp: trunkSrtp, credentials: null },
      ],
      defaultCountry: 'US',
      allowedPrefixes: ['+1'],
      maxUtteranceMs: 30_000,
      maxCalls,
      maxCallsPerSecond: 100,
      maxMessagesPerMinute: 10,
      inbox: {
        limits: { maxCharacters: 100, perSenderAndHour: 8, maxFlows: 5 },
        maxFlowMs: 10_000,
        autoReplies: { 'Opt-In': null, 'Opt-Out': null, Help: null, ...autoReplies },
      },
      httpRequests: { perCall: 20, total: 1000 },
      flow,
      prompts: { maxFileBytes: 1000, maxDurationMs: 1000, cacheBytes: 1000, recheckMs: 0 },
      messages,
      recordings: { dir: '/nonexistent', maxDurationMs: 60_000, maxBytes: 1_000_000 },
      auth: {
        maxFailures,
        banMs: 60_000,
        nonceLifetimeMs: 60_000,
        nonceKey: createSecretKey(Buffer.alloc(32, 1)),
        digestAlgorithms: ['SHA-256', 'MD5'],
      },
      registration: { minExpiresSec: 60, maxExpiresSec: 3600, defaultExpiresSec: 300, maxBindingsPerUser: 5 },
    });
  }

  static async open(options: ExchangeOptions = {}): Promise<Exchange> {
    const exchange = new Exchange(options);
    await exchange.endpoint.start();
    // The tables of places are files, which no turn of the test's clock waits for.
    await exchange.telephony.places.of(NUMBER);
    return exchange;
  }

  /** A SIP program of someone else's at this address; a browser by `ws`. */
  async phoneAt(address: string, protocol: 'udp' | 'ws' = 'udp'): Promise<SipEndpoint> {
    const phone = this.#endpoint(address, [protocol]);
    this.#phones.set(phone, protocol);
    await phone.start();
    return phone;
  }

  /** Registers alice there. */
  async register(phone: SipEndpoint, address: string, headers: [string, string][] = []): Promise<number | null> {
    const result = phone.request({
      method: 'REGISTER',
      uri: `sip:${DOMAIN}`,
      from: `<sip:alice@${DOMAIN}>`,
      to: `<sip:alice@${DOMAIN}>`,
      destination: { ...SERVER, protocol: this.#phones.get(phone) ?? 'udp' },
      headers: [['Contact', `<sip:alice@${address}:5060>`], ...headers],
      credentials: { username: 'alice', password: PASSWORD },
    });
    await this.settle();
    const answer = await result;
    return answer.ok ? answer.response.status : null;
  }

  /** A phone calls, as alice unless told otherwise. */
  call(phone: SipEndpoint, options: Partial<InviteOptions> = {}): PhoneCall {
    return new PhoneCall(
      phone.invite({
        uri: `sip:${NUMBER}@${DOMAIN}`,
        destination: SERVER,
        from: { uri: `sip:alice@${DOMAIN}` },
        to: { uri: `sip:${NUMBER}@${DOMAIN}` },
        sdp: SDP,
        credentials: { username: 'alice', password: PASSWORD },
        ...options,
      }),
    );
  }

  /** Lets everything happen that happens within `ms` on the wire, and what follows of it. */
  async settle(ms = 50): Promise<void> {
    for (let passedMs = 0; passedMs <= ms; passedMs += Math.max(5, ms / 20)) {
      for (let turns = 0; turns < 6; turns++) await turn();
      this.clock.advance(Math.max(5, ms / 20));
    }
    for (let turns = 0; turns < 6; turns++) await turn();
  }

  /** First words of what was sent from an address. */
  sentFrom(address: string): string[] {
    return this.network.passages
      .filter(({ from }) => from.startsWith(`${address}:`))
      .map(({ text }) =>
        text
          .split(' ', 2)
          .join(' ')
          .replace('SIP/2.0 ', '')
          .replace(/ sip:.*/, ''),
      );
  }

  get session(): FakeSession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error('no media session was made');
    return session;
  }

  callbackTypes(): unknown[] {
    return this.callbacks.map(({ type }) => type);
  }

  async close(): Promise<void> {
    for (const endpoint of [this.endpoint, ...this.#phones.keys()]) await endpoint.close();
  }

  #endpoint(address: string, protocols: readonly ('udp' | 'ws')[]): SipEndpoint {
    const transports = protocols.map((protocol) => this.network.transport(protocol, address, 5060));
    const endpoint = new SipEndpoint({ transports, clock: this.clock, userAgent: 'test' });
    return endpoint.on('listenerError', (error) => this.errors.push(error));
  }

  #parts() {
    return {
      store: this.store.asStore(),
      endpoint: this.endpoint,
      media: {
        createSession: async (options: SessionOptions = {}) => {
          await this.beforeSession;
          if (this.noPort !== null) throw this.noPort;
          const session = new FakeSession(`s${this.sessions.length + 1}`, options);
          this.sessions.push(session);
          return session;
        },
        bridge: (a: FakeSession, b: FakeSession) => {
          this.groups.push(`bridge ${a.name} ${b.name}`);
          return { close: () => this.groups.push(`unbridge ${a.name} ${b.name}`) };
        },
        createRoom: () => {
          const room = new FakeRoom((act) => this.groups.push(act));
          this.rooms.push(room);
          return room;
        },
        loadPrompt: ({ id, samples }: { id: string; samples: Int16Array }) => ({ id, durationMs: samples.length / 8 }),
        dropPrompt: () => undefined,
      },
      speech: { say: async () => ({ samples: await this.prompt(), sampleRateHz: 8000 }) },
      recognition: new Recognition({ recognizer: null, missing: 'this server has no speech recognition' }),
      decoder: {},
      egress: { request: (request: EgressRequest) => this.#answer(request) },
    };
  }

  async #answer(request: EgressRequest) {
    const { body, signal, url, method } = request;
    if (url.startsWith(MESSAGE_PROVIDER)) return this.#takeMessage(request);
    const callback = JSON.parse(String(body)) as Record<string, unknown>;
    this.callbacks.push(callback);
    const answer = callback.type === 'end_call' ? this.endCallAnswer : this.#next();
    if (answer === 'never') {
      return await new Promise<never>((_, reject) =>
        signal?.addEventListener('abort', () => {
          this.aborted += 1;
          reject(new Error('aborted'));
        }),
      );
    }
    if ('fails' in answer) throw new Error(`${method} ${url} ${answer.fails}`);
    return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(answer)), url, attempts: [] };
  }

  #takeMessage(request: EgressRequest) {
    this.handedOver.push(request);
    const answers = this.providerAnswers;
    const [{ status, body } = { status: 500, body: '' }] = answers.length > 1 ? answers.splice(0, 1) : answers;
    const { url, method } = request;
    request.onAttempt?.({
      url,
      method,
      startedAtMs: 0,
      durationMs: 1,
      status,
      errorCode: null,
      errorText: null,
      bytes: body.length,
    });
    return { status, headers: {}, body: Buffer.from(body), url, attempts: [] };
  }

  #next(): Answer {
    const [answer = {}] = this.script.length > 1 ? this.script.splice(0, 1) : this.script;
    return answer;
  }
}

/** A call of a phone to us: what came back. */
export class PhoneCall {
  readonly outgoing: OutgoingCall;
  readonly progress: number[] = [];
  /** 200, or the status it failed with. */
  final: number | null | undefined;
  dialog: Dialog | null = null;
  hungUp = false;

  constructor(outgoing: OutgoingCall) {
    this.outgoing = outgoing;
    outgoing.on('progress', ({ status }) => this.progress.push(status));
    outgoing.on('failed', ({ status }) => {
      this.final = status;
    });
    outgoing.on('answered', ({ dialog }) => {
      this.final = 200;
      this.dialog = dialog;
      dialog.on('bye', () => {
        this.hungUp = true;
      });
    });
  }
}
