import { expect, test } from 'vitest';
import { decodeMulaw } from '../codec/g711.ts';
import { seededRandom } from '../rtp/virtual-far-side.ts';
import { AMPLITUDE, amplitudeOf, VirtualNetwork, type VirtualWorker } from '../worker/virtual-network.ts';
import type { StreamSettings, StreamTrack } from './session-streams.ts';
import { decodeStreamPayload } from './stream-format.ts';

const BOTH: StreamSettings = { codec: 'l16', sampleRateHz: 8000, tracks: ['far', 'near'], bidirectional: true };

function mediaOf(worker: VirtualWorker, track: StreamTrack) {
  return worker.events.flatMap((event) => {
    if (event.type !== 'sessionEvent' || event.name !== 'streamMedia' || event.event.track !== track) return [];
    return [event.event];
  });
}

function soundOf(worker: VirtualWorker, track: StreamTrack, { codec }: StreamSettings): Int16Array {
  return Int16Array.from(mediaOf(worker, track).flatMap(({ payload }) => [...decodeStreamPayload(payload, codec)]));
}

function tone(hz: number, ms: number, rateHz: number): string {
  const payload = Buffer.alloc((ms * rateHz) / 500);
  for (let i = 0; i < payload.length / 2; i++) {
    payload.writeInt16LE(Math.trunc(AMPLITUDE * Math.sin((2 * Math.PI * hz * i) / rateHz)), i * 2);
  }
  return payload.toString('base64');
}

test('the far end gets both directions, every 20 ms, and is heard', () => {
  const network = new VirtualNetwork();
  const worker = network.worker();
  const party = worker.join(1, { toneHz: 500 });
  network.run(40);
  worker.handle({ type: 'startStream', sessionId: 1, streamId: 's', settings: BOTH });
  worker.handle({ type: 'writeStream', sessionId: 1, streamId: 's', payload: tone(1200, 2000, 8000) });
  worker.handle({ type: 'markStream', sessionId: 1, streamId: 's', name: 'done' });
  network.run(1000);
  expect(worker.events.some((event) => event.type === 'sessionEvent' && event.name === 'streamMark')).toBe(false);
  network.run(1100);
  const far = soundOf(worker, 'far', BOTH).subarray(1600);
  expect(amplitudeOf(far, 500, 8000) / AMPLITUDE).toBeCloseTo(1, 1);
  expect(amplitudeOf(far, 1200, 8000)).toBeLessThan(30);
  const near = soundOf(worker, 'near', BOTH).subarray(800, 14_000);
  expect(amplitudeOf(near, 1200, 8000) / AMPLITUDE).toBeCloseTo(1, 1);
  expect(amplitudeOf(party.samples().subarray(1600, 14_000), 1200, 8000) / AMPLITUDE).toBeCloseTo(1, 1);
  const times = mediaOf(worker, 'far').map(({ timeMs }) => Math.round(timeMs));
  expect(times.slice(1).every((time, i) => time - (times[i] ?? 0) === 20)).toBe(true);
  expect(worker.events).toContainEqual(
    expect.objectContaining({ name: 'streamMark', event: { streamId: 's', name: 'done' } }),
  );
  worker.handle({ type: 'stopStream', sessionId: 1, streamId: 's' });
  const before = worker.events.length;
  network.run(200);
  expect(worker.events.length).toBe(before);
});

/** How long it takes from a party's packet until it hears the sound in it from an agent that echoes after `hopMs`. */
function echoDelays(sessionId: number, hopMs: () => number, network: (index: number) => number): number[] {
  const virtual = new VirtualNetwork();
  const worker = virtual.worker();
  const party = worker.join(sessionId);
  party.network = network;
  // A packet of a steady level once a second.
  party.sound = (seconds) => (Math.floor(seconds * 50 + 1e-6) % 50 === 25 ? AMPLITUDE : 0);
  const settings: StreamSettings = { ...BOTH, codec: 'mulaw', tracks: ['far'] };
  worker.handle({ type: 'startStream', sessionId, streamId: 's', settings });
  const onTheWay: { atMs: number; payload: string }[] = [];
  let seen = 0;
  let lastAtMs = 0;
  for (let ms = 0; ms < 30_000; ms++) {
    virtual.run(1);
    for (; seen < worker.events.length; seen++) {
      const event = worker.events[seen];
      if (event?.type !== 'sessionEvent' || event.name !== 'streamMedia') continue;
      // In order, as over TCP.
      lastAtMs = Math.max(lastAtMs, ms + hopMs());
      onTheWay.push({ atMs: lastAtMs, payload: event.event.payload });
    }
    for (; onTheWay[0] !== undefined && onTheWay[0].atMs <= ms; onTheWay.shift())
      worker.handle({ type: 'writeStream', sessionId, streamId: 's', payload: onTheWay[0].payload });
  }
  const phaseMs = (sessionId * 7) % 20;
  const delays: number[] = [];
  let soundBefore = false;
  for (const { atMs, payload } of party.heard) {
    const samples = new Int16Array(payload.length);
    decodeMulaw(payload, 0, samples, 0, payload.length);
    const at = samples.findIndex((sample) => sample > AMPLITUDE / 2);
    if (at >= 0 && !soundBefore) {
      const sentMs = Math.floor((atMs - 500 - phaseMs) / 1000) * 1000 + 500 + phaseMs;
      delays.push(atMs + at / 8 - sentMs);
    }
    soundBefore = at >= 0;
  }
  return delays;
}

