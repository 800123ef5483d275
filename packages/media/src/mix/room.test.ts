import { expect, test, vi } from 'vitest';
import { AudioReader } from '../rtp/audio-reader.ts';
import { AMPLITUDE, amplitudeOf, type Party, VirtualNetwork, type VirtualWorker } from '../worker/virtual-network.ts';
import { newFrameRing } from './frame-ring.ts';
import { Mix } from './mix.ts';

const MEMBER = { muted: false, held: false, gainDb: 0, coach: null };

function room(network: VirtualNetwork, reportSpeakers = false): VirtualWorker {
  const worker = network.worker();
  worker.handle({ type: 'openRoom', roomId: 7, reportSpeakers });
  return worker;
}

function enter(worker: VirtualWorker, sessionId: number, options: Parameters<VirtualWorker['join']>[1] = {}): Party {
  const party = worker.join(sessionId, { toneHz: 300 + 110 * sessionId, ...options });
  worker.handle({ type: 'joinRoom', roomId: 7, sessionId, ...MEMBER });
  return party;
}

function rateOf(party: Party): number {
  return party.options.codec === 'PCMU' || party.options.codec === 'PCMA' ? 8000 : 16_000;
}

/** The level in dB of each one's tone against how it was spoken, as heard in the last second. */
function hears(listener: Party, speakers: readonly Party[]): number[] {
  const samples = listener.samples();
  const rate = rateOf(listener);
  const last = samples.subarray(samples.length - rate);
  return speakers.map(
    ({ options }) => 20 * Math.log10(Math.max(amplitudeOf(last, options.toneHz, rate), 1) / AMPLITUDE),
  );
}

function expectToHear(listener: Party, everybody: readonly Party[], heard: readonly Party[]): void {
  const levels = hears(listener, everybody);
  for (const [at, speaker] of everybody.entries()) {
    const level = levels[at] ?? Number.NaN;
    const label = `${listener.sessionId} hears ${speaker.sessionId} at ${level.toFixed(1)} dB`;
    // Opus is made for voices, not for chords.
    const isOpus = listener.options.codec === 'opus';
    if (heard.includes(speaker)) expect(Math.abs(level), label).toBeLessThan(isOpus ? 2.5 : 1);
    else expect(level, label).toBeLessThan(isOpus ? -35 : -45);
  }
}

test('everybody hears all the others and not himself, at their level', () => {
  const network = new VirtualNetwork();
  const worker = room(network);
  const parties = [1, 2, 3, 4].map((id) => enter(worker, id, { codec: id % 2 ? 'PCMU' : 'PCMA' }));
  network.run(3000);
  for (const party of parties) {
    expectToHear(
      party,
      parties,
      parties.filter((other) => other !== party),
    );
  }
});

test('narrow and wideband members, packets of all lengths', () => {
  const network = new VirtualNetwork();
  const worker = room(network);
  const kinds = [
    { codec: 'PCMU', packetMs: 20 },
    { codec: 'G722', packetMs: 20 },
    { codec: 'PCMA', packetMs: 30 },
    { codec: 'opus', packetMs: 20 },
    { codec: 'G722', packetMs: 60 },
    { codec: 'PCMU', packetMs: 10 },
  ] as const;
  const parties = kinds.map((kind, at) => enter(worker, at + 1, kind));
  network.run(3000);
  for (const party of parties) {
    expectToHear(
      party,
      parties,
      parties.filter((other) => other !== party),
    );
  }
});

/** The largest jump between neighbouring samples. */
function largestJump(samples: Int16Array): number {
  let largest = 0;
  for (let i = 1; i < samples.length; i++) {
    largest = Math.max(largest, Math.abs((samples[i] as number) - (samples[i - 1] as number)));
  }
  return largest;
}

