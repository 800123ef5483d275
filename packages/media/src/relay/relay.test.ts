import { expect, test } from 'vitest';
import { AMPLITUDE, amplitudeOf, type Party, type PartyOptions, VirtualNetwork } from '../worker/virtual-network.ts';

function pair(a: Partial<PartyOptions> = {}, b: Partial<PartyOptions> = {}) {
  const network = new VirtualNetwork();
  const worker = network.worker();
  const alice = worker.join(1, { toneHz: 500, ...a });
  const bob = worker.join(2, { toneHz: 800, ...b });
  worker.handle({ type: 'bridge', bridgeId: 9, sessionIds: [1, 2] });
  return { network, worker, alice, bob };
}

/** Numbers and timestamps of what was heard, as steps from packet to packet. */
function steps(party: Party, from = 0): { sequence: number; timestamp: number }[] {
  return party.heard.slice(from + 1).map((packet, at) => {
    const before = party.heard[from + at] ?? packet;
    return {
      sequence: (packet.sequence - before.sequence) & 0xffff,
      timestamp: (packet.timestamp - before.timestamp) | 0,
    };
  });
}

function expectOneStream(party: Party): void {
  for (const { sequence, timestamp } of steps(party)) {
    expect(sequence).toBe(1);
    expect(timestamp).toBeGreaterThanOrEqual(0);
  }
}

/** The longest time without a packet. */
function longestGapMs(party: Party, from = 0): number {
  return Math.max(...party.heard.slice(from + 1).map(({ atMs }, at) => atMs - (party.heard[from + at]?.atMs ?? atMs)));
}

function expectTone(party: Party, hz: number, level = 1): void {
  const samples = party.samples();
  const rate = party.options.codec === 'G722' || party.options.codec === 'opus' ? 16_000 : 8000;
  const last = samples.subarray(samples.length - rate / 2);
  const heard = amplitudeOf(last, hz, rate);
  if (level === 0) expect(heard).toBeLessThan(AMPLITUDE / 100);
  else expect(Math.abs(20 * Math.log10(heard / (AMPLITUDE * level)))).toBeLessThan(1);
}

test.each([
  ['PCMU', 'PCMU'],
  ['PCMU', 'PCMA'],
  ['G722', 'G722'],
] as const)('packets of %s go across to %s without waiting for a clock', (codecA, codecB) => {
  const { network, alice, bob } = pair({ codec: codecA }, { codec: codecB });
  network.run(2000);
  for (const [listener, hz, own] of [
    [alice, 800, 500],
    [bob, 500, 800],
  ] as const) {
    expectOneStream(listener);
    expectTone(listener, hz);
    expectTone(listener, own, 0);
    expect(new Set(steps(listener, 10).map(({ timestamp }) => timestamp))).toEqual(new Set([160]));
    // The far side's own phase, not that of our clock.
    const phases = new Set(listener.heard.slice(10).map(({ atMs }) => atMs % 20));
    expect(phases).toEqual(new Set([listener === alice ? 14 : 7]));
  }
});

