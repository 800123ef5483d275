import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { CallInfo } from '@voxology/callflow';
import type { MediaSession } from '@voxology/media';
import type { Recognized, Utterance } from '@voxology/speech';
import { beforeEach, expect, test } from 'vitest';
import { CallLogs } from '../call/call-logs.ts';
import type { CallInput } from '../call/input.ts';
import type { SentBody } from '../callback/encode.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import type { StartTranscription } from './call-transcription.ts';
import { CallTranscriptions } from './call-transcriptions.ts';
import { Transcripts } from './transcripts.ts';

class Session extends EventEmitter {
  readonly acts: string[] = [];
  /** What is being said when nobody listens any more. */
  unfinished: Int16Array | null = null;

  startListening(id: string, { tellUnfinished }: { tellUnfinished: boolean }): void {
    this.acts.push(`listen ${id} ${tellUnfinished}`);
  }
  stopListening(listenId: string): void {
    this.acts.push(`stop ${listenId}`);
    queueMicrotask(() => {
      if (this.unfinished !== null) this.emit('utterance', { listenId, samples: this.unfinished, sampleRateHz: 8000 });
      this.emit('listeningEnded', { listenId });
    });
  }
  say(listenId: string, lengthMs = 1600): void {
    this.emit('speechStarted', { listenId });
    nowMs += lengthMs;
    this.emit('utterance', { listenId, samples: new Int16Array(lengthMs * 8), sampleRateHz: 8000 });
  }
  asMedia(): MediaSession {
    return this as unknown as MediaSession;
  }
}

const CALL = { callId: 'c1', appId: 'app', subaccountId: '0', direction: 'inbound', callerNo: '+1', apiNo: '+2' };
const OF_CALL = {
  app_id: 'app',
  subaccount_id: '0',
  call_id: 'c1',
  direction: 'inbound',
  caller_no: '+1',
  api_no: '+2',
};
const START: StartTranscription = {
  type: 'start_transcription',
  transcriptionId: 'w1',
  tracks: ['caller', 'transfer'],
  hints: ['yes'],
  language: 'en-US',
  liveUrl: 'http://live.example/',
  endUrl: 'http://end.example/',
  endFailoverUrl: 'http://spare.example/',
};

let nowMs: number;
let store: MemoryStore;
let caller: Session;
let far: Session;
let told: CallInput[];
let asked: (Utterance & PromiseWithResolvers<Recognized>)[];
let sent: { urls: (string | undefined)[]; body: SentBody }[];
let refusal: string | null;
let takes: (url: string) => boolean;
let transcripts: Transcripts;
let transcriptions: CallTranscriptions;

beforeEach(() => {
  nowMs = 1_000_000;
  [told, asked, sent, refusal, takes] = [[], [], [], null, () => true];
  store = new MemoryStore();
  [caller, far] = [new Session(), new Session()];
  const client = {
    deliver: async (target: { url: string }, failover: { url: string } | null, body: SentBody) => {
      if (!takes(target.url)) throw new Error('refused');
      sent.push({ urls: [target.url, failover?.url], body });
    },
  };
  const logs = new CallLogs(store.events);
  transcripts = new Transcripts({ store: store.asStore(), client, logs });
  transcriptions = new CallTranscriptions({
    recognition: {
      prepare: async () => refusal,
      recognize: (_owner, utterance, signal) => {
        const answer = Promise.withResolvers<Recognized>();
        signal.addEventListener('abort', () => answer.reject(signal.reason));
        asked.push({ ...utterance, ...answer });
        return answer.promise;
      },
    },
    transcripts,
    client,
    logs,
    maxUtteranceMs: 15_000,
    call: CALL as unknown as CallInfo,
    post: (input) => void told.push(input),
    nowMs: () => nowMs,
    onDefect: (error) => {
      throw error;
    },
  });
});

const start = (more: Partial<StartTranscription> = {}, reached: Session | null = null) =>
  transcriptions.carryOut(caller.asMedia(), reached?.asMedia() ?? null, { ...START, ...more });
const stop = () =>
  transcriptions.carryOut(caller.asMedia(), null, { type: 'stop_transcription', transcriptionId: 'w1' });
const settle = async () => {
  for (let i = 0; i < 5; i++) await turn();
};
/** The recogniser understands the utterance with this index. */
async function understand(index: number, text: string): Promise<void> {
  await settle();
  asked[index]?.resolve({ text, confidence: 0.5 });
  await settle();
}
/** The job queue does what it was told to. */
const deliver = (attempt = 1) =>
  store.tasks.get('transcript_webhook')?.(
    { id: 'c1.w1' },
    { jobId: '1', attempt, maxAttempts: 20, signal: new AbortController().signal },
  );
const row = () => store.transcriptRows.get('c1.w1');

