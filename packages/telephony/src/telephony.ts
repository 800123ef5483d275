import type { KeyObject } from 'node:crypto';
import { createInterpreter } from '@voxology/callflow';
import type { Egress } from '@voxology/egress';
import type { AudioDecoder, MediaEngine } from '@voxology/media';
import type { DigestAlgorithm, Peer, SipEndpoint } from '@voxology/sip';
import type { Speech } from '@voxology/speech';
import type { Store } from '@voxology/store';
import type { Logger } from 'pino';
import { CallLogs } from './call/call-logs.ts';
import { Finish } from './call/finish.ts';
import { Switchboard } from './call/switchboard.ts';
import { CallbackClient } from './callback/callback-client.ts';
import { endCallbacks } from './callback/end-callbacks.ts';
import { Conferences } from './conference/conferences.ts';
import type { FlowLimits } from './flow-settings.ts';
import { BanList } from './inbound/ban-list.ts';
import { Identifier } from './inbound/identify.ts';
import { InboundCalls } from './inbound/inbound-calls.ts';
import { RefusedCalls } from './inbound/refused-calls.ts';
import { Registrations } from './inbound/registrations.ts';
import { HttpMessages, type HttpMessagesOptions } from './message/http-messages.ts';
import { HttpRequests } from './message/http-requests.ts';
import { Messages } from './message/messages.ts';
import { Recipients } from './message/recipients.ts';
import { SipMessages } from './message/sip-messages.ts';
import { NumberPlaces } from './number/place.ts';
import { Destinations } from './outbound/destination.ts';
import { Dialler } from './outbound/dialler.ts';
import { Inviter } from './outbound/inviter.ts';
import { OnNetTokens } from './outbound/on-net.ts';
import { RateLimit } from './outbound/rate-limit.ts';
import { type Trunk, TrunkSources } from './outbound/trunk.ts';
import { type PromptLimits, Prompts } from './prompt/prompts.ts';
import { Queues } from './queue/queues.ts';
import { recordingWebhooks } from './recording/recording-webhooks.ts';
import { type RecordingLimits, Recordings } from './recording/recordings.ts';
import { Heartbeat } from './recovery/heartbeat.ts';
import { recoverCalls } from './recovery/recover-calls.ts';
import { HouseSounds } from './sounds/house-sounds.ts';
import { Transfer } from './transfer/transfer.ts';

export interface TelephonySettings {
  trunks: readonly Trunk[];
  /** ISO 3166 code of the country whose national numbers people dial. */
  defaultCountry: string;
  allowedPrefixes: readonly string[];
  maxCalls: number;
  maxCallsPerSecond: number;
  /** Text messages of one application. */
  maxMessagesPerMinute: number;
  flow: FlowLimits;
  /** Longest text of a SAY: what speech takes. */
  maxSayCharacters: number;
  prompts: PromptLimits;
  recordings: RecordingLimits;
  /** Where messages to numbers go; null: nowhere. */
  messages: HttpMessagesOptions | null;
  auth: {
    maxFailures: number;
    banMs: number;
    nonceLifetimeMs: number;
    nonceKey: KeyObject;
    digestAlgorithms: readonly DigestAlgorithm[];
  };
  registration: { minExpiresSec: number; maxExpiresSec: number; defaultExpiresSec: number; maxBindingsPerUser: number };
}

export interface TelephonyParts {
  store: Store;
  endpoint: SipEndpoint;
  media: MediaEngine;
  /** Speaks at the telephone's sample rate. */
  speech: Speech;
  decoder: AudioDecoder;
  egress: Egress;
  log: Logger;
}

/** Calls, whole: takes INVITEs and REGISTERs of the endpoint, makes calls, runs their flows. */
export class Telephony {
  readonly switchboard: Switchboard;
  readonly dialler: Dialler;
  readonly conferences: Conferences;
  readonly queues: Queues;
  readonly messages: Messages;
  readonly places = new NumberPlaces();
  readonly #registrations: Registrations;
  readonly #heartbeat: Heartbeat;
  readonly #recordings: Recordings;
  readonly #recover: (lastAliveMs: number) => Promise<number>;
  readonly #onError: (error: unknown) => void;