test('muting, holding, turning up and leaving: nothing clicks, and only the right ones are heard', () => {
  const network = new VirtualNetwork();
  const worker = room(network);
  const [a, b, c] = [enter(worker, 1), enter(worker, 2), enter(worker, 3)] as const;
  const all = [a, b, c];
  network.run(1500);
  const update = (sessionId: number, changes: Partial<typeof MEMBER>) =>
    worker.handle({ type: 'updateMember', roomId: 7, sessionId, ...MEMBER, ...changes });

  update(1, { muted: true });
  network.run(1500);
  expectToHear(a, all, [b, c]);
  expectToHear(b, all, [c]);
  update(1, { held: true });
  network.run(1500);
  expectToHear(a, all, []);
  expectToHear(b, all, [c]);
  update(1, { gainDb: 6 });
  network.run(1500);
  expectToHear(a, all, [b, c]);
  expect(hears(b, [a])[0]).toBeCloseTo(6, 0);
  worker.handle({ type: 'leaveRoom', roomId: 7, sessionId: 1 });
  network.run(1500);
  expectToHear(a, all, []);
  expectToHear(b, all, [c]);
  worker.handle({ type: 'joinRoom', roomId: 7, sessionId: 1, ...MEMBER });
  network.run(1500);
  expectToHear(a, all, [b, c]);
  worker.handle({ type: 'closeSession', sessionId: 1 });
  network.run(1500);
  expectToHear(b, all, [c]);
  worker.handle({ type: 'closeRoom', roomId: 7 });
  network.run(1500);
  expectToHear(b, all, []);

  // Two tones of up to 630 Hz, one of them at twice the level: their own steepest slope, and little more.
  const slope = (AMPLITUDE * 2 * Math.PI * (3 * 2 * 410 + 630)) / 8000 / 2;
  for (const party of all) expect(largestJump(party.samples())).toBeLessThan(slope * 1.1);
});

test('a coach is heard by one member only, and hears everybody; the announcement is heard by all who are not on hold', () => {
  const network = new VirtualNetwork();
  const worker = room(network);
  const [a, b, c] = [enter(worker, 1), enter(worker, 2, { codec: 'G722' }), enter(worker, 3)] as const;
  const all = [a, b, c];
  const coach = { type: 'session', sessionId: 2 } as const;
  worker.handle({ type: 'updateMember', roomId: 7, sessionId: 3, ...MEMBER, coach });
  network.run(2500);
  expectToHear(a, all, [b]);
  expectToHear(b, all, [a, c]);
  expectToHear(c, all, [a, b]);
  worker.handle({ type: 'updateMember', roomId: 7, sessionId: 3, ...MEMBER, coach: null });
  network.run(2500);
  expectToHear(a, all, [b, c]);

  worker.handle({ type: 'updateMember', roomId: 7, sessionId: 3, ...MEMBER, held: true });
  const samples = Int16Array.from({ length: 16_000 }, (_, i) => AMPLITUDE * Math.sin((2 * Math.PI * 1500 * i) / 8000));
  worker.handle({ type: 'loadPrompt', promptId: 'p', samples });
  worker.handle({ type: 'playInRoom', roomId: 7, playbackId: 'x', promptId: 'p', exceptFor: null });
  network.run(1500);
  const prompt = { options: { toneHz: 1500 } } as Party;
  expect(hears(a, [prompt])[0]).toBeCloseTo(0, 0);
  expect(hears(b, [prompt])[0]).toBeCloseTo(0, 0);
  expect(hears(c, [prompt])[0]).toBeLessThan(-60);
  worker.handle({ type: 'stopRoomPlayback', roomId: 7, playbackId: 'x' });
  worker.handle({ type: 'playInRoom', roomId: 7, playbackId: 'y', promptId: 'p', exceptFor: null });
  network.run(2500);
  const ended = worker.events.filter(({ type }) => type === 'roomPlaybackEnded');
  expect(ended).toMatchObject([
    { playbackId: 'x', outcome: 'stopped' },
    { playbackId: 'y', outcome: 'completed' },
  ]);
});

