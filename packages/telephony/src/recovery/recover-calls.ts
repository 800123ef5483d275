import type { CallInfo, Effect, Input, Interpreter } from '@voxology/callflow';
import type { DialogState, SipEndpoint } from '@voxology/sip';
import type { CallEvent, CallRow, Store } from '@voxology/store';
import { CallLog } from '../call/call-log.ts';
import type { EndCallbacks } from '../callback/end-callbacks.ts';
import { type FlowLimits, flowSettings } from '../flow-settings.ts';
import type { NumberPlaces } from '../number/place.ts';

type FinishEffect = Extract<Effect, { type: 'finish' }>;

export interface RecoveryOptions {
  store: Store;
  endpoint: SipEndpoint;
  interpreter: Interpreter;
  endCallbacks: EndCallbacks;
  places: NumberPlaces;
  limits: FlowLimits;
  nowMs(): number;
  onError(callId: string, error: unknown): void;
}

const REASON = 'The server process ended while the call was up';

/**
 * Puts in order what a process left behind that ended without warning: dialogs that were up get a BYE, rows are closed
 * with the reason, last callbacks go out. The flow's state at the crash comes from running the call's event log through
 * the interpreter again. Resolves with the number of calls closed; one that cannot be closed does not stop the others.
 */
export async function recoverCalls(options: RecoveryOptions): Promise<number> {
  const { store, endCallbacks, onError } = options;
  const { unfinished, pendingEndCallbacks } = await store.calls.recover();
  for (const row of unfinished) {
    try {
      await recoverCall(row, options);
    } catch (error) {
      onError(row.callId, error);
    }
  }
  for (const { callId } of pendingEndCallbacks) await endCallbacks.enqueue(callId);
  return unfinished.length;
}

async function recoverCall(row: CallRow, options: RecoveryOptions): Promise<void> {
  const { store, endpoint, endCallbacks, nowMs, onError } = options;
  const { callId } = row;
  if (row.dialog !== null && row.answerTimeMs !== null) {
    // The remote party may be gone too; its silence must not hold up the start.
    endpoint.byeRestored(row.dialog as DialogState).catch((error: unknown) => onError(callId, error));
  }
  const events = await store.events.list(callId);
  const log = new CallLog(callId, store.events, events.at(-1)?.seq ?? 0);
  const finish = await finishOf(row, events, log, options);
  if (finish === null) {
    const endTimeMs = nowMs();
    await store.calls.finish(callId, {
      status: 'failed',
      hangupEnd: 'api',
      endTimeMs,
      durationMs: endTimeMs - row.startTimeMs,
      connectTimeSec: 0,
      detection: 'unknown',
      error: `${REASON}; its number has no callback any more`,
      endCallback: null,
    });
    return;
  }
  const { target, failover, body, record } = finish;
  await store.calls.finish(callId, { ...record, endCallback: { target, failover, body } });
  void endCallbacks.send(callId, { target, failover, body }, log).catch((error: unknown) => onError(callId, error));
}

async function finishOf(
  row: CallRow,
  events: CallEvent[],
  log: CallLog,
  options: RecoveryOptions,
): Promise<FinishEffect | null> {
  const { interpreter, nowMs } = options;
  const logged = events
    .filter(({ kind }) => kind === 'input')
    .map(({ type, at, data }) => ({ ...(data as object), type, atMs: at }) as Input);
  const inputs = logged[0]?.type === 'start' ? logged : await inputsOf(row, options);
  if (inputs === null) return null;
  const ended: Input = {
    type: 'ended',
    atMs: nowMs(),
    status: 'failed',
    by: 'api',
    reason: 'recovered',
    error: REASON,
  };
  let state = interpreter.initialState();
  let finish: FinishEffect | null = null;
  for (const input of [...inputs, ended]) {
    const step = interpreter.step(state, input);
    state = step.state;
    finish ??= step.effects.find((effect) => effect.type === 'finish') ?? null;
    if (input === ended) {
      log.input(ended);
      for (const effect of step.effects) log.effect(effect, ended.atMs);
    }
  }
  return finish;
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
  const inputs: Input[] = [{ type: 'start', atMs: row.startTimeMs, call, settings, sessionData: null, seed: 0 }];
  if (row.answerTimeMs !== null) inputs.push({ type: 'answered', atMs: row.answerTimeMs });
  return inputs;
}
