import type { KeyObject } from 'node:crypto';
import { createInterpreter, type KeywordType } from '@voxology/callflow';
import type { Egress } from '@voxology/egress';
import type { AudioDecoder, MediaEngine } from '@voxology/media';
import type { DigestAlgorithm, Peer, RequestHandler, SipEndpoint, SipRequest } from '@voxology/sip';
import type { Recognition, Speech } from '@voxology/speech';
import type { CallAudio, Store } from '@voxology/store';
import type { Logger } from 'pino';
import type { CallServices } from './call/call.ts';
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
import { Registrations, type SipAnswer } from './inbound/registrations.ts';
import { HttpMessages, type HttpMessagesOptions } from './message/http-messages.ts';
import { type HttpRequestLimits, HttpRequests } from './message/http-requests.ts';
import { Inbox } from './message/inbox.ts';
import type { MessageLimits } from './message/message-limits.ts';
import { Messages } from './message/messages.ts';
import { OwnNumbers } from './message/own-numbers.ts';
import { Recipients } from './message/recipients.ts';
import { SipInbox } from './message/sip-inbox.ts';
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
import { RecordingTranscripts } from './speech/recording-transcripts.ts';
import { Transcripts } from './speech/transcripts.ts';
import { Transfer } from './transfer/transfer.ts';

export interface TelephonySettings {
  trunks: readonly Trunk[];
  /** ISO 3166 code of the country whose national numbers people dial. */
  defaultCountry: string;
  allowedPrefixes: readonly string[];
  maxCalls: number;
  maxCallsPerSecond: number;
  /** Text messages of one application, in and out. */
  maxMessagesPerMinute: number;
  /** Text messages that come in. */
  inbox: {
    limits: Omit<MessageLimits, 'perMinute'>;
    /** Longest time of the flow of one. */
    maxFlowMs: number;
    /** What is answered to keywords; null: nothing. */
    autoReplies: Readonly<Record<KeywordType, string | null>>;
  };
  /** Requests of flows (HTTP) that no flow waits for. */
  httpRequests: HttpRequestLimits;
  flow: FlowLimits;
  /** Whoever says something longer is cut there. */
  maxUtteranceMs: number;
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
  /** Understands what callers say. */
  recognition: Recognition;
  decoder: AudioDecoder;
  egress: Egress;
  log: Logger;
  /** How the sound of a call was that is over; not of those without any. */
  onCallAudio?(audio: CallAudio): void;
}

/** Dictation takes up to half the time of what was said, and has a time limit. */
const MOST_DICTATED_MS = 15_000;
/** What was said last may take so long to be recognised when the server stops. */
const LAST_WORDS_MS = 5000;

/** Calls, whole: takes INVITEs and REGISTERs of the endpoint, makes calls, runs their flows. */
export class Telephony {
  readonly switchboard: Switchboard;
  readonly dialler: Dialler;
  readonly conferences: Conferences;
  readonly queues: Queues;
  readonly messages: Messages;
  readonly inbox: Inbox;
  readonly places = new NumberPlaces();
  readonly #registrations: Registrations;
  readonly #heartbeat: Heartbeat;
  readonly #recordings: Recordings;
  readonly #transcripts: Transcripts;
  readonly #recordingTranscripts: RecordingTranscripts;
  readonly #store: Store;
  readonly #recover: (lastAliveMs: number) => Promise<number>;
  readonly #onError: (error: unknown) => void;

