import type { CallOutcome, EndStatus, Input } from '../io.ts';
import { backgroundsOf } from './background.ts';
import { callbackBody, durationMs } from './callback-body.ts';
import { stopRecording } from './recordings.ts';
import { askForAnswer } from './ringing.ts';
import {
  cancelAllTimers,
  NOWHERE,
  report,
  reportError,
  reportVerdict,
  type Spot,
  type Step,
  startPlayback,
  stopPlayback,
} from './step.ts';
import { abandonStrand } from './strand.ts';

/** Nothing more can be had from the flow: says the apology, answering first if need be, then hangs up. */
export function giveUp(step: Step, reason: string, spot: Spot = NOWHERE): void {
  const { call } = step;
  reportVerdict(step, spot, reason);
  call.failure = reason;
  putAway(step);
  if (call.message !== null || call.settings.apologyText.trim() === '') {
    hangUp(step, reason);
    return;
  }
  call.phase = { name: 'apologising', playbackId: null, reason };
  if (call.answeredAtMs === null) askForAnswer(step);
  else sayApology(step);
}

/** Says the apology, once media can flow. */
export function sayApology(step: Step): void {
  const { call } = step;
  const { phase } = call;
  if (phase.name !== 'apologising' || phase.playbackId !== null) return;
  const source = { kind: 'say', text: call.settings.apologyText, voice: null, language: null } as const;
  call.phase = { ...phase, playbackId: startPlayback(step, source) };
}

/** The apology is said, or could not be. */
export function onApologyInput(
  step: Step,
  input: Extract<Input, { type: 'playback_ended' | 'playback_failed' }>,
): void {
  const { phase } = step.call;
  if (phase.name !== 'apologising' || phase.playbackId !== input.playbackId) return;
  if (input.type === 'playback_failed') reportError(step, NOWHERE, `could not say the apology: ${input.reason}`);
  step.call.phase = { ...phase, playbackId: null };
  hangUp(step, phase.reason);
}

/** Ends the call from our side; an `ended` input follows. Everything under way is put away. The flow of a message just ends. */
export function hangUp(step: Step, reason: string, sipStatus: number | null = null): void {
  const { call } = step;
  if (call.phase.name === 'leaving' || call.phase.name === 'over') return;
  putAway(step);
  call.phase = { name: 'leaving' };
  // What a message has sent is waited for, up to its longest time.
  if (call.message !== null) return;
  cancelAllTimers(step);
  step.effects.push({ type: 'hang_up', reason, sipStatus });
}

/**
 * The call is over on the wire: the last callback and the figures of the call's record, once. The flow of a message is
 * given up by it, with all that it waits for.
 */
export function finish(step: Step, input: Extract<Input, { type: 'ended' }>): void {
  const { call } = step;
  if (call.message !== null) {
    endMessage(step, input.error ?? input.reason);
    return;
  }
  call.phase = { name: 'over' };
  call.endedAtMs = call.nowMs;
  putAway(step);
  cancelAllTimers(step);
  for (const recording of backgroundsOf(step, 'recording', null)) stopRecording(step, recording);
  call.background = [];
  const { callback, callbackFailover } = call.settings;
  step.effects.push({
    type: 'finish',
    target: callback,
    failover: callbackFailover,
    body: callbackBody(call, 'end_call', input.status),
    record: outcomeOf(step, input, input.status),
  });
  call.keyPressEntries = [];
  call.recordings = [];
  call.program = null;
}

/** Gives the flow of a message up, with all that it waits for. */
export function endMessage(step: Step, reason: string): void {
  const { call } = step;
  call.failure ??= reason;
  hangUp(step, reason);
  call.background = [];
}

function outcomeOf(step: Step, input: Extract<Input, { type: 'ended' }>, status: EndStatus): CallOutcome {
  const { call } = step;
  const connectedMs = call.answeredAtMs === null ? 0 : call.nowMs - call.answeredAtMs;
  return {
    status,
    hangupEnd: input.by,
    endTimeMs: call.nowMs,
    durationMs: durationMs(call),
    connectTimeSec: Math.ceil(connectedMs / 1000),
    detection: call.detection,
    error: input.error ?? call.failure,
  };
}

function putAway(step: Step): void {
  const { call } = step;
  call.raised = [];
  if (call.event !== null) abandonStrand(step, call.event);
  call.event = null;
  for (const strand of call.callees) abandonStrand(step, strand);
  call.callees = [];
  for (const strand of call.strands) abandonStrand(step, strand);
  call.strands = [];
  if (call.injected.length > 0) {
    const left = `the call ends; ${call.injected.length} injected lists of actions were not run`;
    report(step, 'warning', NOWHERE, left);
    call.injected = [];
  }
  if (call.phase.name === 'apologising' && call.phase.playbackId !== null) stopPlayback(step, call.phase.playbackId);
  // What comes now is the call's own: nothing of it is for the leg of a callee whose list has given the call up.
  step.strand = null;
}
