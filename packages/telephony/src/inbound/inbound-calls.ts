import { randomUUID } from 'node:crypto';
import type { CallInfo } from '@voxology/callflow';
import { type MediaEngine, MediaPortsExhausted, type MediaSession, SdpError } from '@voxology/media';
import type { IncomingCall } from '@voxology/sip';
import type { Application, NumberRow, Store } from '@voxology/store';
import { CallLog } from '../call/call-log.ts';
import { callOpening } from '../call/opening.ts';
import type { Switchboard } from '../call/switchboard.ts';
import { type FlowLimits, flowSettings } from '../flow-settings.ts';
import { isEmergencyNumber, toE164 } from '../number/e164.ts';
import type { NumberPlaces } from '../number/place.ts';
import type { Identifier } from './identify.ts';
import { InboundLeg } from './inbound-leg.ts';
import { callerNumber, dialledUser } from './parties.ts';

export interface InboundOptions {
  identifier: Identifier;
  store: Store;
  media: MediaEngine;
  places: NumberPlaces;
  switchboard: Switchboard;
  limits: FlowLimits;
  defaultCountry: string;
  nowMs(): number;
}

/** A response that refuses a call before it is one. */
class Refusal {
  readonly status: number;
  readonly reason: string | undefined;
  readonly headers: [string, string][];

  constructor(status: number, reason?: string, headers: [string, string][] = []) {
    this.status = status;
    this.reason = reason;
    this.headers = headers;
  }
}

/** Takes INVITEs: who calls, which number, which flow; then the call runs on its own. */
export class InboundCalls {
  readonly #options: InboundOptions;

  constructor(options: InboundOptions) {
    this.#options = options;
  }

  /** Never rejects: what goes wrong becomes a response. */
  async take(incoming: IncomingCall): Promise<void> {
    try {
      const refusal = await this.#take(incoming);
      if (refusal !== null) {
        incoming.reject(refusal.status, {
          ...(refusal.reason === undefined ? {} : { reason: refusal.reason }),
          headers: refusal.headers,
        });
      }
    } catch (error) {
      this.#options.switchboard.onDefect('(no call yet)', error);
      incoming.reject(500);
    }
  }

  async #take(incoming: IncomingCall): Promise<Refusal | null> {
    const { identifier, store, switchboard, defaultCountry, limits, media } = this.#options;
    const identity = await identifier.caller(incoming);
    if (identity.kind === 'challenge') {
      return new Refusal(
        401,
        undefined,
        identity.challenges.map((value) => ['WWW-Authenticate', value]),
      );
    }
    if (identity.kind === 'forbidden') return new Refusal(403, identity.reason);
    const dialled = dialledUser(incoming.request);
    if (isEmergencyNumber(dialled)) return new Refusal(403, 'Emergency calls are not supported');
    const no = toE164(dialled, defaultCountry);
    const number = no === null ? null : await store.numbers.get(no);
    const application = number?.appId == null ? null : await store.applications.get(number.appId);
    if (number === null || application === null || number.inboundApi !== 'CallFlows') return new Refusal(404);
    const busy = switchboard.refuseNewCall();
    if (busy !== null) return new Refusal(503, busy, [['Retry-After', '10']]);

    const callerNo = callerNumber(incoming.request, identity, defaultCountry);
    const info = await this.#callInfo(incoming, callerNo, number, application);
    const settings = flowSettings(number.configuration ?? application.defaultConfiguration, limits);
    if (settings === null) {
      await this.#logRefused(info, `${number.no} has no callback configured, and neither has its application`);
      return new Refusal(480, 'No callback configured');
    }

    let session: MediaSession;
    try {
      session = await media.createSession();
    } catch (error) {
      if (error instanceof MediaPortsExhausted) return new Refusal(503, error.message, [['Retry-After', '10']]);
      throw error;
    }
    let sdp: string;
    try {
      sdp = incoming.sdp === null ? session.createOffer() : session.answerOffer(incoming.sdp);
    } catch (error) {
      await session.close();
      if (!(error instanceof SdpError)) throw error;
      await this.#logRefused(info, `The caller's SDP was refused: ${error.message}`);
      return new Refusal(error.status);
    }

    const recorded = store.calls.open(callOpening(info, incoming.dialogSnapshot()));
    const call = switchboard.create(info);
    const leg = new InboundLeg({
      incoming,
      session,
      sdp,
      recorded,
      post: (input) => call.post(input),
      onAnswer: () => switchboard.answered(call, incoming.dialogSnapshot()),
    });
    call.start(leg, settings, null, switchboard.seed());
    // A CANCEL that came while we looked up the number has been answered already; the flow must still hear of it.
    if (incoming.isEnded) call.post({ type: 'ended', status: 'canceled', by: 'caller', reason: 'CANCEL', error: null });
    return null;
  }

  async #callInfo(
    { source }: IncomingCall,
    callerNo: string,
    number: NumberRow,
    application: Application,
  ): Promise<CallInfo> {
    const { places, nowMs } = this.#options;
    const startTimeMs = nowMs();
    const [callerPlace, apiPlace] = await Promise.all([places.of(callerNo), places.of(number.no)]);
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

  /** A call that never reached a flow still leaves its row, with the reason. */
  async #logRefused(info: CallInfo, error: string): Promise<void> {
    const { store, nowMs } = this.#options;
    const endTimeMs = nowMs();
    await store.calls.open(callOpening(info, null));
    new CallLog(info.callId, store.events).note('event', 'error', { message: error }, endTimeMs);
    await store.calls.finish(info.callId, {
      status: 'failed',
      hangupEnd: 'api',
      endTimeMs,
      durationMs: endTimeMs - info.startTimeMs,
      connectTimeSec: 0,
      detection: 'unknown',
      error,
      endCallback: null,
    });
  }
}