test.for(['PCMU', 'G722'] as const)(
  'a prompt is heard by all but one (%s), who hears the others as before',
  (codec) => {
    const network = new VirtualNetwork();
    const worker = room(network);
    const [a, b, c] = [enter(worker, 1, { codec }), enter(worker, 2), enter(worker, 3, { codec: 'G722' })] as const;
    const all = [a, b, c];
    const samples = Int16Array.from(
      { length: 16_000 },
      (_, i) => AMPLITUDE * Math.sin((2 * Math.PI * 1500 * i) / 8000),
    );
    worker.handle({ type: 'loadPrompt', promptId: 'p', samples });
    network.run(1000);
    worker.handle({ type: 'playInRoom', roomId: 7, playbackId: 'x', promptId: 'p', exceptFor: 1 });
    network.run(1500);
    const prompt = { options: { toneHz: 1500 } } as Party;
    expect(hears(a, [prompt])[0]).toBeLessThan(-50);
    for (const other of [b, c]) expect(hears(other, [prompt])[0]).toBeCloseTo(0, 0);
    expectToHear(a, all, [b, c]);
    network.run(700);
    const end = a.samples().subarray(-rateOf(a) / 2);
    expect(amplitudeOf(end, 1500, rateOf(a)), 'the end of the prompt').toBeLessThan(AMPLITUDE / 300);
    worker.handle({ type: 'playInRoom', roomId: 7, playbackId: 'y', promptId: 'p', exceptFor: null });
    network.run(1500);
    expect(hears(a, [prompt])[0], 'a prompt for everybody').toBeCloseTo(0, 0);
  },
);

test('a prompt of the session itself replaces the room until it ends', () => {
  const network = new VirtualNetwork();
  const worker = room(network);
  const [a, b] = [enter(worker, 1), enter(worker, 2)] as const;
  const samples = Int16Array.from({ length: 16_000 }, (_, i) => AMPLITUDE * Math.sin((2 * Math.PI * 1500 * i) / 8000));
  worker.handle({ type: 'loadPrompt', promptId: 'p', samples });
  network.run(1000);
  worker.handle({ type: 'play', sessionId: 1, playbackId: 'x', promptId: 'p', offsetMs: 0 });
  network.run(1800);
  expectToHear(a, [a, b], []);
  expectToHear(b, [a, b], [a]);
  network.run(1800);
  expectToHear(a, [a, b], [b]);
});

test.each([
  { name: 'a room', codec: 'PCMU' },
  { name: 'a room', codec: 'G722' },
  { name: 'a bridge', codec: 'PCMA' },
] as const)('changes between $name and prompts do not click, wherever they cut ($codec)', ({ name, codec }) => {
  const network = new VirtualNetwork();
  const worker = room(network);
  const a = worker.join(1, { codec });
  worker.join(2, { codec, toneHz: 500 });
  if (name === 'a bridge') worker.handle({ type: 'bridge', bridgeId: 8, sessionIds: [1, 2] });
  else for (const sessionId of [1, 2]) worker.handle({ type: 'joinRoom', roomId: 7, sessionId, ...MEMBER });
  const samples = Int16Array.from({ length: 16_000 }, (_, i) => AMPLITUDE * Math.sin((2 * Math.PI * 440 * i) / 8000));
  worker.handle({ type: 'loadPrompt', promptId: 'p', samples });
  for (let round = 0; round < 25; round++) {
    network.run(197 + round);
    worker.handle({ type: 'play', sessionId: 1, playbackId: `${round}`, promptId: 'p', offsetMs: 0 });
    network.run(83 + 3 * round);
    worker.handle({ type: 'stopPlayback', sessionId: 1, playbackId: `${round}` });
  }
  expect(longestGapMs(a)).toBeLessThanOrEqual(40);
  const slope = (AMPLITUDE * 2 * Math.PI * 500) / rateOf(a);
  const fade = AMPLITUDE / (rateOf(a) / 200);
  expect(largestJump(a.samples())).toBeLessThan(2 * (slope + fade) * (codec === 'G722' ? 1.3 : 1));
});

/** The longest time without a packet, once they come. */
function longestGapMs({ heard }: Party): number {
  return Math.max(...heard.slice(1).map(({ atMs }, at) => atMs - (heard[at]?.atMs ?? atMs)));
}