test('an agent that echoes is heard within a packet and its own way, whatever the phases and the jitter', () => {
  const random = seededRandom(5);
  for (const [hopMs, jitterMs, mostMs] of [
    [() => 4, 0, 26],
    [() => 4 + random() * 8, 0, 34],
    [() => 4, 10, 36],
  ] as const) {
    for (const sessionId of [1, 2, 3, 4, 5]) {
      const delays = echoDelays(sessionId, hopMs, () => Math.floor(random() * jitterMs));
      expect(delays.length).toBeGreaterThanOrEqual(29);
      // After five seconds it is known how late the sound may be.
      expect(Math.max(...delays.slice(5))).toBeLessThanOrEqual(mostMs);
    }
  }
}, 30_000);

test('wide sound to and from a wide call; a fork plays nothing', () => {
  const network = new VirtualNetwork();
  const worker = network.worker();
  const party = worker.join(1, { codec: 'G722', toneHz: 5000 });
  const wide: StreamSettings = { ...BOTH, sampleRateHz: 24_000 };
  worker.handle({ type: 'startStream', sessionId: 1, streamId: 'fork', settings: { ...BOTH, bidirectional: false } });
  worker.handle({ type: 'startStream', sessionId: 1, streamId: 's', settings: wide });
  worker.handle({ type: 'writeStream', sessionId: 1, streamId: 'fork', payload: tone(700, 2000, 8000) });
  worker.handle({ type: 'writeStream', sessionId: 1, streamId: 's', payload: tone(6000, 2000, 24_000) });
  network.run(1500);
  const far = mediaOf(worker, 'far').filter(({ streamId }) => streamId === 's');
  const heard = Int16Array.from(far.flatMap(({ payload }) => [...decodeStreamPayload(payload, 'l16')]));
  expect(amplitudeOf(heard.subarray(4800), 5000, 24_000)).toBeGreaterThan(AMPLITUDE * 0.8);
  const said = party.samples().subarray(1600, 20_000);
  expect(amplitudeOf(said, 6000, 16_000)).toBeGreaterThan(AMPLITUDE * 0.8);
  expect(amplitudeOf(said, 700, 16_000)).toBeLessThan(30);
});

test('a prompt is heard in place of the stream, which goes on after it; clear is silent within 40 ms', () => {
  const network = new VirtualNetwork();
  const worker = network.worker();
  const party = worker.join(1);
  worker.handle({ type: 'startStream', sessionId: 1, streamId: 's', settings: { ...BOTH, tracks: [] } });
  worker.handle({ type: 'writeStream', sessionId: 1, streamId: 's', payload: tone(1200, 5000, 8000) });
  const samples = Int16Array.from({ length: 4000 }, (_, i) => AMPLITUDE * Math.sin((2 * Math.PI * 440 * i) / 8000));
  worker.handle({ type: 'loadPrompt', promptId: 'p', samples });
  network.run(500);
  const promptAt = party.samples().length;
  worker.handle({ type: 'play', sessionId: 1, playbackId: 'x', promptId: 'p', offsetMs: 0 });
  network.run(1000);
  const heard = party.samples();
  const prompt = heard.subarray(promptAt + 200, promptAt + 3800);
  expect(amplitudeOf(prompt, 440, 8000) / AMPLITUDE).toBeCloseTo(1, 1);
  expect(amplitudeOf(prompt, 1200, 8000)).toBeLessThan(30);
  expect(amplitudeOf(heard.subarray(promptAt + 4400), 1200, 8000) / AMPLITUDE).toBeCloseTo(1, 1);
  const clearedAt = party.samples().length;
  worker.handle({ type: 'clearStream', sessionId: 1, streamId: 's' });
  network.run(200);
  expect(
    party
      .samples()
      .subarray(clearedAt + 320)
      .every((value) => Math.abs(value) < 10),
  ).toBe(true);
});

test('a session that ends takes its streams along', () => {
  const network = new VirtualNetwork();
  const worker = network.worker();
  const party = worker.join(1);
  worker.handle({ type: 'startStream', sessionId: 1, streamId: 's', settings: BOTH });
  network.run(100);
  worker.handle({ type: 'closeSession', sessionId: 1 });
  party.mute = true;
  const before = worker.events.length;
  worker.handle({ type: 'writeStream', sessionId: 1, streamId: 's', payload: tone(500, 20, 8000) });
  network.run(100);
  expect(worker.events.length).toBe(before);
});

test.each(['room', 'bridge'])('a stream yields to a %s and is heard again after it', (kind) => {
  const network = new VirtualNetwork();
  const worker = network.worker();
  const party = worker.join(1);
  worker.join(2, { toneHz: 440 });
  const begin = () => {
    if (kind === 'bridge') worker.handle({ type: 'bridge', bridgeId: 7, sessionIds: [1, 2] });
    else {
      worker.handle({ type: 'openRoom', roomId: 7, reportSpeakers: false });
      const settings = { muted: false, held: false, gainDb: 0, coach: null };
      for (const sessionId of [1, 2]) worker.handle({ type: 'joinRoom', roomId: 7, sessionId, ...settings });
    }
  };
  const levels = () => {
    const last = party.samples().slice(-4000);
    return [440, 1200].map((hz) => Math.round(amplitudeOf(last, hz, 8000) / AMPLITUDE));
  };
  begin();
  network.run(500);
  worker.handle({ type: 'startStream', sessionId: 1, streamId: 's', settings: { ...BOTH, tracks: [] } });
  worker.handle({ type: 'writeStream', sessionId: 1, streamId: 's', payload: tone(1200, 5000, 8000) });
  network.run(1000);
  expect(levels()).toEqual([1, 0]);
  worker.handle(kind === 'bridge' ? { type: 'unbridge', bridgeId: 7 } : { type: 'closeRoom', roomId: 7 });
  network.run(1000);
  expect(levels()).toEqual([0, 1]);
});
