import { randomUUID } from 'node:crypto';
import type { CallInfo, FlowSettings } from '@voxology/callflow';
import { type MediaEngine, MediaPortsExhausted, type MediaSession, SdpError } from '@voxology/media';
import type { IncomingCall } from '@voxology/sip';
import type { Application, NumberRow, Store } from '@voxology/store';
import { callOpening } from '../call/opening.ts';
import type { Switchboard } from '../call/switchboard.ts';
import { type FlowLimits, flowSettings } from '../flow-settings.ts';
import { isEmergencyNumber } from '../number/e164.ts';
import type { NumberPlaces } from '../number/place.ts';
import type { Identifier } from './identify.ts';
import { InboundLeg } from './inbound-leg.ts';
import { calledNumbers, callerNumber, dialledUser } from './parties.ts';
import type { RefusedCalls } from './refused-calls.ts';

export interface InboundOptions {
  identifier: Pick<Identifier, 'caller'>;
  store: Pick<Store, 'numbers' | 'applications' | 'calls'>;
  media: Pick<MediaEngine, 'createSession'>;
  places: Pick<NumberPlaces, 'of' | 'ofOwn'>;
  switchboard: Switchboard;
  refusedCalls: Pick<RefusedCalls, 'record'>;
  limits: FlowLimits;
  defaultCountry: string;
  nowMs(): number;
}

/** A response that refuses a call before its flow begins. */
interface Refusal {
  status: number;
  reason?: string;
  headers?: [string, string][];
  /** What is to be written of it, after the response. */
  record?: () => Promise<void>;
}

const RETRY_LATER: [string, string][] = [['Retry-After', '10']];

/** Takes INVITEs: who calls, which number, which flow; then the call runs on its own. */
export class InboundCalls {
  readonly #options: InboundOptions;

  constructor(options: InboundOptions) {
    this.#options = options;
  }

  /** Never rejects: what goes wrong becomes a response. */
  async take(incoming: IncomingCall): Promise<void> {
    const { switchboard } = this.#options;
    try {
      const called = await this.#called(incoming);
      if ('status' in called) {
        refuse(incoming, called);
        return;
      }
      const busy = switchboard.takeLine();
      if (busy !== null) {
        refuse(incoming, { status: 503, reason: busy, headers: RETRY_LATER });
        return;
      }
      await this.#connect(incoming, called);
    } catch (error) {
      switchboard.onDefect('(no call yet)', error);
      incoming.reject(500);
    }
  }

  /** Who calls which of our numbers. */
  async #called(incoming: IncomingCall): Promise<Called | Refusal> {
    const { identifier, store, defaultCountry } = this.#options;
    const { request } = incoming;
    const identity = await identifier.caller(incoming);
    if (identity.kind === 'challenge') {
      return { status: 401, headers: identity.challenges.map((value) => ['WWW-Authenticate', value]) };
    }
    if (identity.kind === 'forbidden') return { status: 403, reason: identity.reason };
    if (isEmergencyNumber(dialledUser(request), defaultCountry)) {
      return { status: 403, reason: 'Emergency calls are not supported' };
    }
    for (const no of calledNumbers(request, identity, defaultCountry)) {
      const number = await store.numbers.get(no);
      const application = number?.appId == null ? null : await store.applications.get(number.appId);
      if (number === null || application === null || number.inboundApi !== 'CallFlows') continue;
      return { callerNo: callerNumber(request, identity, defaultCountry), number, application };
    }
    return { status: 404 };
  }

  /** Makes the call on a line that is taken, or gives the line back. */
  async #connect(incoming: IncomingCall, called: Called): Promise<void> {
    const { switchboard } = this.#options;
    let refusal: Refusal | null = { status: 500 };
    try {
      refusal = await this.#begin(incoming, called);
      if (refusal === null) return;
      refuse(incoming, refusal);
      await refusal.record?.();
    } finally {
      if (refusal !== null) switchboard.releaseLine();
    }
  }

  async #begin(incoming: IncomingCall, called: Called): Promise<Refusal | null> {
    const { limits, media, refusedCalls } = this.#options;
    const { number, application } = called;
    const info = await this.#callInfo(incoming, called);
    const settings = flowSettings(number.configuration ?? application.defaultConfiguration, limits);
    if (settings === null) {
      const error = `${number.no} has no callback configured, and neither has its application`;
      const record = () => refusedCalls.record(info, null, error);
      return { status: 480, reason: 'No callback configured', record };
    }
    let session: MediaSession;
    try {
      // A browser that leaves the offer to us takes nothing but WebRTC.
      session = await media.createSession({ security: incoming.source.protocol === 'ws' ? 'dtls' : 'none' });
    } catch (error) {
      if (error instanceof MediaPortsExhausted) return { status: 503, reason: 'No RTP port', headers: RETRY_LATER };
      throw error;
    }
    try {
      const sdp = incoming.sdp === null ? session.createOffer() : session.answerOffer(incoming.sdp);
      this.#start(incoming, info, settings, session, sdp);
      return null;
    } catch (error) {
      await session.close();
      if (!(error instanceof SdpError)) throw error;
      const message = `The caller's SDP was refused: ${error.message}`;
      return { status: error.status, record: () => refusedCalls.record(info, settings, message) };
    }
  }

  #start(incoming: IncomingCall, info: CallInfo, settings: FlowSettings, session: MediaSession, sdp: string): void {
    const { store, switchboard } = this.#options;
    const recorded = store.calls.open(callOpening(info, incoming.dialogSnapshot()));
    const call = switchboard.create(info);
    const leg = new InboundLeg({
      incoming,
      session,
      sdp,
      recorded,
      post: (input) => call.post(input),
      onAnswer: () => switchboard.answered(call, incoming.dialogSnapshot()),
      onRetarget: (dialog) => switchboard.retargeted(call, dialog),
    });
    call.start(leg, settings, null, switchboard.seed());
    // A CANCEL that came while we looked up the number has been answered already; the flow must still hear of it.
    if (incoming.isEnded) call.post({ type: 'ended', status: 'canceled', by: 'caller', reason: 'CANCEL', error: null });
  }

  async #callInfo({ source }: IncomingCall, { callerNo, number, application }: Called): Promise<CallInfo> {
    const { places, nowMs } = this.#options;
    const startTimeMs = nowMs();
    const [callerPlace, apiPlace] = await Promise.all([places.of(callerNo), places.ofOwn(number)]);
    const configuration = number.configuration ?? application.defaultConfiguration;
    return {
      callId: randomUUID(),
      appId: application.appId,
      subaccountId: '0',
      direction: 'inbound',
      callerNo,
      callerPlace,
      apiNo: number.no,
      apiPlace,
      startTimeMs,
      customData: (configuration?.custom_data ?? null) as CallInfo['customData'],
      sipDomain: application.sipDomain,
      sipForwardedFor: source.address,
    };
  }
}

interface Called {
  callerNo: string;
  number: NumberRow;
  application: Application;
}

function refuse(incoming: IncomingCall, { status, reason, headers = [] }: Refusal): void {
  incoming.reject(status, { ...(reason === undefined ? {} : { reason }), headers });
}
