import type { ActionInput } from '../actions/action.ts';
import type { CallbackTarget, Input, JsonObject } from '../io.ts';
import type { Program } from '../program/program.ts';
import type { ProgramCache } from '../program/program-cache.ts';
import { callbackBody } from './callback-body.ts';
import { calleeDone, isSameLeg } from './callees.ts';
import { giveUp, hangUp } from './ending.ts';
import { openNextEvent } from './events.ts';
import { documentStrand, emptyStrand } from './frames.ts';
import { listenForNext } from './listening.ts';
import { asksForNothing, requestMessageCallback } from './message.ts';
import { askForAnswer } from './ringing.ts';
import { deliver, jumpInto, type Rest, runStrand } from './run.ts';
import type { CallbackResult, Frame, Strand } from './state.ts';
import { cancelTimer, NOWHERE, report, reportError, reportVerdict, type Step, setTimer } from './step.ts';
import { abandonStrand } from './strand.ts';

type Answer = Extract<Input, { type: 'callback_answered' }>;

/** How the flow of a message ends when all goes well. */
const USED_UP = 'nothing is left to do';

/** Asks for the next list of actions: `init_call` the first time, `live_call` from then on; of a message, what it says each time. */
export function requestCallback(step: Step, target: CallbackTarget): void {
  const { call } = step;
  if (call.message !== null) {
    requestMessageCallback(step, call.message, target);
    return;
  }
  const type = call.callbackType === null ? 'init_call' : 'live_call';
  const requestId = `r${call.nextRequest}`;
  call.nextRequest += 1;
  call.callbackType = type;
  const body = callbackBody(call, type, null);
  call.keyPressEntries = [];
  call.recordings = [];
  call.phase = { name: 'requesting', requestId, held: null };
  step.effects.push({ type: 'request_callback', requestId, target, failover: call.settings.callbackFailover, body });
}

/** Takes the answer to a callback; while an injected list runs, the document waits for the end of that. */
export function onCallbackResult(
  step: Step,
  input: Answer | Extract<Input, { type: 'callback_failed' }>,
  programs: ProgramCache,
): void {
  const { call } = step;
  const { phase } = call;
  if (phase.name !== 'requesting' || phase.requestId !== input.requestId || phase.held !== null) return;
  if (call.message !== null && isAnswerToNothing(step, input)) {
    hangUp(step, USED_UP);
    return;
  }
  const result =
    input.type === 'callback_answered'
      ? readAnswer(step, input, programs)
      : { reason: `the callback failed: ${input.reason}` };
  if (call.strands.length > 0) call.phase = { ...phase, held: result };
  else takeResult(step, result);
}

function isAnswerToNothing(step: Step, input: Answer | { type: 'callback_failed' }): boolean {
  if (input.type !== 'callback_answered' || input.httpStatus < 200 || input.httpStatus > 299) return false;
  return asksForNothing(step, input.bodyText);
}

function readAnswer(step: Step, { httpStatus, bodyText }: Answer, programs: ProgramCache): CallbackResult {
  if (httpStatus < 200 || httpStatus > 299)
    return { reason: `the callback was answered with HTTP status ${httpStatus}` };
  const loaded = programs.load(bodyText);
  if (!loaded.ok) {
    const { message, line, column } = loaded.fault;
    report(step, 'document_rejected', NOWHERE, message, { line, column });
    return { reason: message };
  }
  const { program } = loaded;
  const data: JsonObject = { size_characters: program.sizeCharacters, action_count: program.actionCount };
  report(step, 'document_loaded', NOWHERE, `document with ${program.actionCount} actions loaded`, data);
  for (const warning of program.warnings) report(step, 'warning', warning, warning.message);
  return { program };
}

function takeResult(step: Step, result: CallbackResult): void {
  if ('reason' in result) giveUp(step, result.reason);
  else beginProgram(step, result.program);
}

function beginProgram(step: Step, program: Program): void {
  if (program.isEmpty && step.call.message === null) {
    pauseAfterEmptyAnswer(step);
    return;
  }
  const { call } = step;
  call.emptyAnswers = 0;
  call.idleCallbacks += 1;
  call.stepsWithoutWait = 0;
  call.lastLoopPath = null;
  call.program = program;
  call.strands = [documentStrand(call, program)];
  call.phase = { name: 'running' };
  runMain(step);
}

/** Runs the injected lists that are waiting, unless the call has to be answered or started first. */
export function runInjected(step: Step): void {
  const { call } = step;
  if (call.injected.length === 0) return;
  if (call.phase.name !== 'running' && call.phase.name !== 'requesting' && call.phase.name !== 'pausing') return;
  if (call.strands.length === 0) call.strands = [emptyStrand()];
  runMain(step);
}

/** Runs the main strand on, and from its rest decides where the call goes. */
export function runMain(step: Step): void {
  const main = step.call.strands[0];
  if (main !== undefined) rested(step, runStrand(step, main));
}

