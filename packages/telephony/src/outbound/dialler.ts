import { randomUUID } from 'node:crypto';
import type { CallInfo, FlowSettings, JsonObject } from '@voxology/callflow';
import { type MediaEngine, MediaPortsExhausted } from '@voxology/media';
import { type Application, type NumberRow, type Store, StoreError } from '@voxology/store';
import type { Call } from '../call/call.ts';
import type { Leg } from '../call/leg.ts';
import { callOpening } from '../call/opening.ts';
import type { Switchboard } from '../call/switchboard.ts';
import { type FlowLimits, flowSettings } from '../flow-settings.ts';
import { toE164 } from '../number/e164.ts';
import type { NumberPlaces } from '../number/place.ts';
import type { Destination, Destinations } from './destination.ts';
import type { Outgoing } from './fork.ts';
import type { Inviter } from './inviter.ts';
import { closeOffers, type Offers, openOffers } from './offers.ts';
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
  /** null: a minute. */
  ringTimeoutMs: number | null;
  maxCallTimeMs: number | null;
}

const DEFAULT_RING_TIMEOUT_MS = 60_000;

/** Why a call was not even tried. `busy` (no room) and `rate` (too many at once) may be tried again later. */
export class DialRefused extends Error {
  override readonly name = 'DialRefused';
  readonly kind: 'caller-id' | 'busy' | 'rate';

  constructor(kind: DialRefused['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface DiallerOptions {
  store: Pick<Store, 'applications' | 'numbers' | 'calls'>;
  media: Pick<MediaEngine, 'createSession'>;
  inviter: Pick<Inviter, 'invite' | 'addressOf'>;
  destinations: Pick<Destinations, 'of'>;
  places: Pick<NumberPlaces, 'of' | 'ofOwn'>;
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
    const { destinations, switchboard, rateLimit, limits, nowMs } = this.#options;
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
    if (!rateLimit.take(nowMs())) {
      throw new DialRefused('rate', 'Too many calls per second (setting limits.max_calls_per_second)');
    }
    const busy = switchboard.takeLine();
    if (busy !== null) throw new DialRefused('busy', busy);
    let begin: (() => Call) | null = null;
    try {
      const info = await this.#callInfo(application, number, configuration?.custom_data ?? null, destination);
      begin = await this.#prepare(request, destination, info, settings);
    } catch (error) {
      if (error instanceof MediaPortsExhausted || (error instanceof StoreError && error.code === 'overloaded')) {
        throw new DialRefused('busy', error.message);
      }
      throw error;
    } finally {
      if (begin === null) switchboard.releaseLine();
    }
    return { callId: begin().info.callId };
  }

  /** Does all that may be refused; what it gives begins the call, and cannot fail. */
  async #prepare(
    request: DialRequest,
    destination: Destination,
    info: CallInfo,
    settings: FlowSettings,
  ): Promise<() => Call> {
    const { store, media, switchboard } = this.#options;
    const offers = await openOffers(media, destination);
    try {
      await store.calls.open(callOpening(info, null));
    } catch (error) {
      await closeOffers(offers);
      throw error;
    }
    return () => {
      const call = switchboard.create(info);
      const start = (leg: Leg) => call.start(leg, settings, request.sessionData, switchboard.seed());
      if (destination.kind === 'unreachable') {
        const { status, error } = destination;
        start(new UnreachableLeg(offers));
        call.post({ type: 'ended', status, by: 'api', reason: 'unreachable', error });
      } else {
        this.#ring(call, destination, offers, request.ringTimeoutMs ?? DEFAULT_RING_TIMEOUT_MS, start);
      }
      return call;
    };
  }

  #ring(call: Call, destination: Destination, offers: Offers, ringTimeoutMs: number, start: (leg: Leg) => void): void {
    const { switchboard, inviter } = this.#options;
    let outgoing: Outgoing;
    try {
      const { apiNo, sipDomain } = call.info;
      outgoing = inviter.invite(destination, { from: `sip:${apiNo}@${sipDomain}`, offers });
    } catch (error) {
      // The row is written, so the call ends as calls do: with its record and its last callback.
      start(new UnreachableLeg(offers));
      const message = `The INVITE could not be sent: ${error instanceof Error ? error.message : String(error)}`;
      call.post({ type: 'ended', status: 'failed', by: 'api', reason: 'not sent', error: message });
      return;
    }
    this.#logProgress(call, outgoing);
    start(
      new OutboundLeg({
        outgoing,
        offers,
        ringTimeoutMs,
        post: (input) => call.post(input),
        onAnswer: (dialog) => switchboard.answered(call, dialog.snapshot()),
        onRetarget: (dialog) => switchboard.retargeted(call, dialog),
      }),
    );
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
    application: Application,
    number: NumberRow,
    customData: Record<string, unknown> | null,
    destination: Destination,
  ): Promise<CallInfo> {
    const { places, nowMs } = this.#options;
    const startTimeMs = nowMs();
    const callerNo = destination.no;
    const [callerPlace, apiPlace] = await Promise.all([places.of(callerNo), places.ofOwn(number)]);
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
      sipForwardedFor: this.#options.inviter.addressOf(destination),
    };
  }

  /** What comes when the call is over, such as the response to a CANCEL given up on, is no part of it any more. */
  #logProgress(call: Call, outgoing: Outgoing): void {
    const note = (type: string, data: JsonObject) => {
      if (!call.over) call.log.note('sip', type, data, this.#options.nowMs());
    };
    outgoing.on('progress', ({ status }) => note('progress', { status }));
    outgoing.on('failed', ({ status, reason }) => note('failed', { status, reason }));
  }
}
