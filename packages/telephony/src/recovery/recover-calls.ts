import type { CallInfo, Input, Interpreter } from '@voxology/callflow';
import type { SipEndpoint } from '@voxology/sip';
import type { CallEvent, CallRow, Store } from '@voxology/store';
import type { CallLog } from '../call/call-log.ts';
import type { CallLogs } from '../call/call-logs.ts';
import { bareConclusion, type Conclusion, conclude, type EndedInput } from '../call/conclude.ts';
import { dialogsToEnd } from '../call/stored-dialogs.ts';
import type { Deliveries } from '../callback/deliveries.ts';
import { endDelivery } from '../callback/end-callbacks.ts';
import { type FlowLimits, flowSettings } from '../flow-settings.ts';
import type { NumberPlaces } from '../number/place.ts';

export interface RecoveryOptions {
  store: Pick<Store, 'calls' | 'events' | 'numbers' | 'applications'>;
  endpoint: Pick<SipEndpoint, 'byeRestored'>;
  interpreter: Interpreter;
  endCallbacks: Pick<Deliveries, 'send' | 'enqueue'>;
  logs: Pick<CallLogs, 'use'>;
  places: Pick<NumberPlaces, 'of'>;
  limits: FlowLimits;
  /** When the process that ended was last known to live. */
  lastAliveMs: number;
  nowMs(): number;
  onError(callId: string, error: unknown): void;
}

const REASON = 'The server process ended while the call was up';
/** Calls put in order at the same time: the store gathers their writes. */
const AT_ONCE = 50;

/**
 * Puts in order what a process left behind that ended without warning: dialogs that were up get a BYE, rows are closed
 * with the reason, last callbacks go out. The flow's state at the crash comes from running the call's event log through
 * the interpreter again. Resolves with the number of calls found; one that cannot be closed does not stop the others.
 */
export async function recoverCalls(options: RecoveryOptions): Promise<number> {
  const { unfinished, pendingEndCallbacks } = await options.store.calls.recover();
  await forEach(unfinished, options, (row) => recoverCall(row, options));
  await forEach(pendingEndCallbacks, options, ({ callId }) => options.endCallbacks.enqueue(callId));
  return unfinished.length;
}

async function forEach<T extends { callId: string }>(
  items: readonly T[],
  { onError }: RecoveryOptions,
  act: (item: T) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const some = items.slice(start, start + AT_ONCE);
    await Promise.all(some.map((item) => act(item).catch((error: unknown) => onError(item.callId, error))));
  }
}

async function recoverCall(row: CallRow, options: RecoveryOptions): Promise<void> {
  const { endpoint, onError } = options;
  const { callId } = row;
  for (const dialog of dialogsToEnd(row.dialog, row.answerTimeMs !== null)) {
    // The remote party may be gone too; its silence must not hold up the start.
    endpoint.byeRestored(dialog).catch((error: unknown) => onError(callId, error));
  }
  await options.logs.use(callId, (log) => close(row, log, options));
}

/** The record and the last callback; this is on its way when it resolves. */
async function close(row: CallRow, log: CallLog, options: RecoveryOptions): Promise<void> {
  const { store, endCallbacks, onError } = options;
  const { callId } = row;
  const events = await store.events.list(callId);
  const conclusion = await conclusionOfRow(row, events, log, options);
  const { record, endCallback } = conclusion;
  if (!events.some(({ kind, type }) => kind === 'effect' && type === 'finish'))
    log.concluded(conclusion, record.endTimeMs);
  await store.calls.finish(callId, { ...record, endCallback });
  if (endCallback === null) return;
  void endCallbacks.send(callId, endDelivery(callId, endCallback)).catch((error: unknown) => onError(callId, error));
}

async function conclusionOfRow(
  row: CallRow,
  events: CallEvent[],
  log: CallLog,
  options: RecoveryOptions,
): Promise<Conclusion> {
  const { interpreter, onError } = options;
  const onDefect = (error: unknown) => onError(row.callId, error);
  const logged = inputsIn(events);
  const inputs = logged[0]?.type === 'start' ? logged : await inputsOf(row, options);
  // The answer is in the row before its input reaches the log.
  if (inputs !== null && row.answerTimeMs !== null && !inputs.some(({ type }) => type === 'answered')) {
    inputs.push({ type: 'answered', atMs: row.answerTimeMs });
  }
  const ended: EndedInput = {
    type: 'ended',
    atMs: endTimeMs(row, events, inputs, options),
    status: 'failed',
    by: 'api',
    reason: 'recovered',
    error: inputs === null ? `${REASON}; its number has no callback any more` : REASON,
  };
  // The end itself may have been logged: then it counts, and all that was missing is the record.
  if (!logged.some(({ type }) => type === 'ended')) log.input(ended);
  if (inputs === null) return bareConclusion(row.startTimeMs, ended);
  const milestones = inputs.filter(({ type }) => type === 'start' || type === 'answered');
  return (
    conclude(interpreter, [...inputs, ended], onDefect) ??
    // The interpreter fails on this very log: how the call began is enough for its record.
    conclude(interpreter, [...milestones, ended], onDefect) ??
    bareConclusion(row.startTimeMs, ended)
  );
}

function inputsIn(events: readonly CallEvent[]): Input[] {
  return events
    .filter(({ kind }) => kind === 'input')
    .map(({ type, at, data }) => ({ ...(data as object), type, atMs: at }) as Input);
}

/**
 * The last moment the call is known to have been up: its last event, or the process's last sign of life. Not after the
 * longest time the call could have had.
 */
function endTimeMs(
  row: CallRow,
  events: readonly CallEvent[],
  inputs: readonly Input[] | null,
  { limits, nowMs, lastAliveMs }: RecoveryOptions,
): number {
  const start = inputs?.find((input) => input.type === 'start');
  const longestMs = start?.settings.maxCallTimeMs ?? limits.maxCallTimeMs;
  const beganMs = row.answerTimeMs ?? row.startTimeMs;
  const knownMs = Math.max(beganMs, lastAliveMs, events.at(-1)?.at ?? 0);
  return Math.min(nowMs(), knownMs, beganMs + longestMs);
}

/** What the log would have begun with: for a call whose events had not reached the disk. */
async function inputsOf(row: CallRow, { store, places, limits }: RecoveryOptions): Promise<Input[] | null> {
  const [number, application] = await Promise.all([store.numbers.get(row.apiNo), store.applications.get(row.appId)]);
  const configuration = number?.configuration ?? application?.defaultConfiguration ?? null;
  const settings = flowSettings(configuration, limits);
  if (settings === null) return null;
  const call: CallInfo = {
    callId: row.callId,
    appId: row.appId,
    subaccountId: String(row.subaccountId),
    direction: row.direction,
    callerNo: row.callerNo,
    callerPlace: await places.of(row.callerNo),
    apiNo: row.apiNo,
    apiPlace: await places.of(row.apiNo),
    startTimeMs: row.startTimeMs,
    customData: (configuration?.custom_data ?? null) as CallInfo['customData'],
    sipDomain: row.sipDomain,
    sipForwardedFor: row.sipForwardedFor,
  };
  return [{ type: 'start', atMs: row.startTimeMs, call, settings, sessionData: null, seed: 0 }];
}