test('who speaks is told, not at every word, and no more when everybody is silent', () => {
  const network = new VirtualNetwork();
  const worker = room(network, true);
  const [a, b] = [enter(worker, 1), enter(worker, 2, { toneHz: 0 })] as const;
  const speakers = () => worker.events.flatMap((event) => (event.type === 'roomSpeaker' ? [event.sessionId] : []));
  network.run(1000);
  expect(speakers()).toEqual([1]);
  b.sound = (seconds) => 0.5 * AMPLITUDE * Math.sin(3000 * seconds);
  network.run(1000);
  expect(speakers()).toEqual([1]);
  b.sound = (seconds) => 3 * AMPLITUDE * Math.sin(3000 * seconds);
  network.run(1000);
  expect(speakers()).toEqual([1, 2]);
  for (const party of [a, b]) party.sound = () => 0;
  network.run(3000);
  expect(speakers()).toEqual([1, 2, null]);
});

test('who is muted, on hold or whispers speaks no more at once, and again when he is heard', () => {
  const network = new VirtualNetwork();
  const worker = room(network, true);
  enter(worker, 1);
  enter(worker, 2, { toneHz: 0 });
  const speakers = () => worker.events.flatMap((event) => (event.type === 'roomSpeaker' ? [event.sessionId] : []));
  const free = { roomId: 7, sessionId: 1, muted: false, held: false, gainDb: 0, coach: null } as const;
  const expected: (number | null)[] = [];
  for (const change of [{ muted: true }, { held: true }, { coach: { type: 'session', sessionId: 2 } }] as const) {
    worker.handle({ type: 'updateMember', ...free });
    network.run(500);
    worker.handle({ type: 'updateMember', ...free, ...change });
    network.run(200);
    expected.push(1, null);
    expect(speakers()).toEqual(expected);
  }
});

test('a part of a room over several workers tells when its speaker becomes louder or softer', () => {
  const network = new VirtualNetwork();
  const worker = room(network, true);
  const a = enter(worker, 1);
  const told = () => worker.events.flatMap((event) => (event.type === 'roomSpeaker' ? [event] : []));
  a.sound = (seconds) => 400 * Math.sin(3000 * seconds);
  network.run(1000);
  a.sound = (seconds) => AMPLITUDE * Math.sin(3000 * seconds);
  network.run(1000);
  expect(told()).toHaveLength(1);
  worker.handle({ type: 'linkRoom', roomId: 7, publish: null, hear: [{ ringId: 1, memory: newFrameRing() }] });
  network.run(1000);
  expect(told()).toHaveLength(2);
  expect(told().at(-1)).toMatchObject({ sessionId: 1 });
  expect(told().at(-1)?.level).toBeGreaterThan(2 * (told()[0]?.level ?? 0));
});

test('a room over two workers is one room', () => {
  const network = new VirtualNetwork();
  const [first, second] = [room(network), room(network)] as const;
  const rings = [1, 2].map((ringId) => ({ ringId, memory: newFrameRing() }));
  const [one, two] = rings as [(typeof rings)[0], (typeof rings)[0]];
  first.handle({ type: 'linkRoom', roomId: 7, publish: one, hear: [two] });
  network.run(7);
  second.handle({ type: 'linkRoom', roomId: 7, publish: two, hear: [one] });
  const parties = [
    enter(first, 1),
    enter(first, 2, { codec: 'G722' }),
    enter(second, 3, { codec: 'PCMA' }),
    enter(second, 4),
    enter(second, 5, { codec: 'G722' }),
  ];
  network.run(3000);
  for (const party of parties) {
    expectToHear(
      party,
      parties,
      parties.filter((other) => other !== party),
    );
  }
  const slope = (AMPLITUDE * 2 * Math.PI * (410 + 520 + 630 + 740 + 850)) / 8000;
  for (const party of parties) expect(largestJump(party.samples())).toBeLessThan(slope * 1.1);
});

test('many loud voices are turned down together instead of clipped', () => {
  const network = new VirtualNetwork();
  const worker = room(network);
  const parties = Array.from({ length: 20 }, (_, at) => enter(worker, at + 1));
  for (const party of parties) {
    const hz = party.options.toneHz;
    party.sound = (seconds) => 6000 * Math.sin(2 * Math.PI * hz * seconds);
  }
  network.run(3000);
  const samples = (parties[0] as Party).samples();
  const clipped = samples.filter((sample) => Math.abs(sample) > 32_000).length;
  expect(clipped / samples.length).toBeLessThan(0.001);
});

