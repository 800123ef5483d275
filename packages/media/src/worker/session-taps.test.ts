import { expect, test } from 'vitest';
import { recordingSettings } from '../record/recording.ts';
import type { WorkerEvent } from './protocol.ts';
import { SessionTaps } from './session-taps.ts';

test('a recording, an analysis or a listening of a session that has ended does not begin, and the engine is told', () => {
  const events: WorkerEvent[] = [];
  const taps = new SessionTaps({
    streamOf: () => undefined,
    now: () => 0,
    post: (event) => events.push(event),
    utteranceBytes: 1 << 20,
  });
  const settings = recordingSettings({ recordingId: 'r', path: '/x.wav', format: 'wav', channels: 1 });
  taps.handle({ type: 'startRecording', sessionId: 1, recording: 5, thread: 0, settings });
  taps.handle({ type: 'pauseRecording', sessionId: 1, recording: 5, filling: 'nothing' });
  taps.handle({ type: 'resumeRecording', sessionId: 1, recording: 5 });
  taps.handle({ type: 'suppressDigits', sessionId: 1, recording: 5, on: true });
  taps.handle({ type: 'stopRecording', sessionId: 1, recording: 5 });
  taps.handle({ type: 'startAnalysis', sessionId: 1, analysisId: 'a', options: {} });
  taps.handle({ type: 'stopAnalysis', sessionId: 1, analysisId: 'a' });
  taps.handle({ type: 'startListening', sessionId: 1, listenId: 'l', options: { endSilenceMs: 700 } });
  taps.handle({ type: 'stopListening', sessionId: 1, listenId: 'l' });
  taps.ends(1);
  taps.close();
  expect(events).toEqual([{ type: 'recordingRefused', recording: 5 }]);
});