test('each utterance is told as it is said, the whole at the end of the call', async () => {
  start();
  nowMs += 1000;
  caller.say('w1.1');
  caller.say('w1.1');
  await understand(0, 'yes');
  expect(sent).toEqual([
    {
      urls: ['http://live.example/', undefined],
      body: {
        type: 'live_transcript',
        ...OF_CALL,
        transcript_id: 'c1.w1',
        track: 'caller',
        sequence: 1,
        start_time: new Date(1_000_800).toISOString(),
        end_time: new Date(1_001_800).toISOString(),
        offset: 800,
        transcript: 'yes',
        confidence: 0.5,
        is_final: true,
      },
    },
  ]);
  expect(asked[0]).toMatchObject({ hints: ['yes'], language: 'en-US' });
  expect(row()).toMatchObject({ status: 'in_progress', pieces: [{ text: 'yes' }] });
  transcriptions.seal();
  expect(caller.listenerCount('utterance')).toBe(0);
  await understand(1, 'no');
  expect(row()).toMatchObject({ status: 'ready', error: null, webhookState: 'pending' });
  expect(store.jobsAdded).toEqual([{ id: 'c1.w1' }]);
  await deliver();
  expect(sent.at(-1)).toMatchObject({
    urls: ['http://end.example/', 'http://spare.example/'],
    body: {
      type: 'end_transcript',
      ...OF_CALL,
      status: 'ready',
      transcripts: [{ transcript: 'yes' }, { sequence: 2 }],
    },
  });
  expect(row()?.webhookState).toBe('delivered');
  await deliver();
  expect(sent.filter(({ body }) => body.type === 'end_transcript')).toHaveLength(1);
  expect(told).toEqual([]);
  expect(JSON.stringify(store.log)).not.toContain('yes');
});

test('who a transfer reaches is a track of its own for as long as it lasts', async () => {
  start();
  transcriptions.farSideChanged(far.asMedia());
  transcriptions.farSideChanged(far.asMedia());
  far.say('w1.2');
  await understand(0, 'hello');
  transcriptions.farSideChanged(null);
  await settle();
  expect(far.acts).toEqual(['listen w1.2 true', 'stop w1.2']);
  expect(far.listenerCount('utterance')).toBe(0);
  transcriptions.seal();
  await settle();
  expect(row()?.pieces).toMatchObject([{ track: 'transfer', text: 'hello' }]);
});

test('tracks that were not asked for are not listened to', () => {
  start({ tracks: ['transfer'] }, far);
  expect([caller.acts, far.acts]).toEqual([[], ['listen w1.1 true']]);
});

test('a stop waits for what is being said', async () => {
  start();
  caller.unfinished = new Int16Array(8000);
  stop();
  await understand(0, 'goodbye');
  expect(row()).toMatchObject({ status: 'ready', pieces: [{ text: 'goodbye' }] });
  expect(caller.acts).toEqual(['listen w1.1 true', 'stop w1.1']);
});

test('where nobody understands, the flow is told once and the whole says why', async () => {
  refusal = 'install one';
  start({ liveUrl: null });
  await settle();
  expect(told).toEqual([{ type: 'transcription_failed', transcriptionId: 'w1', reason: 'install one' }]);
  expect(row()).toMatchObject({ status: 'failed', error: 'install one', webhookState: 'pending' });
  expect(caller.acts).toEqual(['listen w1.1 true', 'stop w1.1']);
});

test('one that is not recognised is missing; three in a row end it', async () => {
  start();
  const fails = async (index: number) => {
    await settle();
    asked[index]?.reject(new Error('it broke'));
    await settle();
  };
  for (let i = 0; i < 5; i++) caller.say('w1.1');
  await fails(0);
  await understand(1, 'yes');
  expect(told).toEqual([]);
  for (const index of [2, 3, 4]) await fails(index);
  expect(told).toMatchObject([{ type: 'transcription_failed', reason: 'it broke' }]);
  expect(row()).toMatchObject({ status: 'failed', error: 'it broke', pieces: [{ text: 'yes', sequence: 1 }] });
});

test('a recogniser that is behind does not collect utterances for ever; what is missing is told of', async () => {
  start();
  for (let i = 0; i < 22; i++) caller.say('w1.1');
  transcriptions.seal();
  for (let i = 0; i < 20; i++) await understand(i, i === 0 ? '' : 'yes');
  expect(row()).toMatchObject({
    status: 'ready',
    error: 'not recognised: 2 of 21 utterances, the last because the recogniser is slower than people speak',
  });
  expect(row()?.pieces).toHaveLength(19);
});

test('a live piece that nobody takes is told no more, those after it are', async () => {
  start();
  takes = () => false;
  caller.say('w1.1');
  caller.say('w1.1');
  await understand(0, 'lost');
  takes = () => true;
  await understand(1, 'told');
  expect(sent).toMatchObject([{ body: { transcript: 'told', sequence: 2 } }]);
});

test('the whole that nobody takes is given up in the end', async () => {
  start();
  transcriptions.seal();
  await settle();
  takes = () => false;
  await expect(deliver(19)).rejects.toThrow('refused');
  await expect(deliver(20)).rejects.toThrow('refused');
  expect(row()).toMatchObject({ webhookState: 'failed', webhookError: 'refused' });
});

test('what a killed process left is ended with what there is, and told', async () => {
  start();
  caller.say('w1.1');
  await understand(0, 'yes');
  await transcripts.recover();
  expect(row()).toMatchObject({
    status: 'ready',
    error: expect.stringContaining('stopped'),
    pieces: [{ text: 'yes' }],
  });
  expect(store.jobsAdded).toEqual([{ id: 'c1.w1' }]);
});

test('a server that stops waits for the last words, for a while, and leaves the rest to the next start', async () => {
  start();
  caller.say('w1.1');
  caller.say('w1.1');
  transcriptions.seal();
  await understand(0, 'in time');
  await transcripts.stop(10);
  await expect(transcripts.finish('c1.w1', { status: 'ready', error: null })).rejects.toMatchObject({ code: 'closed' });
  expect(row()).toMatchObject({ status: 'in_progress', pieces: [{ text: 'in time' }] });
});
