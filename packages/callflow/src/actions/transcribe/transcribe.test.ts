import { expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { VirtualCall, type VirtualCallOptions } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const begin = (actions: JsonObject[], options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: { document: { actions } }, settings: { answerOnRing: true }, ...options });

test('begins with what is written, and stops', () => {
  const params = {
    action: 'start',
    tracks: ['caller'],
    hints: ['Voxology'],
    language: 'en-US',
    live_transcript_webhook: { url: 'https://example.com/live' },
    end_transcript_webhook: 'https://example.com/end',
    end_transcript_webhook_failover: { url: 'https://example.com/spare' },
  };
  const stop = { type: 'TRANSCRIBE', params: { action: 'stop' } };
  const call = begin([{ type: 'TRANSCRIBE', params }, say('x'), stop, stop, HANGUP]).toEnd();
  expect(call.of('start_transcription')).toMatchObject([
    {
      transcriptionId: 'w1',
      tracks: ['caller'],
      hints: ['Voxology'],
      language: 'en-US',
      liveUrl: 'https://example.com/live',
      endUrl: 'https://example.com/end',
      endFailoverUrl: 'https://example.com/spare',
    },
  ]);
  expect(call.of('stop_transcription')).toMatchObject([{ transcriptionId: 'w1' }]);
  expect(call.messages('warning')).toEqual(['there is no transcription to stop']);
  const wrong = begin([{ type: 'TRANSCRIBE', params: { tracks: ['callee'] } }, HANGUP]).toEnd();
  expect(wrong.of('start_transcription')).toMatchObject([{ tracks: ['caller', 'transfer'] }]);
  expect(wrong.messages('warning')[0]).toBe('params.tracks: "callee" is no track; there are caller, transfer');
});

test('a failure is reported, its event runs beside the flow', () => {
  const action = { type: 'TRANSCRIBE', events: { on_error: [{ $why: '$reason' }] } };
  const call = begin([action, say('x'), say('${why}'), HANGUP]).advance(300);
  expect(call.of('start_transcription')[0]).toMatchObject({ tracks: ['caller', 'transfer'], liveUrl: null });
  call.input({ type: 'transcription_failed', transcriptionId: 'w1', reason: 'no engine', atMs: call.nowMs }).toEnd();
  expect(call.heard).toEqual(['x', 'no engine']);
  expect(call.messages('error')).toEqual(['the transcription failed: no engine']);
});
