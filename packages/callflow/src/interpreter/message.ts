import { isMeantAsFlow, misspeltActions } from '../document/meant-as-flow.ts';
import type { CallbackTarget, IncomingMessage, MessageCallbackBody } from '../io.ts';
import type { CallState } from './state.ts';
import { cancelAllTimers, NOWHERE, report, type Step } from './step.ts';

/** Asks what to do about a text message. */
export function requestMessageCallback(step: Step, message: IncomingMessage, target: CallbackTarget): void {
  const { call } = step;
  const requestId = `r${call.nextRequest}`;
  call.nextRequest += 1;
  call.phase = { name: 'requesting', requestId, held: null };
  const failover = call.settings.callbackFailover;
  const body = messageBody(call, message);
  step.effects.push({ type: 'request_message_callback', requestId, target, failover, body });
}

/** What says by itself that nothing is wanted. */
const NOTHING = /^(?:|null|""|\{\s*\}|\[\s*\])$/;
/** Characters told of an answer that is no flow. */
const LONGEST_TOLD = 100;

/**
 * No answer is expected to the callback of a message: nothing, and whatever a web server says by itself (`ok`,
 * `{"ok":true}`, `status: ok`, a page), asks for nothing; who looks for a reply that never went out finds in the log what
 * came. Only what is meant as a flow is read as one, and may be wrong.
 */
export function asksForNothing(step: Step, bodyText: string): boolean {
  const text = bodyText.replace(/^\uFEFF/, '').trim();
  if (NOTHING.test(text)) return true;
  if (isMeantAsFlow(text)) return false;
  const near = misspeltActions(text);
  const hint = near === null ? '' : `; there is "${near}", did you mean "actions"?`;
  const received = text.length > LONGEST_TOLD ? `${text.slice(0, LONGEST_TOLD)}…` : text;
  const message = `the answer has no "actions" list${hint}; nothing is run. Received: ${JSON.stringify(received)}`;
  report(step, 'warning', NOWHERE, message, { received, size_characters: bodyText.length });
  return true;
}

/** The flow of a message has run, or is given up: when everything that it sent is settled, it is over. */
export function finishMessageWhenSettled(step: Step): void {
  const { call } = step;
  if (call.message === null || call.phase.name !== 'leaving' || call.background.length > 0) return;
  cancelAllTimers(step);
  call.phase = { name: 'over' };
  call.endedAtMs = call.nowMs;
  call.program = null;
  const { failure: error } = call;
  const status = error === null ? 'completed' : 'failed';
  step.effects.push({ type: 'finish_message', record: { status, endTimeMs: call.nowMs, error } });
}

/** What no table of ours tells of a number. */
const UNKNOWN = '';

function messageBody(call: CallState, message: IncomingMessage): MessageCallbackBody {
  const { info, sessionData } = call;
  const { apiPlace: own, callerPlace: remote } = info;
  return {
    service: 'programmable_messaging',
    type: message.type,
    app_id: info.appId,
    subaccount_id: Number(info.subaccountId) || 0,
    api_no: info.apiNo,
    api_no_region: own.region,
    api_no_country: own.country,
    api_no_timezone: own.timezone,
    api_no_postal_code: UNKNOWN,
    api_no_city: own.city,
    api_no_latitude: UNKNOWN,
    api_no_longitude: UNKNOWN,
    api_no_lata: UNKNOWN,
    api_no_rate_center: message.apiRateCenter,
    caller_no: info.callerNo,
    caller_no_region: remote.region,
    caller_no_country: remote.country,
    caller_no_timezone: remote.timezone,
    caller_no_postal_code: UNKNOWN,
    caller_no_city: remote.city,
    caller_no_latitude: UNKNOWN,
    caller_no_longitude: UNKNOWN,
    caller_no_lata: UNKNOWN,
    caller_no_rate_center: UNKNOWN,
    text_message: message.text,
    media: message.media,
    keyword_detected: message.keyword?.word ?? null,
    keyword_type: message.keyword?.type ?? null,
    message_id: info.callId,
    start_time: new Date(info.startTimeMs).toISOString(),
    custom_data: info.customData,
    session_data: sessionData,
    sip_domain: info.sipDomain,
  };
}
