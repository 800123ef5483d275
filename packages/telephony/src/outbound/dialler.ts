import { randomUUID } from 'node:crypto';
import type { CallInfo, JsonObject } from '@voxology/callflow';
import type { MediaEngine } from '@voxology/media';
import type { Peer, SipEndpoint } from '@voxology/sip';
import type { Application, NumberRow, Store } from '@voxology/store';
import type { Call } from '../call/call.ts';
import { callOpening } from '../call/opening.ts';
import type { Switchboard } from '../call/switchboard.ts';
import { type FlowLimits, flowSettings } from '../flow-settings.ts';
import { toE164 } from '../number/e164.ts';
import type { NumberPlaces } from '../number/place.ts';
import type { Destination, Destinations } from './destination.ts';
import { Fork, type Outgoing } from './fork.ts';
import type { OnNetTokens } from './on-net.ts';
import { OutboundLeg } from './outbound-leg.ts';
import type { RateLimit } from './rate-limit.ts';
import { UnreachableLeg } from './unreachable-leg.ts';

/** Make Call (`POST /v1/Dials/Connect`), in our terms. */
export interface DialRequest {
  appId: string;
  /** E.164 number, SIP user or `sip:` URI. */
  no: string;
  /** A number of the application, whose configuration drives the call. */
  callerIdNo: string;
  sessionData: JsonObject | null;
  ringTimeoutMs: number;
  maxCallTimeMs: number | null;
}

/** Why a call was not even tried. `busy` may be tried again later. */
export class DialRefused extends Error {
  override readonly name = 'DialRefused';
  readonly kind: 'caller-id' | 'busy';

  constructor(kind: DialRefused['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface DiallerOptions {
  store: Store;
  media: MediaEngine;
  endpoint: SipEndpoint;
  /** Our own SIP address, for calls from one of our numbers to another. */
  ownPeer(): Peer;
  destinations: Destinations;
  onNet: OnNetTokens;
  places: NumberPlaces;
  switchboard: Switchboard;
  rateLimit: RateLimit;
  limits: FlowLimits;
  defaultCountry: string;
  nowMs(): number;
}

/** Makes calls. */
export class Dialler {
  readonly #options: DiallerOptions;

  constructor(options: DiallerOptions) {
    this.#options = options;
  }

  /**
   * Starts a call and resolves with its id as soon as its row is durable and the INVITE is on its way. Rejects with
   * {@link DialRefused}, or `DestinationRefused` for a number that cannot or may not be called.
   */
  async dial(request: DialRequest): Promise<{ callId: string }> {
    const { store, destinations, switchboard, rateLimit, limits, nowMs, media } = this.#options;
    const { application, number } = await this.#callerId(request);
    const configuration = number.configuration ?? application.defaultConfiguration;
    const settings = flowSettings(configuration, limits, request.maxCallTimeMs ?? undefined);
    if (settings === null) {
      throw new DialRefused(
        'caller-id',
        `caller_id_no ${number.no} has no callback: set one with PUT /v1/CallFlows/Configurations/PhoneNumbers/${number.no}`,
      );
    }
    const destination = await destinations.of(request.no, application.sipDomain);
    const busy =
      switchboard.refuseNewCall() ??
      (rateLimit.take(nowMs()) ? null : 'Too many calls per second (setting max_calls_per_second)');
    if (busy !== null) throw new DialRefused('busy', busy);

    const info = await this.#callInfo(request, application, number, configuration?.custom_data ?? null, destination);
    const session = destination.kind === 'unreachable' ? null : await media.createSession();
    await store.calls.open(callOpening(info, null));
    const call = switchboard.create(info);
    if (destination.kind === 'unreachable' || session === null) {
      call.start(new UnreachableLeg(), settings, request.sessionData, switchboard.seed());
      const { status, error } = destination as Extract<Destination, { kind: 'unreachable' }>;
      call.post({ type: 'ended', status, by: 'api', reason: 'unreachable', error });
      return { callId: info.callId };
    }
    const outgoing = this.#invite(destination, info, session.createOffer());
    const leg = new OutboundLeg({
      outgoing,
      session,
      ringTimeoutMs: request.ringTimeoutMs,
      post: (input) => call.post(input),
      onAnswer: (dialog) => switchboard.answered(call, dialog.snapshot()),
    });
    this.#logProgress(call, outgoing);
    call.start(leg, settings, request.sessionData, switchboard.seed());
    return { callId: info.callId };
  }

  async #callerId({ appId, callerIdNo }: DialRequest): Promise<{ application: Application; number: NumberRow }> {
    const { store, defaultCountry } = this.#options;
    const no = toE164(callerIdNo, defaultCountry);
    const [application, number] = await Promise.all([
      store.applications.get(appId),
      no === null ? null : store.numbers.get(no),
    ]);
    if (application === null || number === null || number.appId !== appId) {
      throw new DialRefused('caller-id', `caller_id_no ${callerIdNo} is not a number of this application`);
    }
    return { application, number };
  }

  async #callInfo(
    request: DialRequest,
    application: Application,
    number: NumberRow,
    customData: Record<string, unknown> | null,
    destination: Destination,
  ): Promise<CallInfo> {
    const { places, nowMs, defaultCountry } = this.#options;
    const startTimeMs = nowMs();
    const callerNo =
      destination.kind === 'phones' ? destination.user.no : (toE164(request.no, defaultCountry) ?? request.no);
    const [callerPlace, apiPlace] = await Promise.all([places.of(callerNo), places.of(number.no)]);
    return {
      callId: randomUUID(),
      appId: application.appId,
      subaccountId: '0',
      direction: 'outbound',
      callerNo,
      callerPlace,
      apiNo: number.no,
      apiPlace,
      startTimeMs,
      customData: customData as CallInfo['customData'],
      sipDomain: application.sipDomain,
      sipForwardedFor: peersOf(destination, this.#options.ownPeer)[0]?.peer.address ?? '',
    };
  }

  #invite(destination: Destination, info: CallInfo, sdp: string): Outgoing {
    const { endpoint, onNet, ownPeer } = this.#options;
    const from = { uri: `sip:${info.apiNo}@${info.sipDomain}` };
    const branches = peersOf(destination, ownPeer).map(({ uri, peer }) =>
      endpoint.invite({
        uri,
        destination: peer,
        from,
        to: { uri },
        sdp,
        headers: destination.kind === 'on-net' ? onNet.issue() : [],
        ...(destination.kind === 'trunk' && destination.trunk.credentials !== null
          ? { credentials: destination.trunk.credentials }
          : {}),
      }),
    );
    const [only] = branches;
    return branches.length === 1 && only !== undefined ? only : new Fork(branches);
  }

  #logProgress(call: Call, outgoing: Outgoing): void {
    outgoing.on('progress', ({ status }) => call.log.note('sip', 'progress', { status }, this.#options.nowMs()));
    outgoing.on('failed', ({ status, reason }) =>
      call.log.note('sip', 'failed', { status, reason }, this.#options.nowMs()),
    );
  }
}

function peersOf(destination: Destination, ownPeer: () => Peer): { uri: string; peer: Peer }[] {
  switch (destination.kind) {
    case 'phones':
      return destination.bindings.map(({ uri, source }) => ({ uri, peer: source as Peer }));
    case 'on-net': {
      const peer = ownPeer();
      return [{ uri: `sip:${destination.number.no}@${peer.address}:${peer.port}`, peer }];
    }
    case 'trunk':
      return [{ uri: destination.uri, peer: destination.peer }];
    case 'unreachable':
      return [];
  }
}
