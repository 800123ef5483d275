import { defaultFlowSettings } from '../flow-settings.ts';
import type { Input } from '../io.ts';
import { requestCallback } from './cycle.ts';
import { askForAnswer } from './ringing.ts';
import type { CallState } from './state.ts';
import { type Step, setTimer } from './step.ts';

/** A call as it starts. */
export function newCall(input: Extract<Input, { type: 'start' }>): CallState {
  return {
    kind: 'call',
    info: input.call,
    message: input.message ?? null,
    // A call's log may be older than a setting.
    settings: { ...defaultFlowSettings(input.settings.callback), ...input.settings },
    phase: { name: 'dialling' },
    nowMs: input.atMs,
    answerAsked: false,
    answeredAtMs: null,
    endedAtMs: null,
    maxCallTimerId: null,
    timerIds: [],
    nextRequest: 1,
    nextPlayback: 1,
    nextSend: 1,
    nextTimer: 1,
    nextList: 1,
    nextId: 1,
    joined: null,
    transfer: null,
    queue: null,
    background: [],
    nextRecording: 1,
    streamStatus: null,
    httpStatus: null,
    lastRecording: null,
    randomState: Number.isFinite(input.seed) ? input.seed | 0 : 0,
    callbackType: null,
    program: null,
    strands: [],
    event: null,
    callees: [],
    eventPlayback: null,
    raised: [],
    injected: [],
    variables: {},
    variableCount: 0,
    sessionData: input.sessionData,
    keyPresses: '',
    isCollectValid: null,
    speech: '',
    speechConfidence: null,
    listeners: [],
    heardBy: [],
    typedAhead: '',
    keyPressEntries: [],
    recordings: [],
    detection: 'unknown',
    failure: null,
    lateFinishKey: null,
    blockedAtMs: input.atMs,
    stepsWithoutWait: 0,
    legsTaken: 0,
    lastLoopPath: null,
    emptyAnswers: 0,
    idleCallbacks: 0,
  };
}

/** Inbound: answers, or rings and asks for the first actions. Outbound: waits for the callee. A message: asks what to do. */
export function beginCall(step: Step): void {
  const { call } = step;
  if (call.message !== null) {
    call.maxCallTimerId = setTimer(step, call.settings.maxCallTimeMs);
    requestCallback(step, call.settings.callback);
    return;
  }
  if (call.info.direction === 'outbound') return;
  if (call.settings.answerOnRing) {
    call.phase = { name: 'answering' };
    askForAnswer(step);
    return;
  }
  step.effects.push({ type: 'ring' });
  requestCallback(step, call.settings.callback);
}
