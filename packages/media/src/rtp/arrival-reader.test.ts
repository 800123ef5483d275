import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArrivalReader } from './arrival-reader.ts';
import { RtpPacket } from './packet.ts';
import { linearCodec, seededRandom } from './virtual-far-side.ts';

const NARROW = linearCodec(8000, 8000);

interface Far {
  packetMs?: number;
  /** How long packet `index` is under way, in ms; null: lost. */
  delayMs?: (index: number) => number | null;
  /** Sound, a packet that announces a pause, or nothing at all. */
  kind?: (index: number) => 'sound' | 'pause' | 'none';
  alter?: (packet: RtpPacket, index: number) => void;
}

interface Heard {
  samples: number[];
  /** For each frame: when it was handed out, and whether it sounds. */
  frames: { atMs: number; sounds: boolean }[];
}

/** What comes of a far side that counts its samples from 1, in virtual time. */
function hear(far: Far, durationMs: number): Heard {
  const { packetMs = 20, delayMs = () => 0, kind = () => 'sound', alter } = far;
  const heard: Heard = { samples: [], frames: [] };
  const reader = new ArrivalReader(NARROW, (samples, n, sounds, atMs) => {
    heard.samples.push(...samples.subarray(0, n));
    heard.frames.push({ atMs, sounds });
  });
  const n = packetMs * 8;
  let sequence = 65_500;
  const coming = Array.from({ length: durationMs / packetMs }, (_, index) => {
    const what = kind(index);
    const delay = delayMs(index);
    const number = what === 'none' ? 0 : sequence++ & 0xffff;
    return { index, what, number, atMs: (index + 1) * packetMs + (delay ?? 0), lost: delay === null };
  })
    .filter(({ what, lost }) => what !== 'none' && !lost)
    .sort((a, b) => a.atMs - b.atMs);
  for (let nowMs = 0; nowMs < durationMs; nowMs++) {
    while ((coming[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
      const { index, what, number } = coming.shift() as (typeof coming)[number];
      const bytes = new Uint8Array(n * 2);
      const view = new DataView(bytes.buffer);
      for (let i = 0; i < n; i++) view.setInt16(i * 2, ((index * n + i) % 30_000) + 1);
      const packet = Object.assign(new RtpPacket(), { bytes, payloadLength: bytes.length, ssrc: 1, sequence: number });
      packet.timestamp = (0x7fff_f000 + index * n) | 0;
      alter?.(packet, index);
      if (what === 'pause') reader.insertPause(packet, nowMs);
      else reader.insert(packet, nowMs);
    }
    if (nowMs % 20 === 13) reader.tick(nowMs);
  }
  return heard;
}

/** What comes after a concealment or a silence is blended into it for so long. */
const BLENDED = 100;

const counted = (length: number, from = 0) => Array.from({ length }, (_, i) => ((from + i) % 30_000) + 1);

test.each([10, 20, 30, 60])(
  'packets of %d ms are handed out in frames of 20 ms the moment they are whole',
  (packetMs) => {
    const { samples, frames } = hear({ packetMs }, 3000);
    expect(samples).toEqual(counted(samples.length));
    for (const [i, { atMs }] of frames.entries()) expect(atMs).toBe(Math.ceil((i + 1) / (packetMs / 20)) * packetMs);
  },
);

test('jitter of 50 ms delays nothing further and costs nothing', () => {
  const random = seededRandom(2);
  const delays = Array.from({ length: 500 }, () => Math.floor(random() * 50));
  const arrivals = delays.map((delay, i) => (i + 1) * 20 + delay);
  const { samples, frames } = hear({ delayMs: (index) => delays[index] ?? 0 }, 10_000);
  expect(samples).toEqual(counted(samples.length));
  expect(samples.length).toBeGreaterThan(9900 * 8);
  // Each when it and all before it are there.
  let latest = 0;
  for (const [i, { atMs }] of frames.entries()) {
    latest = Math.max(latest, arrivals[i] ?? 0);
    expect(atMs).toBe(latest);
  }
});

test('packets that were swapped are put in order, doubled ones left out', () => {
  const { samples } = hear({ delayMs: (index) => (index % 10 === 3 ? 25 : 0) }, 3000);
  expect(samples).toEqual(counted(samples.length));
  const doubled = hear({ alter: (packet, index) => void (index % 7 === 6 && packet.sequence--) }, 3000);
  expect(doubled.frames.length).toBeLessThanOrEqual(149);
});

test('a lost packet is concealed within 40 ms, and the sound after it is in its place', () => {
  const { samples, frames } = hear({ delayMs: (index) => (index === 50 || index === 51 ? null : 0) }, 3000);
  expect(samples.slice(0, 8000)).toEqual(counted(8000));
  expect(samples.slice(8320 + BLENDED)).toEqual(counted(samples.length - 8320 - BLENDED, 8320 + BLENDED));
  expect(samples.slice(8000, 8100).some((sample) => sample !== 0)).toBe(true);
  expect(frames[52]?.atMs).toBeLessThanOrEqual(53 * 20 + 40);
});

test('after a stall everything is handed out, behind a silence as long', () => {
  const { samples } = hear({ delayMs: (index) => Math.max(0, index >= 50 ? 700 - (index - 50) * 20 : 0) }, 4000);
  expect(samples.slice(0, 8000)).toEqual(counted(8000));
  const goesOn = samples.indexOf(8001 + BLENDED, 8000) - BLENDED;
  expect(samples.slice(goesOn + BLENDED)).toEqual(counted(samples.length - goesOn - BLENDED, 8000 + BLENDED));
  const silence = samples.slice(8000 + 160, goesOn);
  expect(silence.every((sample) => sample === 0)).toBe(true);
  expect(goesOn / 8).toBeGreaterThan(1000 + 400);
  expect(goesOn / 8).toBeLessThan(1000 + 700);
});

test.each([
  ['announced', 'pause', 110],
  ['not announced', 'none', 250],
] as const)('a pause that is %s goes on as silence, and what follows comes at once', (_, kind, behindMs) => {
  const { samples, frames } = hear({ kind: (index) => (index >= 50 && index < 100 ? kind : 'sound') }, 4000);
  expect(samples.slice(0, 8000)).toEqual(counted(8000));
  expect(samples.slice(8160, 16_000).every((sample) => sample === 0)).toBe(true);
  expect(samples.slice(16_000 + BLENDED)).toEqual(counted(samples.length - 16_000 - BLENDED, 16_000 + BLENDED));
  for (let i = 60; i < 100; i++) {
    expect(frames[i]?.sounds).toBe(false);
    expect((frames[i]?.atMs ?? 0) - (i + 1) * 20).toBeLessThanOrEqual(behindMs);
  }
  expect(frames[100]?.atMs).toBe(101 * 20);
});

test.each<[string, Far['alter'] & object]>([
  ['another SSRC', (packet) => Object.assign(packet, { ssrc: 9, sequence: packet.sequence ^ 0x5000 })],
  ['an hour ahead', (packet) => Object.assign(packet, { timestamp: (packet.timestamp + 28_800_000) | 0 })],
  ['three seconds ahead', (packet) => Object.assign(packet, { timestamp: (packet.timestamp + 24_000) | 0 })],
  ['three seconds back', (packet) => Object.assign(packet, { timestamp: (packet.timestamp - 24_000) | 0 })],
])('a stream that goes on with %s is heard without a break', (_, alter) => {
  const { samples } = hear({ alter: (packet, index) => void (index >= 50 && alter(packet, index)) }, 3000);
  expect(samples.slice(0, 8000)).toEqual(counted(8000));
  const goesOn = samples.indexOf(8001 + BLENDED, 8000) - BLENDED;
  expect(goesOn).toBeGreaterThan(0);
  expect(goesOn - 8000).toBeLessThanOrEqual(240 * 8);
  expect(samples.slice(goesOn + BLENDED)).toEqual(counted(samples.length - goesOn - BLENDED, 8000 + BLENDED));
  expect(samples.length - goesOn).toBe(2000 * 8 - 160);
});

test('a gap of the timestamps is filled at 16 kHz, too, as far as it can be a pause', () => {
  let frames = 0;
  const reader = new ArrivalReader(linearCodec(16_000, 16_000), () => frames++);
  const packet = Object.assign(new RtpPacket(), { bytes: new Uint8Array(1240).fill(7), payloadLength: 1240 });
  reader.insert(Object.assign(packet, { sequence: 1, timestamp: 0 }), 0);
  expect(frames).toBe(1);
  reader.insert(Object.assign(packet, { sequence: 2, timestamp: 48_000 }), 40);
  // What was held, 240 ms of silence, and the second packet: 38.75 + 240 + 38.75 ms.
  expect(frames).toBe(15);
});

test('a reader that others heard instead of goes on with the next packet', () => {
  const frames: number[] = [];
  const reader = new ArrivalReader(NARROW, (samples) => frames.push(samples[0] as number));
  const packet = Object.assign(new RtpPacket(), { bytes: new Uint8Array(320), payloadLength: 320 });
  for (let index = 0; index < 100; index += 2) {
    packet.bytes.fill(index);
    reader.restart();
    reader.insert(Object.assign(packet, { sequence: index, timestamp: index * 160 }), index * 20);
    expect(frames.length).toBe(index / 2 + 1);
  }
});

test('hostile packets neither throw nor stop the sound', () => {
  const packets = fc.array(
    fc.record({
      sequence: fc.nat(0xffff),
      timestamp: fc.integer(),
      ssrc: fc.nat(2),
      length: fc.oneof(fc.nat(9), fc.nat(70_000)),
      pause: fc.boolean(),
      waitMs: fc.oneof(fc.nat(50), fc.nat(100_000)),
    }),
    { maxLength: 60 },
  );
  const bytes = new Uint8Array(70_000);
  fc.assert(
    fc.property(packets, (hostile) => {
      let last = 0;
      let frames = 0;
      const reader = new ArrivalReader(NARROW, (samples) => {
        last = samples[80] as number;
        frames++;
      });
      const packet = Object.assign(new RtpPacket(), { bytes });
      let nowMs = 0;
      for (const { sequence, timestamp, ssrc, length, pause, waitMs } of hostile) {
        Object.assign(packet, { sequence, timestamp, ssrc, payloadLength: length });
        if (pause) reader.insertPause(packet, nowMs);
        else reader.insert(packet, nowMs);
        nowMs += waitMs;
        reader.tick(nowMs);
      }
      expect(frames).toBeLessThan(70 * 100);
      // An honest far side is heard again soon.
      let heard = 0;
      packet.bytes = new Uint8Array(320).fill(7);
      for (let index = 0; index < 100; index++) {
        Object.assign(packet, { sequence: 7 + index, timestamp: index * 160, ssrc: 9, payloadLength: 320 });
        reader.insert(packet, nowMs);
        nowMs += 20;
        reader.tick(nowMs);
        if (last === 0x707) heard++;
      }
      expect(heard).toBeGreaterThan(60);
    }),
    { numRuns: 150 },
  );
});
