import type { ActionInput } from '../actions/action.ts';
import type { CallbackTarget, Input, JsonObject } from '../io.ts';
import type { ProgramCache } from '../program/program-cache.ts';
import { callbackBody } from './callback-body.ts';
import { askForAnswer, giveUp, hangUp } from './ending.ts';
import { deliver, newStrand, type Rest, runStrand } from './run.ts';
import { NOWHERE, report, reportVerdict, type Step, setTimer } from './step.ts';

/** Asks for the next list of actions: `init_call` the first time, `live_call` from then on. */
export function requestCallback(step: Step, target: CallbackTarget): void {
  const { call } = step;
  const type = call.callbackType === null ? 'init_call' : 'live_call';
  const requestId = `r${call.nextRequest}`;
  call.nextRequest += 1;
  call.callbackType = type;
  const body = callbackBody(call, type, null);
  call.keyPressEntries = [];
  call.recordings = [];
  call.phase = { name: 'requesting', requestId };
  step.effects.push({ type: 'request_callback', requestId, target, failover: call.settings.callbackFailover, body });
}

export function onCallbackAnswered(
  step: Step,
  input: Extract<Input, { type: 'callback_answered' }>,
  programs: ProgramCache,
): void {
  if (!isAwaited(step, input.requestId)) return;
  if (input.httpStatus < 200 || input.httpStatus > 299) {
    giveUp(step, `the callback was answered with HTTP status ${input.httpStatus}`);
    return;
  }
  const loaded = programs.load(input.bodyText);
  if (!loaded.ok) {
    const { message, line, column } = loaded.fault;
    report(step, 'document_rejected', NOWHERE, message, { line, column });
    giveUp(step, message);
    return;
  }
  const { program } = loaded;
  const data: JsonObject = { size_characters: program.sizeCharacters, action_count: program.actionCount };
  report(step, 'document_loaded', NOWHERE, `document with ${program.actionCount} actions loaded`, data);
  for (const warning of program.warnings) report(step, 'warning', warning, warning.message);
  if (program.actionCount === 0) {
    pauseAfterEmptyAnswer(step);
    return;
  }
  const { call } = step;
  call.emptyAnswers = 0;
  call.idleCallbacks += 1;
  call.stepsWithoutWait = 0;
  call.lastLoopPath = null;
  call.program = program;
  call.strands = [newStrand(call, 'main')];
  call.phase = { name: 'running' };
  runMain(step);
}

export function onCallbackFailed(step: Step, input: Extract<Input, { type: 'callback_failed' }>): void {
  if (isAwaited(step, input.requestId)) giveUp(step, `the callback failed: ${input.reason}`);
}

/** Runs the main strand on, and from its rest decides where the call goes. */
export function runMain(step: Step): void {
  const main = step.call.strands[0];
  if (main !== undefined) rested(step, runStrand(step, main));
}

/** Gives an input to the running actions; false when it is for none of them. */
export function deliverToStrands(step: Step, input: ActionInput): boolean {
  for (const strand of step.call.strands) {
    const rest = deliver(step, strand, input);
    if (rest === null) continue;
    rested(step, rest);
    return true;
  }
  return false;
}

/** The pause before the next callback is over. */
export function onPauseOver(step: Step): void {
  requestCallback(step, step.call.settings.callback);
}

function isAwaited(step: Step, requestId: string): boolean {
  const { phase } = step.call;
  return phase.name === 'requesting' && phase.requestId === requestId;
}

function rested(step: Step, rest: Rest): void {
  const { call } = step;
  switch (rest.kind) {
    case 'blocked':
      return;
    case 'needs_answer':
      askForAnswer(step);
      return;
    case 'hang_up':
      hangUp(step, rest.reason);
      return;
    case 'redirect':
      call.strands = [];
      if (isIdleTooLong(step)) return;
      requestCallback(step, rest.target);
      return;
    case 'used_up':
      call.strands = [];
      if (isIdleTooLong(step)) return;
      if (call.idleCallbacks > 0) pause(step);
      else requestCallback(step, call.settings.callback);
      return;
    case 'spinning': {
      const { maxStepsWithoutWait } = call.settings;
      const loop = call.lastLoopPath ?? rest.path;
      giveUp(
        step,
        `endless loop: more than ${maxStepsWithoutWait} instructions without playing anything or waiting; ` +
          `the loop is closed by ${loop}. Put a SAY, PLAY or COLLECT into it, or a condition that ends it`,
        { path: loop, action: null },
      );
    }
  }
}

/** The lists loaded since the last real wait neither played nor waited: at some number of them the call is ended. */
function isIdleTooLong(step: Step): boolean {
  const { idleCallbacks, settings } = step.call;
  if (idleCallbacks < settings.maxIdleCallbacks) return false;
  giveUp(
    step,
    `${idleCallbacks} callbacks in a row gave actions that neither played anything nor waited; ` +
      'a document that only redirects or computes is fetched for ever',
  );
  return true;
}

function pauseAfterEmptyAnswer(step: Step): void {
  const { call } = step;
  const { maxEmptyAnswers } = call.settings;
  call.emptyAnswers += 1;
  call.idleCallbacks += 1;
  if (call.emptyAnswers >= maxEmptyAnswers) {
    const message = `${call.emptyAnswers} callback answers in a row had an empty "actions" list; the call is ended`;
    reportVerdict(step, NOWHERE, message);
    hangUp(step, message);
    return;
  }
  const pauseMs = call.settings.emptyAnswerPauseMs;
  report(step, 'warning', NOWHERE, `the "actions" list is empty; asking again in ${pauseMs} ms`);
  pause(step);
}

function pause(step: Step): void {
  step.call.phase = { name: 'pausing', timerId: setTimer(step, step.call.settings.emptyAnswerPauseMs) };
}
