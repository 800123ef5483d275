import type { CallbackBody, CallbackType, EndStatus } from '../io.ts';
import type { CallState } from './state.ts';

/** `status` while the call is up: what callbacks and `$status` say. */
export function liveStatus(call: CallState): string {
  return call.answeredAtMs === null ? 'live-ringing' : 'live-in-progress';
}

/** Milliseconds since the start of the call. */
export function durationMs(call: CallState): number {
  return Math.max(0, (call.endedAtMs ?? call.nowMs) - call.info.startTimeMs);
}

/** The body of a callback request at this moment, in the published order of its fields. */
export function callbackBody(call: CallState, type: CallbackType, endStatus: EndStatus | null): CallbackBody {
  const { info } = call;
  return {
    type,
    app_id: info.appId,
    subaccount_id: info.subaccountId,
    call_id: info.callId,
    start_time: isoTime(info.startTimeMs),
    end_time: call.endedAtMs === null ? null : isoTime(call.endedAtMs),
    direction: info.direction,
    duration: durationMs(call),
    status: endStatus ?? liveStatus(call),
    detection: call.detection,
    caller_no: info.callerNo,
    caller_no_city: info.callerPlace.city,
    caller_no_region: info.callerPlace.region,
    caller_no_country: info.callerPlace.country,
    caller_no_timezone: info.callerPlace.timezone,
    api_no: info.apiNo,
    api_no_city: info.apiPlace.city,
    api_no_region: info.apiPlace.region,
    api_no_country: info.apiPlace.country,
    api_no_timezone: info.apiPlace.timezone,
    key_presses: call.keyPressEntries,
    recordings: call.recordings,
    custom_data: info.customData,
    session_data: call.sessionData,
    sip_domain: info.sipDomain,
    sip_forwarded_for: info.sipForwardedFor,
  };
}

function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
