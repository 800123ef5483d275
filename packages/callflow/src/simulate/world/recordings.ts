import type { Effect } from '../../io.ts';
import type { SimulatedRecording } from '../script.ts';
import type { Schedule } from './world.ts';

const BEEP_MS = 300;
const SPEAKS_MS = 5_000;

/** Begins a recording: it ends when the caller has spoken and then been silent, when it listens for silence. */
export function startRecording(
  { recordingId, name, beep, silenceMs }: Extract<Effect, { type: 'start_recording' }>,
  scripts: readonly SimulatedRecording[],
  { later, begin }: Schedule,
): void {
  const script = scripts.find((one) => one.name === undefined || one.name === name) ?? {};
  const { failure } = script;
  if (failure !== undefined) {
    later(0, recordingId, (atMs) => ({ type: 'recording_failed', recordingId, reason: failure, atMs }));
    return;
  }
  const beepMs = beep ? BEEP_MS : 0;
  begin(recordingId, beepMs);
  if (silenceMs === null) return;
  const durationMs = (script.speaksMs ?? SPEAKS_MS) + silenceMs;
  later(beepMs + durationMs, recordingId, (atMs) => {
    return { type: 'recording_ended', recordingId, by: 'silence', durationMs, atMs };
  });
}

export function stopRecording(recordingId: string, { later, cancel, since }: Schedule): void {
  cancel(recordingId);
  const durationMs = since(recordingId);
  if (durationMs === null) return;
  later(0, null, (atMs) => ({ type: 'recording_ended', recordingId, by: 'stop', durationMs, atMs }));
}
