import type { BackgroundInput } from '../actions/action.ts';
import { ACTIONS } from '../actions/registry.ts';
import type { Input } from '../io.ts';
import { isJsonObject } from '../json-value.ts';
import type { ProgramCache } from '../program/program-cache.ts';
import { deliverToStrands, onCallbackResult, onPauseOver, requestCallback, runInjected, runMain } from './cycle.ts';
import { onDigit } from './digit.ts';
import { endMessage, finish, hangUp, onApologyInput, sayApology } from './ending.ts';
import { onInjectActions } from './injection.ts';
import { forgetPlayback, forgetTimer, NOWHERE, report, type Step, setTimer } from './step.ts';
import { mergeSessionData } from './variables.ts';

/** Carries out one input on a call that has started and is not over. */
export function onInput(step: Step, input: Input, programs: ProgramCache): void {
  switch (input.type) {
    case 'start':
      return;
    case 'answered':
      onAnswered(step);
      return;
    case 'callback_answered':
    case 'callback_failed':
      onCallbackResult(step, input, programs);
      return;
    case 'digit':
      onDigit(step, input);
      return;
    case 'playback_ended':
    case 'playback_failed':
      forgetPlayback(step, input.playbackId);
      if (!deliverToStrands(step, input)) onApologyInput(step, input);
      return;
    case 'digits_sent':
    case 'speech_started':
    case 'speech_recognized':
    case 'listening_failed':
      deliverToStrands(step, input);
      return;
    case 'conference_command':
      if (!deliverToStrands(step, input))
        report(step, 'warning', NOWHERE, `${input.command}: the call is in no conference`);
      return;
    case 'timer':
      onTimer(step, input);
      return;
    case 'ended':
      finish(step, input);
      return;
    case 'inject_session_data':
      if (isJsonObject(input.sessionData)) mergeSessionData(step, NOWHERE, input.sessionData);
      else report(step, 'warning', NOWHERE, 'injected session data is no object; it stays as it was');
      return;
    case 'inject_actions':
      onInjectActions(step, input);
      return;
    case 'hang_up':
      hangUp(step, input.reason);
      return;
    default:
      if (!deliverToStrands(step, input)) onBackground(step, input);
  }
}

/** For what an action left behind when it was over; anything else has come too late. */
function onBackground(step: Step, input: BackgroundInput): void {
  for (const action of ACTIONS) if (action.onBackground?.(step, input) === true) return;
}

function onAnswered(step: Step): void {
  const { call } = step;
  if (call.answeredAtMs !== null || call.phase.name === 'leaving') return;
  call.answeredAtMs = call.nowMs;
  call.maxCallTimerId = setTimer(step, call.settings.maxCallTimeMs);
  if (call.phase.name === 'dialling' || call.phase.name === 'answering') {
    requestCallback(step, call.settings.callback);
    runInjected(step);
  } else if (call.strands.length > 0) {
    runMain(step);
  } else {
    sayApology(step);
  }
}

function onTimer(step: Step, input: Extract<Input, { type: 'timer' }>): void {
  const { call } = step;
  if (!forgetTimer(step, input.timerId)) return;
  if (input.timerId === call.maxCallTimerId) {
    const what = call.message === null ? 'call' : 'flow of the message';
    const message = `the ${what} reached its longest time of ${call.settings.maxCallTimeMs} ms`;
    report(step, 'warning', NOWHERE, message);
    if (call.message === null) hangUp(step, message);
    else endMessage(step, message);
  } else if (call.phase.name === 'pausing' && call.phase.timerId === input.timerId) {
    onPauseOver(step);
  } else if (!deliverToStrands(step, input)) {
    onBackground(step, input);
  }
}