  /** Wires everything; calls are taken after {@link start}. */
  constructor(parts: TelephonyParts, settings: TelephonySettings) {
    const { store, endpoint, media, speech, decoder, egress, log } = parts;
    const nowMs = Date.now;
    const onError = (callId: string, error: unknown) => log.error({ callId, err: error }, 'call failed');
    const interpreter = createInterpreter({ limits: { maxSayCharacters: settings.maxSayCharacters } });
    const callbacks = new CallbackClient(egress, nowMs);
    const logs = new CallLogs(store.events);
    const means = { client: callbacks, logs };
    const lastCallbacks = endCallbacks(store, means);
    const switchboard = new Switchboard({ store, logs, maxCalls: settings.maxCalls, nowMs, onDefect: onError });
    const finish = new Finish({
      store,
      endCallbacks: lastCallbacks,
      onRecorded: (call) => switchboard.recorded(call),
      onFinished: (call) => switchboard.finished(call),
      onError,
    });
    const prompts = new Prompts({ media, speech, decoder, egress }, settings.prompts, nowMs);
    const sounds = new HouseSounds(media);
    const recordings = new Recordings({
      store,
      webhooks: recordingWebhooks(store, means),
      limits: settings.recordings,
      nowMs,
    });
    this.conferences = new Conferences({ media, prompts, sounds, nowMs });
    this.queues = new Queues({ media, nowMs });

    const onNet = new OnNetTokens();
    const identifier = new Identifier({
      store,
      trunks: new TrunkSources(settings.trunks),
      onNet,
      bans: new BanList({ maxFailures: settings.auth.maxFailures, banMs: settings.auth.banMs }),
      nonceKey: settings.auth.nonceKey,
      nonceLifetimeMs: settings.auth.nonceLifetimeMs,
      digestAlgorithms: settings.auth.digestAlgorithms,
      nowMs,
    });
    const registrations = new Registrations(
      {
        minExpiresSec: settings.registration.minExpiresSec,
        maxExpiresSec: settings.registration.maxExpiresSec,
        defaultExpiresSec: settings.registration.defaultExpiresSec,
        maxBindingsPerAor: settings.registration.maxBindingsPerUser,
        isReachable: (source) => endpoint.reaches(source as Peer),
        now: nowMs,
      },
      identifier,
      store,
      (error) => log.error({ err: error }, 'registration not stored'),
    );
    const shared = {
      store,
      media,
      places: this.places,
      switchboard,
      limits: settings.flow,
      defaultCountry: settings.defaultCountry,
      nowMs,
    };
    const { defaultCountry, allowedPrefixes } = settings;
    this.messages = new Messages({
      store,
      recipients: new Recipients({ store, registrations, defaultCountry, allowedPrefixes }),
      defaultCountry,
      users: new SipMessages(endpoint),
      numbers: settings.messages === null ? null : new HttpMessages(egress, settings.messages),
      perMinute: settings.maxMessagesPerMinute,
      nowMs,
    });
    const refusedCalls = new RefusedCalls({ store, logs, interpreter, endCallbacks: lastCallbacks, nowMs, onError });
    const inbound = new InboundCalls({ ...shared, identifier, refusedCalls });
    const outward = {
      ...shared,
      inviter: new Inviter({ endpoint, onNet, ownPeer: () => ownPeer(endpoint) }),
      destinations: new Destinations({
        store,
        registrations,
        trunks: settings.trunks,
        defaultCountry: settings.defaultCountry,
        allowedPrefixes: settings.allowedPrefixes,
      }),
      rateLimit: new RateLimit({ perSecond: settings.maxCallsPerSecond, burst: settings.maxCallsPerSecond }, nowMs()),
    };
    this.dialler = new Dialler(outward);
    const transferServices = { ...outward, sounds };
    switchboard.use({
      interpreter,
      callbacks,
      prompts,
      finish,
      nowMs,
      dial: ({ appId }, { no, callerIdNo, sessionData, ringTimeoutMs, maxCallTimeMs }) =>
        this.dialler.dial({ appId, no, callerIdNo, sessionData, ringTimeoutMs, maxCallTimeMs }),
      onDefect: onError,
      connections: {
        transfer: (party, effect) => new Transfer(transferServices, party, effect),
        conferences: this.conferences,
        queues: this.queues,
      },
      http: new HttpRequests(egress, nowMs),
      messages: this.messages,
      attachments: { egress, recordings, beep: () => sounds.get('beep') },
    });
    this.switchboard = switchboard;
    this.#registrations = registrations;
    this.#heartbeat = new Heartbeat(store.settings, nowMs);
    this.#onError = (error) => log.error({ err: error }, 'sign of life not stored');
    this.#recordings = recordings;
    this.#recover = (lastAliveMs) =>
      recoverCalls({
        lastAliveMs,
        store,
        endpoint,
        interpreter,
        endCallbacks: lastCallbacks,
        logs,
        places: this.places,
        limits: settings.flow,
        nowMs,
        onError,
      });

    endpoint.on('invite', (incoming) => void inbound.take(incoming));
    endpoint.onRequest('REGISTER', (request, source, respond) => {
      registrations.register(request, source).then(
        ({ status, ...rest }) => respond(status, rest),
        (error: unknown) => {
          log.error({ err: error }, 'REGISTER failed');
          respond(500);
        },
      );
    });
  }

  /** Restores registrations and closes what a crash left open. The endpoint must be listening. */
  async start(): Promise<{ recoveredCalls: number }> {
    await this.#registrations.restore();
    await this.#recordings.recover();
    const recoveredCalls = await this.#recover(await this.#heartbeat.lastMs());
    this.#heartbeat.start(() => this.switchboard.size > 0, this.#onError);
    return { recoveredCalls };
  }

  /** Takes no more calls, gives the live ones `graceMs` to end, then ends them. */
  async stop(graceMs: number, hangUpMs: number): Promise<void> {
    await this.switchboard.drain(graceMs, hangUpMs);
    this.#heartbeat.stop();
  }
}

/** A listener of ours as we reach it from this machine. */
function ownPeer(endpoint: SipEndpoint): Peer {
  const [listener] = endpoint.listeners;
  if (listener === undefined) throw new Error('the SIP endpoint does not listen');
  const { protocol, host, port } = listener;
  return { protocol, address: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port };
}