test('an error of ours in one member ends that session and nobody else`s', () => {
  const network = new VirtualNetwork();
  const worker = room(network);
  const parties = [1, 2, 3].map((id) => enter(worker, id)) as [Party, Party, Party];
  network.run(1000);
  const read = vi.spyOn(AudioReader.prototype, 'read').mockImplementationOnce(() => {
    throw new Error('The decoder broke');
  });
  network.run(20);
  read.mockRestore();
  network.run(1500);
  const failed = worker.events.flatMap((event) => (event.type === 'sessionFailed' ? [event] : []));
  expect(failed).toMatchObject([{ sessionId: 1, reason: expect.stringContaining('The decoder broke') }]);
  const [, b, c] = parties;
  expectToHear(b, parties, [c]);
  expectToHear(c, parties, [b]);
});

test('a coach whose listener left is heard again when it coaches nobody any more', () => {
  const network = new VirtualNetwork();
  const worker = room(network);
  const parties = [1, 2, 3].map((id) => enter(worker, id)) as [Party, Party, Party];
  const [a, , c] = parties;
  const coach = { type: 'session', sessionId: 2 } as const;
  worker.handle({ type: 'updateMember', roomId: 7, sessionId: 1, ...MEMBER, coach });
  network.run(500);
  worker.handle({ type: 'leaveRoom', roomId: 7, sessionId: 2 });
  network.run(500);
  worker.handle({ type: 'updateMember', roomId: 7, sessionId: 1, ...MEMBER });
  network.run(1500);
  expectToHear(c, parties, [a]);
});

test('an error of ours in a mix ends its sessions, not the worker', () => {
  const network = new VirtualNetwork();
  const worker = room(network);
  for (const id of [1, 2]) enter(worker, id);
  const outside = worker.join(3);
  network.run(500);
  const mixed = vi.spyOn(Mix.prototype, 'run').mockImplementationOnce(() => {
    throw new Error('The mix broke');
  });
  network.run(40);
  mixed.mockRestore();
  const failed = () => worker.events.flatMap((event) => (event.type === 'sessionFailed' ? [event.sessionId] : []));
  expect(failed()).toEqual([1, 2]);
  const { length } = outside.heard;
  network.run(200);
  expect(outside.heard.length).toBe(length + 10);
  enter(worker, 4);
  expect(failed()).toEqual([1, 2, 4]);
});

test('the end of the worker ends its rooms, and nothing runs any more', () => {
  const network = new VirtualNetwork();
  const worker = room(network);
  for (const id of [1, 2]) enter(worker, id);
  network.run(100);
  worker.handle({ type: 'shutDown' });
  expect(network.timers).toBe(0);
});

test('closing the sessions of a coach and of the coached one leaves the others as they were', () => {
  const network = new VirtualNetwork();
  const worker = room(network);
  const parties = [1, 2, 3, 4].map((id) => enter(worker, id)) as [Party, Party, Party, Party];
  const [a, b, c, d] = parties;
  const coach = { type: 'session', sessionId: 2 } as const;
  worker.handle({ type: 'updateMember', roomId: 7, sessionId: 1, ...MEMBER, coach });
  network.run(1500);
  worker.handle({ type: 'closeSession', sessionId: 2 });
  network.run(1500);
  // Nobody was meant to hear the coach but the one who left.
  expectToHear(c, parties, [d]);
  expectToHear(a, parties, [c, d]);
  worker.handle({ type: 'updateMember', roomId: 7, sessionId: 1, ...MEMBER, coach });
  network.run(1500);
  expectToHear(c, parties, [d]);
  worker.handle({ type: 'closeSession', sessionId: 1 });
  network.run(1500);
  expectToHear(c, parties, [d]);
  expectToHear(d, parties, [c]);
  expect(b.heard.length).toBeGreaterThan(0);
});