  /** Wires everything; calls are taken after {@link start}. */
  constructor(parts: TelephonyParts, settings: TelephonySettings) {
    const { store, endpoint, media, speech, recognition, decoder, egress, log } = parts;
    const nowMs = Date.now;
    const onError = (callId: string, error: unknown) => log.error({ callId, err: error }, 'call failed');
    const interpreter = createInterpreter();
    const callbacks = new CallbackClient(egress, nowMs);
    const logs = new CallLogs(store.events);
    const means = { client: callbacks, logs };
    const lastCallbacks = endCallbacks(store, means);
    const switchboard = new Switchboard({ store, logs, maxCalls: settings.maxCalls, nowMs, onDefect: onError });
    const finish = new Finish({
      store,
      endCallbacks: lastCallbacks,
      onRecorded: (call, audio) => {
        switchboard.recorded(call);
        if (audio !== null) parts.onCallAudio?.(audio);
      },
      onFinished: (call) => switchboard.finished(call),
      onError,
    });
    const prompts = new Prompts({ media, speech, decoder, egress }, settings.prompts, nowMs);
    const sounds = new HouseSounds(media);
    const dictatedMs = Math.min(settings.maxUtteranceMs, MOST_DICTATED_MS);
    const transcripts = new Transcripts({ store, ...means });
    const recordingTranscripts = new RecordingTranscripts({
      store,
      transcripts,
      recognition,
      decoder,
      dir: settings.recordings.dir,
      maxUtteranceMs: dictatedMs,
      onError: (error) => log.error({ err: error }, 'transcript of a recording not stored'),
    });
    const recordings = new Recordings({
      store,
      webhooks: recordingWebhooks(store, means),
      transcripts: recordingTranscripts,
      limits: settings.recordings,
      nowMs,
      onError: (error) => log.error({ err: error }, 'webhook of a recording not queued'),
    });
    this.conferences = new Conferences({ media, prompts, sounds, nowMs });

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
    endpoint.useFlows((dialog) => registrations.flowOf(dialog));
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
      ownNumbers: new OwnNumbers(() => this.inbox),
      numbers: settings.messages === null ? null : new HttpMessages(egress, settings.messages),
      perMinute: settings.maxMessagesPerMinute,
      nowMs,
      onError: (messageId, error) => log.error({ messageId, err: error }, 'message not recorded'),
    });
    const http = new HttpRequests(egress, nowMs, settings.httpRequests);
    const dial: CallServices['dial'] = ({ appId }, { no, callerIdNo, sessionData, ringTimeoutMs, maxCallTimeMs }) =>
      this.dialler.dial({ appId, no, callerIdNo, sessionData, ringTimeoutMs, maxCallTimeMs });
    this.inbox = new Inbox({
      store,
      places: this.places,
      flow: {
        interpreter,
        callbacks,
        http,
        messages: this.messages,
        dial,
        nowMs,
        onDefect: (messageId, error) => log.error({ messageId, err: error }, 'message failed'),
      },
      flowLimits: { ...settings.flow, maxCallTimeMs: settings.inbox.maxFlowMs },
      limits: { ...settings.inbox.limits, perMinute: settings.maxMessagesPerMinute },
      autoReplies: settings.inbox.autoReplies,
    });
    const sipInbox = new SipInbox({ identifier, inbox: this.inbox, defaultCountry });
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
    this.queues = new Queues(outward);
    const transferServices = { ...outward, sounds };
    switchboard.use({
      interpreter,
      callbacks,
      prompts,
      finish,
      nowMs,
      dial,
      onDefect: onError,
      connections: {
        transfer: (party, effect) => new Transfer(transferServices, party, effect),
        conferences: this.conferences,
        queues: this.queues,
      },
      http,
      messages: this.messages,
      attachments: {
        egress,
        recordings,
        listening: { recognition, maxUtteranceMs: settings.maxUtteranceMs },
        transcription: { recognition, maxUtteranceMs: dictatedMs, transcripts, ...means },
        beep: () => sounds.get('beep'),
      },
    });
    this.switchboard = switchboard;
    this.#registrations = registrations;
    this.#heartbeat = new Heartbeat(store.settings, nowMs);
    this.#onError = (error) => log.error({ err: error }, 'sign of life not stored');
    this.#recordings = recordings;
    this.#transcripts = transcripts;
    this.#recordingTranscripts = recordingTranscripts;
    this.#store = store;
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
    const answering = (take: (request: SipRequest, source: Peer) => Promise<SipAnswer>): RequestHandler => {
      return (request, source, respond) =>
        take(request, source).then(
          ({ status, ...rest }) => respond(status, rest),
          (error: unknown) => {
            log.error({ err: error }, `${request.method} failed`);
            respond(500);
          },
        );
    };
    endpoint.onRequest(
      'REGISTER',
      answering((request, source) => registrations.register(request, source)),
    );
    endpoint.onRequest(
      'MESSAGE',
      answering((request, source) => sipInbox.take(request, source)),
    );
  }

  /** Restores registrations and closes what a crash left open. The endpoint must be listening. */
  async start(): Promise<{ recoveredCalls: number }> {
    await this.#registrations.restore();
    await this.#transcripts.recover();
    await this.#recordings.recover();
    await this.#store.messages.recover('the server was restarted while the flow of the message ran');
    const recoveredCalls = await this.#recover(await this.#heartbeat.lastMs());
    this.#heartbeat.start(() => this.switchboard.size > 0, this.#onError);
    return { recoveredCalls };
  }

  /** Takes no more calls and messages, gives the live ones `graceMs` to end, then ends them. */
  async stop(graceMs: number, hangUpMs: number): Promise<void> {
    await Promise.all([this.switchboard.drain(graceMs, hangUpMs), this.inbox.drain(graceMs)]);
    this.#recordingTranscripts.stop();
    await Promise.all([this.messages.settled(), this.#transcripts.stop(LAST_WORDS_MS)]);
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