test('what is lost or overtaken on one side is so on the other', () => {
  const { network, alice, bob } = pair();
  alice.network = (index) => (index % 10 === 3 ? null : index % 10 === 6 ? 30 : 0);
  network.run(1000);
  const from = 5;
  const numbers = bob.heard.slice(from).map(({ sequence }) => sequence);
  const timestamps = bob.heard.slice(from).map(({ timestamp }) => timestamp);
  const first = numbers[0] ?? 0;
  expect(timestamps).toEqual(numbers.map((number) => (timestamps[0] ?? 0) + ((number - first) & 0xffff) * 160));
  expect(numbers.some((number, at) => at > 0 && ((number - (numbers[at - 1] ?? 0)) & 0xffff) === 2)).toBe(true);
  expect(numbers.some((number, at) => at > 0 && ((number - (numbers[at - 1] ?? 0)) & 0xffff) > 0x8000)).toBe(true);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('a far side that falls silent is replaced by silence after 60 ms, and taken up again at once', () => {
  const { network, alice, bob } = pair();
  network.run(1000);
  alice.mute = true;
  network.run(1000);
  expectTone(bob, 500, 0);
  alice.mute = false;
  network.run(1000);
  expectOneStream(bob);
  expectTone(bob, 500);
  expect(longestGapMs(bob)).toBeLessThanOrEqual(80);
  // A pause of a second takes a second.
  const [first, last] = [bob.heard.at(20), bob.heard.at(-1)];
  const playedMs = ((last?.timestamp ?? 0) - (first?.timestamp ?? 0)) / 8;
  expect(Math.abs(playedMs - ((last?.atMs ?? 0) - (first?.atMs ?? 0)))).toBeLessThanOrEqual(20);
});

test.each(['PCMU', 'G722'] as const)(
  'the noise that a far side of %s describes is heard in its pauses, and not on hold',
  (codec) => {
    const { network, worker, alice, bob } = pair({ codec }, { codec });
    const levelDb = (from: number) => {
      const samples = bob.samples(from);
      return (
        20 * Math.log10(Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length) / 32_767 + 1e-6)
      );
    };
    network.run(1000);
    alice.mute = true;
    alice.describeNoise(-45);
    const spoken = bob.heard.length;
    network.run(1000);
    // Without a gap before it, nor within.
    expect(longestGapMs(bob, spoken - 5)).toBeLessThanOrEqual(40);
    const paused = bob.heard.length;
    network.run(1000);
    expect(Math.abs(levelDb(paused) + 45)).toBeLessThan(1.5);
    alice.mute = false;
    network.run(1000);
    expectTone(bob, 500);
    expectOneStream(bob);
    const [first, last] = [bob.heard.at(20), bob.heard.at(-1)];
    const playedMs = ((last?.timestamp ?? 0) - (first?.timestamp ?? 0)) / 8;
    expect(Math.abs(playedMs - ((last?.atMs ?? 0) - (first?.atMs ?? 0)))).toBeLessThanOrEqual(20);
    alice.mute = true;
    alice.describeNoise(-45);
    worker.handle({ type: 'configure', sessionId: 1, agreement: alice.agreement({ mayReceive: false }) });
    network.run(500);
    const held = bob.heard.length;
    network.run(500);
    expect(levelDb(held)).toBeLessThan(-80);
  },
);

test('a network that stands still and then delivers all at once adds no delay for ever', () => {
  const { network, alice, bob } = pair();
  alice.network = (index) => (index >= 50 && index < 57 ? (57 - index) * 20 : 0);
  network.run(3000);
  const [first, last] = [bob.heard.at(20), bob.heard.at(-1)];
  const playedMs = ((last?.timestamp ?? 0) - (first?.timestamp ?? 0)) / 8;
  expect(Math.abs(playedMs - ((last?.atMs ?? 0) - (first?.atMs ?? 0)))).toBeLessThanOrEqual(20);
  expectOneStream(bob);
});

test.each([100, 180, 390])('a network that is %i ms slower from now on is heard again at once', (delayMs) => {
  const { network, alice, bob } = pair();
  alice.network = (index) => (index >= 50 ? delayMs : 0);
  network.run(3000);
  expectTone(bob, 500);
  expect(longestGapMs(bob, 10)).toBeLessThanOrEqual(80);
});

test('a new stream of the far side goes on in ours', () => {
  const { network, alice, bob } = pair();
  network.run(500);
  alice.restart(4242, 60_000, 0x7fff_0000);
  network.run(500);
  expectOneStream(bob);
  expectTone(bob, 500);
  expect(new Set(bob.heard.map(({ ssrc }) => ssrc)).size).toBe(1);
});

test('key presses go across as events with their own payload type, and are reported', () => {
  const { network, worker, alice, bob } = pair();
  worker.handle({ type: 'configure', sessionId: 2, agreement: bob.agreement({ eventPayloadType: 96 }) });
  network.run(500);
  alice.press(5);
  network.run(500);
  const events = bob.heard.filter(({ payloadType }) => payloadType === 96);
  expect(events.map(({ payload }) => payload[0])).toEqual([5, 5, 5, 5, 5, 5, 5]);
  expect(new Set(events.map(({ timestamp }) => timestamp)).size).toBe(1);
  const digits = worker.events.filter((event) => event.type === 'sessionEvent' && event.name === 'digit');
  expect(digits).toMatchObject([{ sessionId: 1, event: { digit: '5' } }]);
  expectTone(bob, 500);
});

test('a listener without events gets tones', () => {
  const { network, worker, alice, bob } = pair({}, { events: false });
  network.run(500);
  const before = bob.heard.length;
  alice.press(5);
  network.run(120);
  const samples = bob.samples(before);
  expect(amplitudeOf(samples.subarray(160, 800), 770, 8000)).toBeGreaterThan(2000);
  expect(amplitudeOf(samples.subarray(160, 800), 1336, 8000)).toBeGreaterThan(2000);
  network.run(1000);
  expectOneStream(bob);
  expectTone(bob, 500);
  expect(worker.events.some((event) => event.type === 'sessionEvent' && event.name === 'digitsSent')).toBe(false);
});

test('a prompt and digits of our own replace what is relayed, again and again, in one stream that keeps its time', () => {
  const { network, worker, alice, bob } = pair();
  const samples = Int16Array.from({ length: 2400 }, (_, i) => AMPLITUDE * Math.sin((2 * Math.PI * 1500 * i) / 8000));
  worker.handle({ type: 'loadPrompt', promptId: 'p', samples });
  for (let round = 0; round < 8; round++) {
    network.run(503 + round);
    worker.handle({ type: 'play', sessionId: 2, playbackId: `x${round}`, promptId: 'p', offsetMs: 0 });
    network.run(150);
    const last = bob.samples().slice(-800);
    expect(amplitudeOf(last, 1500, 8000)).toBeGreaterThan(AMPLITUDE * 0.9);
    expect(amplitudeOf(last, 500, 8000)).toBeLessThan(AMPLITUDE / 50);
    worker.handle({ type: 'sendDigits', sessionId: 2, digits: '1', toneMs: 60, gapMs: 60 });
    network.run(500);
  }
  network.run(500);
  expectOneStream(bob);
  expectTone(bob, 500);
  expectTone(alice, 800);
  const [first, last] = [bob.heard[5], bob.heard.at(-1)];
  const playedMs = ((last?.timestamp ?? 0) - (first?.timestamp ?? 0)) / 8;
  expect(Math.abs(playedMs - ((last?.atMs ?? 0) - (first?.atMs ?? 0)))).toBeLessThanOrEqual(40);
});

test('on hold nothing is sent; afterwards the stream goes on', () => {
  const { network, worker, bob } = pair();
  network.run(500);
  worker.handle({ type: 'configure', sessionId: 2, agreement: bob.agreement({ maySend: false }) });
  const before = bob.heard.length;
  network.run(1000);
  expect(bob.heard.length).toBe(before);
  worker.handle({ type: 'configure', sessionId: 2, agreement: bob.agreement() });
  network.run(1000);
  expectOneStream(bob);
  expectTone(bob, 500);
});

test('another codec on one side: mixed until both speak the same again; digits go across all the time', () => {
  const { network, worker, alice, bob } = pair();
  network.run(1000);
  bob.change('G722');
  worker.handle({ type: 'configure', sessionId: 2, agreement: bob.agreement() });
  network.run(1500);
  expectTone(alice, 800);
  alice.press(7);
  network.run(1000);
  expect(bob.heard.some(({ payloadType, payload }) => payloadType === 101 && payload[0] === 7)).toBe(true);
  alice.change('G722');
  worker.handle({ type: 'configure', sessionId: 1, agreement: alice.agreement() });
  network.run(1500);
  for (const party of [alice, bob]) {
    for (const { sequence } of steps(party)) expect(sequence).toBe(1);
    expect(longestGapMs(party)).toBeLessThanOrEqual(40);
  }
  const own = bob.heard.findIndex(({ payloadType }) => payloadType === 9);
  expect(amplitudeOf(bob.samples(own).slice(-8000), 500, 16_000)).toBeGreaterThan(AMPLITUDE * 0.9);
  const switched = alice.heard.findIndex(({ payloadType }) => payloadType === 9);
  expect(amplitudeOf(alice.samples(switched).slice(-8000), 800, 16_000)).toBeGreaterThan(AMPLITUDE * 0.9);
});

test('a far side that changes among the codecs it agreed on is mixed from then on', () => {
  const { network, worker, alice, bob } = pair({ codec: 'G722' }, { codec: 'G722' });
  const receive = [
    { payloadType: 9, role: 'G722' },
    { payloadType: 0, role: 'PCMU' },
  ] as const;
  worker.handle({ type: 'configure', sessionId: 1, agreement: alice.agreement({ receive: [...receive] }) });
  network.run(500);
  alice.change('PCMU');
  network.run(1500);
  expectTone(bob, 500);
});

test('each bridge ends with its first leg; the other goes on with silence', () => {
  const { network, worker, alice, bob } = pair();
  network.run(500);
  worker.handle({ type: 'closeSession', sessionId: 1 });
  const before = alice.heard.length;
  network.run(1000);
  expect(alice.heard.length).toBe(before);
  expectOneStream(bob);
  expectTone(bob, 500, 0);
  worker.handle({ type: 'unbridge', bridgeId: 9 });
});
