import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { MediaSession } from '@voxology/media';
import type { Recognized, Utterance } from '@voxology/speech';
import { expect, test } from 'vitest';
import type { CallInput } from '../call/input.ts';
import { CallListening } from './call-listening.ts';

/** A call that is listened to, a session that tells what was asked of it, a recogniser that answers when it is told to. */
function setUp({ refusal = null, broken = false }: { refusal?: string | null; broken?: boolean } = {}) {
  const told: CallInput[] = [];
  const acts: string[] = [];
  const asked: (Utterance & { owner: string; signal: AbortSignal } & PromiseWithResolvers<Recognized>)[] = [];
  const session = Object.assign(new EventEmitter(), {
    startListening: (id: string, { endSilenceMs }: { endSilenceMs: number }) => {
      if (broken) throw new Error('the session is closed');
      acts.push(`start ${id} ${endSilenceMs}`);
    },
    stopListening: (id: string) => void acts.push(`stop ${id}`),
  });
  const listening = new CallListening({
    recognition: {
      prepare: async () => refusal,
      recognize: (owner, utterance, signal) => {
        const answer = Promise.withResolvers<Recognized>();
        signal.addEventListener('abort', () => answer.reject(signal.reason));
        asked.push({ ...utterance, owner, signal, ...answer });
        return answer.promise;
      },
    },
    maxUtteranceMs: 30_000,
    call: { appId: 'app' },
    post: (input) => void told.push(input),
  });
  const start = (listenId: string) =>
    listening.start(session as unknown as MediaSession, {
      type: 'start_listening',
      listenId,
      hints: ['yes'],
      language: 'en-US',
      endSilenceMs: 700,
    });
  const stop = (listenId: string) => listening.stop(listenId);
  const speak = (listenId: string, samples = new Int16Array(160)) => {
    session.emit('speechStarted', { listenId });
    session.emit('utterance', { listenId, samples, sampleRateHz: 8000 });
  };
  return { told, acts, asked, listening, start, stop, speak };
}

test('utterances are recognised one after the other and told in order', async () => {
  const { told, acts, asked, start, stop, speak } = setUp();
  start('a');
  speak('a');
  speak('a');
  await turn();
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ owner: 'app', hints: ['yes'], language: 'en-US', sampleRateHz: 8000 });
  asked[0]?.resolve({ text: 'yes', confidence: 0.9 });
  await turn();
  asked[1]?.resolve({ text: '', confidence: null });
  await turn();
  stop('a');
  expect(told).toEqual([
    { type: 'speech_started', listenId: 'a' },
    { type: 'speech_started', listenId: 'a' },
    { type: 'speech_recognized', listenId: 'a', text: 'yes', confidence: 0.9 },
    { type: 'speech_recognized', listenId: 'a', text: '', confidence: null },
  ]);
  expect(acts).toEqual(['start a 700', 'stop a']);
});

test('a second start replaces the first; what the first heard is given up', async () => {
  const { told, acts, asked, start, stop, speak } = setUp();
  start('a');
  speak('a');
  await turn();
  start('b');
  expect(asked[0]?.signal.aborted).toBe(true);
  speak('a');
  stop('a');
  speak('b');
  await turn();
  asked[1]?.resolve({ text: 'no', confidence: 1 });
  await turn();
  expect(told).toEqual([
    { type: 'speech_started', listenId: 'a' },
    { type: 'speech_started', listenId: 'b' },
    { type: 'speech_recognized', listenId: 'b', text: 'no', confidence: 1 },
  ]);
  expect(acts).toEqual(['start a 700', 'stop a', 'start b 700']);
});

test.each([
  ['no recogniser', { refusal: 'install one' }, 'install one'],
  ['a session that is gone', { broken: true }, 'the session is closed'],
])('%s: the listening fails once', async (_, options, reason) => {
  const { told, start, speak } = setUp(options);
  start('a');
  await turn();
  speak('a');
  expect(told).toEqual([{ type: 'listening_failed', listenId: 'a', reason }]);
});

test('a recogniser that breaks ends the listening', async () => {
  const { told, acts, asked, start, speak } = setUp();
  start('a');
  speak('a');
  speak('a');
  await turn();
  asked[0]?.reject(new Error('it broke'));
  await turn();
  expect(told.at(-1)).toEqual({ type: 'listening_failed', listenId: 'a', reason: 'it broke' });
  expect(acts).toEqual(['start a 700', 'stop a']);
  expect(asked).toHaveLength(1);
});

test('a recogniser that is behind does not collect utterances for ever', async () => {
  const { told, start, speak } = setUp();
  start('a');
  for (let i = 0; i < 5; i++) speak('a');
  await turn();
  expect(told.at(-1)).toMatchObject({ type: 'listening_failed', reason: expect.stringContaining('slower') });
});

test('what there was no memory for was not understood', async () => {
  const { told, asked, start, speak } = setUp();
  start('a');
  speak('a', new Int16Array(0));
  await turn();
  expect(asked).toEqual([]);
  expect(told.at(-1)).toEqual({ type: 'speech_recognized', listenId: 'a', text: '', confidence: null });
});

test('after the end of the call nothing is told', async () => {
  const { told, acts, asked, listening, start, speak } = setUp();
  start('a');
  speak('a');
  await turn();
  listening.close();
  listening.close();
  speak('a');
  await turn();
  expect(asked[0]?.signal.aborted).toBe(true);
  expect(told).toEqual([{ type: 'speech_started', listenId: 'a' }]);
  expect(acts).toEqual(['start a 700', 'stop a']);
});