/** Gives an input to the running actions, those of an event first; false when it is for none of them. */
export function deliverToStrands(step: Step, input: ActionInput): boolean {
  if (deliverToCallees(step, input)) return true;
  if (input.type === 'digit' && input.leg !== undefined) return false;
  const { event, strands } = step.call;
  const eventRest = event && deliver(step, event, input);
  if (eventRest !== null) {
    eventRested(step, eventRest);
    return true;
  }
  const [main] = strands;
  const rest = main === undefined ? null : deliver(step, main, input);
  if (rest === null) return false;
  rested(step, rest);
  return true;
}

/** Runs the event under way on, then those that wait for their turn, as far as they go. */
export function runEvents(step: Step): void {
  const { call } = step;
  for (;;) {
    const { name } = call.phase;
    if (name !== 'running' && name !== 'requesting' && name !== 'pausing') return;
    const event = call.event ?? openNextEvent(step);
    if (event === null) return;
    eventRested(step, runStrand(step, event));
    if (call.event !== null) return;
  }
}

function deliverToCallees(step: Step, input: ActionInput): boolean {
  for (const strand of step.call.callees) {
    if (input.type === 'digit' && !isSameLeg(strand.leg, input.leg ?? null)) continue;
    const [bottom] = strand.frames;
    const rest = deliver(step, strand, input);
    if (rest === null) continue;
    calleeRested(step, strand, bottom, rest);
    return true;
  }
  return false;
}

/** Runs on what callees hear, as far as it goes. */
export function runCallees(step: Step): void {
  const { call } = step;
  for (;;) {
    const strand = call.callees.find(({ frames }) => (frames.at(-1)?.wait ?? null) === null);
    if (strand === undefined) return;
    const [bottom] = strand.frames;
    calleeRested(step, strand, bottom, runStrand(step, strand));
  }
}

/** The action whose callee it is decides what comes after its list. */
function calleeRested(step: Step, strand: Strand, bottom: Frame | undefined, rest: Rest): void {
  const { call } = step;
  if (rest.kind === 'blocked') return;
  if (rest.kind === 'spinning') {
    rested(step, rest);
    return;
  }
  if (rest.kind === 'jumps_out')
    reportError(step, rest.instruction, 'a GOTO cannot leave what a callee hears; the rest of the list is left out');
  call.callees = call.callees.filter((other) => other !== strand);
  if (strand.leg === null) return;
  deliverToStrands(step, { ...calleeDone(strand.leg, bottom, rest.kind === 'hang_up'), atMs: call.nowMs });
}

/** The event has spoken: the flow says what had to wait for it. */
export function resumeVoice(step: Step): void {
  deliverToStrands(step, { type: 'voice_free', atMs: step.call.nowMs });
  runEvents(step);
}

/** Listens for whose turn it is; one that had to give way before is told that it is heard again. */
export function hearNextListener(step: Step): void {
  for (const listenId of listenForNext(step))
    deliverToStrands(step, { type: 'heard_again', listenId, atMs: step.call.nowMs });
}

function eventRested(step: Step, rest: Rest): void {
  const { call } = step;
  const [main] = call.strands;
  switch (rest.kind) {
    case 'used_up':
      call.event = null;
      return;
    case 'jumps_out':
      call.event = null;
      if (main !== undefined && jumpInto(step, main, rest.list, rest.to)) rested(step, runStrand(step, main));
      else reportError(step, rest.instruction, 'the list that this GOTO leads to is not running any more');
      return;
    case 'redirect':
      call.event = null;
      if (main !== undefined) abandonStrand(step, main);
      rested(step, rest);
      return;
    default:
      rested(step, rest);
  }
}

/** The pause before the next callback is over. */
export function onPauseOver(step: Step): void {
  requestCallback(step, step.call.settings.callback);
}

function rested(step: Step, rest: Rest): void {
  const { call } = step;
  switch (rest.kind) {
    case 'blocked':
    case 'jumps_out':
      return;
    case 'needs_answer':
      askForAnswer(step);
      return;
    case 'hang_up':
      hangUp(step, rest.reason, rest.sipStatus);
      return;
    case 'redirect':
      call.strands = [];
      if (isIdleTooLong(step)) return;
      if (call.phase.name === 'pausing') cancelTimer(step, call.phase.timerId);
      requestCallback(step, rest.target);
      runInjected(step);
      return;
    case 'used_up':
      call.strands = [];
      usedUp(step);
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

/** Everything has run: on to what the call waits for meanwhile, else to the next callback. */
function usedUp(step: Step): void {
  const { call } = step;
  const { phase } = call;
  if (phase.name === 'requesting' && phase.held !== null) takeResult(step, phase.held);
  if (phase.name !== 'running') return;
  if (call.message !== null) {
    hangUp(step, USED_UP);
    return;
  }
  if (isIdleTooLong(step)) return;
  if (call.idleCallbacks > 0) pause(step);
  else requestCallback(step, call.settings.callback);
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
    call.failure = message;
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
