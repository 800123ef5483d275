import { backgroundOf, removeBackground } from '../../interpreter/background.ts';
import { keepRecording, ofRecording, stopRecording } from '../../interpreter/recordings.ts';
import { NOWHERE, report, reportError, type Step } from '../../interpreter/step.ts';
import type { BackgroundInput } from '../action.ts';

/** What becomes of a recording that goes on beside the flow. */
export function onRecordingInput(step: Step, input: BackgroundInput): boolean {
  const { call } = step;
  switch (input.type) {
    case 'timer': {
      const recording = call.background.find(({ kind, timerId }) => kind === 'recording' && timerId === input.timerId);
      if (recording === undefined) return false;
      stopRecording(step, recording);
      return true;
    }
    case 'recording_ended': {
      const { recordingId, durationMs, by } = input;
      const recording = backgroundOf(step, 'recording', recordingId);
      if (recording !== undefined) keepRecording(step, recording);
      // One that the flow has stopped is in the background no more.
      const { name } = recording ?? call.recordings.find(({ id }) => id === recordingId) ?? { name: null };
      const what = ofRecording(name, `recorded ${durationMs} ms, ended by ${by}`);
      report(step, 'progress', recording?.spot ?? NOWHERE, what, {
        id: recordingId,
        durationMs,
        by,
      });
      call.lastRecording = { id: recordingId, durationMs };
      return true;
    }
    case 'recording_failed': {
      const { recordingId, reason } = input;
      const recording = backgroundOf(step, 'recording', recordingId);
      if (recording === undefined) return true;
      removeBackground(step, recording);
      reportError(step, recording.spot, `the recording failed: ${reason}`, { reason });
      return true;
    }
    default:
      return false;
  }
}
