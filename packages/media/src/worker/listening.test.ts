import { beforeAll, expect, test, vi } from 'vitest';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import { speak } from '../testing/speech.ts';
import type { WorkerEvent } from './protocol.ts';
import { VirtualNetwork, type VirtualWorker } from './virtual-network.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PAUSE_S = 1;
let speech: Int16Array;
beforeAll(async () => {
  speech = await speak('rms', 'Sales, please, about six boxes.', 8000);
});

/** The caller is silent for a second, speaks, and is silent again. */
function speaking(seconds: number): number {
  return speech[Math.round((seconds - PAUSE_S) * 8000)] ?? 0;
}

type Told = Extract<WorkerEvent, { type: 'sessionEvent'; name: 'speechStarted' | 'utterance' }>;

function told({ events }: VirtualWorker): Told[] {
  return events.filter(
    (event): event is Told =>
      event.type === 'sessionEvent' && (event.name === 'speechStarted' || event.name === 'utterance'),
  );
}

test.each(['PCMU', 'G722', 'opus'] as const)('what a caller says in %s is one utterance', (codec) => {
  const network = new VirtualNetwork();
  const worker = network.worker();
  worker.join(1, { codec }).sound = speaking;
  worker.handle({ type: 'startListening', sessionId: 1, listenId: 'a', options: { endSilenceMs: 700 } });
  const lengthMs = (speech.length * 1000) / 8000;
  network.run(1000 + lengthMs + 1500);
  const [started, utterance, ...more] = told(worker);
  expect([started?.name, more]).toEqual(['speechStarted', []]);
  if (utterance?.name !== 'utterance') throw new Error('no utterance');
  const { listenId, samples, sampleRateHz } = utterance.event;
  expect([listenId, sampleRateHz]).toEqual(['a', AUDIO_CODECS[codec].sampleRateHz]);
  expect(samples.buffer).toBeInstanceOf(SharedArrayBuffer);
  const heardMs = (samples.length * 1000) / sampleRateHz;
  expect(heardMs).toBeGreaterThan(lengthMs - 400);
  expect(heardMs).toBeLessThan(lengthMs + 700);
});

test('what is being said at the end is told where that is asked for, and that nothing comes any more', () => {
  const network = new VirtualNetwork();
  const worker = network.worker();
  for (const sessionId of [1, 2]) {
    worker.join(sessionId).sound = speaking;
    const options = { endSilenceMs: 700, tellUnfinished: true };
    worker.handle({ type: 'startListening', sessionId, listenId: 'a', options });
  }
  network.run(1000 + 800);
  const before = worker.events.length;
  worker.handle({ type: 'stopListening', sessionId: 1, listenId: 'a' });
  worker.handle({ type: 'closeSession', sessionId: 2 });
  network.run(4000);
  const after = worker.events
    .slice(before)
    .flatMap((event) => (event.type === 'sessionEvent' ? [`${event.sessionId} ${event.name}`] : []));
  expect(after).toEqual(expect.arrayContaining(['1 utterance', '1 listeningEnded', '2 utterance']));
  expect(after.indexOf('1 utterance')).toBeLessThan(after.indexOf('1 listeningEnded'));
  expect(told(worker).filter(({ name }) => name === 'utterance')).toHaveLength(2);
});

test('nothing is told of a listening that was stopped, or of a session that ended', () => {
  const network = new VirtualNetwork();
  const worker = network.worker();
  for (const sessionId of [1, 2]) {
    worker.join(sessionId).sound = speaking;
    worker.handle({ type: 'startListening', sessionId, listenId: 'a', options: { endSilenceMs: 700 } });
  }
  network.run(1000 + 800);
  expect(told(worker).map(({ name }) => name)).toEqual(['speechStarted', 'speechStarted']);
  worker.handle({ type: 'stopListening', sessionId: 1, listenId: 'a' });
  worker.handle({ type: 'closeSession', sessionId: 2 });
  network.run(4000);
  expect(told(worker)).toHaveLength(2);
});
