import type { RecordingEffect } from '../io.ts';
import { addBackground, removeBackground } from './background.ts';
import type { Background } from './state.ts';
import { emitWhileUp, report, type Spot, type Step, setTimer } from './step.ts';

/** How something is recorded. */
export type RecordingStart = Omit<Extract<RecordingEffect, { type: 'start_recording' }>, 'type' | 'recordingId'>;

/** Begins a recording that goes on until it is stopped; null when too many go on already. */
export function startRecording(step: Step, spot: Spot, start: RecordingStart, maxTimeMs: number | null): string | null {
  const { call } = step;
  const recordingId = `${call.info.callId}.${call.nextRecording}`;
  const timerId = maxTimeMs === null ? null : setTimer(step, maxTimeMs);
  const background = { kind: 'recording', id: recordingId, name: start.name, timerId, events: {} } as const;
  if (!addBackground(step, spot, background)) return null;
  call.nextRecording += 1;
  step.effects.push({ type: 'start_recording', recordingId, ...start });
  report(step, 'progress', spot, `recording${start.name === null ? '' : ` ${start.name}`}: ${described(start)}`, {
    id: recordingId,
  });
  return recordingId;
}

function described({ callerOnly, format, channels, transcribe }: RecordingStart): string {
  const what = [
    callerOnly ? 'a message' : 'the call',
    format.toUpperCase(),
    channels === 1 ? 'one channel' : 'two channels',
  ];
  return [...what, ...(transcribe ? ['written down'] : [])].join(', ');
}

/** Stops it, unless the end of the call does; from now on callbacks tell of it. */
export function stopRecording(step: Step, recording: Background): void {
  const { id, name, spot } = recording;
  if (step.call.phase.name === 'over')
    report(step, 'progress', spot, ofRecording(name, 'recorded to the end of the call'), { id });
  else emitWhileUp(step, { type: 'stop_recording', recordingId: id });
  keepRecording(step, recording);
}

/** Something that is told of a recording, with its name when it has one. */
export function ofRecording(name: string | null, what: string): string {
  return name === null ? what : `${name}: ${what}`;
}

/** It is over: the next callback tells of it. */
export function keepRecording(step: Step, recording: Background): void {
  const { call } = step;
  removeBackground(step, recording);
  call.recordings = [...call.recordings, { name: recording.name, id: recording.id }];
}
