import { backgroundOf } from '../../interpreter/background.ts';
import { dropEvents, type EventRange, eventNow, raise } from '../../interpreter/events.ts';
import { stopRecording } from '../../interpreter/recordings.ts';
import { emitWhileUp, report, type Step } from '../../interpreter/step.ts';
import type { ConferenceInput, JsonObject } from '../../io.ts';
import type { Instruction } from '../../program/program.ts';
import { type ActionInput, CONTINUE, type Outcome } from '../action.ts';
import type { EventRanges } from '../events/events.ts';
import { type BackgroundRecording, beginRecording } from '../record/recording-options.ts';
import { changeEffect } from './change-effect.ts';

/** A CONFERENCE under way: entering or in the room, or `after` it with the lists that are still to be run. */
export type InConference = {
  joinId: string;
  name: string;
  /** How it is recorded from the moment it is in the room; null: it is not. */
  record: BackgroundRecording | null;
  recordingId: string | null;
  after: EventRange[] | null;
};

/** So that a loop around a room that is full, or cannot be had, ends. */
const STEPS_OF_A_REFUSAL = 200;

type Of<Type extends ConferenceInput['type']> = Extract<ActionInput, { type: Type }>;

export function onConferenceInput(
  step: Step,
  instruction: Instruction,
  conference: InConference,
  input: ActionInput,
  events: EventRanges,
): Outcome<InConference> | null {
  const { joinId, after } = conference;
  if (after !== null) return null;
  if (input.type === 'conference_command') {
    step.effects.push(changeEffect(joinId, input.command));
    return { kind: 'wait', wait: conference };
  }
  if (!('joinId' in input) || input.joinId !== joinId) return null;
  switch (input.type) {
    case 'conference_entered':
      return entered(step, instruction, conference, input, events);
    case 'conference_participants':
      return othersChanged(step, instruction, conference, input, events);
    case 'conference_refused':
      return refused(step, instruction, conference, input, events);
    case 'conference_left':
      return left(step, instruction, conference, input, events);
  }
}

export function abandonConference(step: Step, conference: InConference): void {
  if (conference.after !== null) return;
  emitWhileUp(step, { type: 'leave_conference', joinId: conference.joinId });
  close(step, conference);
}

/** Runs what is left to be run after the conference, then the flow goes on. */
export function afterwards(conference: InConference): Outcome<InConference> {
  const [next, ...rest] = conference.after ?? [];
  if (next === undefined) return CONTINUE;
  return { kind: 'enter', from: next.from, to: next.to, wait: { ...conference, after: rest } };
}

function entered(
  step: Step,
  instruction: Instruction,
  conference: InConference,
  { participants }: Of<'conference_entered'>,
  { on_enter }: EventRanges,
): Outcome<InConference> {
  const { joinId, name } = conference;
  report(step, 'progress', instruction, `in the conference ${name}: ${counted(participants)}`, { name, participants });
  raiseHere(step, instruction, 'on_enter', joinId, on_enter, { participants });
  const recordingId = beginRecording(step, instruction, conference.record);
  return { kind: 'wait', wait: { ...conference, recordingId } };
}

function othersChanged(
  step: Step,
  instruction: Instruction,
  conference: InConference,
  { change, callerNo, callId, participants }: Of<'conference_participants'>,
  events: EventRanges,
): Outcome<InConference> {
  const { joinId } = conference;
  const what = `${callerNo} ${change === 'enter' ? 'entered' : 'left'}: ${counted(participants)}`;
  report(step, 'progress', instruction, what, { change, no: callerNo, call_id: callId, participants });
  const name = change === 'enter' ? 'on_participant_enter' : 'on_participant_exit';
  raiseHere(step, instruction, name, joinId, events[name], { participant: callerNo, participants });
  return { kind: 'wait', wait: conference };
}

function refused(
  step: Step,
  instruction: Instruction,
  conference: InConference,
  { reason }: Of<'conference_refused'>,
  { on_enter_error_max_participants: full }: EventRanges,
): Outcome<InConference> {
  const { name } = conference;
  close(step, conference);
  step.call.stepsWithoutWait += STEPS_OF_A_REFUSAL;
  const why = reason === 'max_participants' ? 'it is full' : reason;
  report(step, 'progress', instruction, `not in the conference ${name}: ${why}`, { name, reason });
  const lists = reason === 'max_participants' && full !== undefined ? [full] : [];
  return afterwards({ ...conference, after: lists });
}

function left(
  step: Step,
  instruction: Instruction,
  conference: InConference,
  { reason }: Of<'conference_left'>,
  { on_end, on_exit }: EventRanges,
): Outcome<InConference> {
  const { name } = conference;
  close(step, conference);
  const how = { left: 'it left', ended: 'the conference is over', kicked: 'it was taken out' }[reason];
  report(step, 'progress', instruction, `out of the conference ${name}: ${how}`, { name, reason });
  const lists = [reason === 'ended' ? on_end : undefined, on_exit];
  return afterwards({ ...conference, after: lists.filter((list) => list !== undefined) });
}

function raiseHere(
  step: Step,
  instruction: Instruction,
  name: string,
  joinId: string,
  range: EventRange | undefined,
  locals: JsonObject,
): void {
  if (range !== undefined) raise(step, instruction, eventNow(step, name, joinId, range, locals));
}

function close(step: Step, { joinId, recordingId }: InConference): void {
  const recording = recordingId === null ? undefined : backgroundOf(step, 'recording', recordingId);
  if (recording !== undefined) stopRecording(step, recording);
  if (step.call.joined?.id === joinId) step.call.joined = null;
  dropEvents(step, joinId);
}

function counted(participants: number): string {
  return participants === 1 ? 'alone' : `${participants} participants`;
}
