import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AudioCodec } from '../codec/audio-codec.ts';
import { AudioReader, type AudioReaderOptions } from './audio-reader.ts';
import { RtpPacket } from './packet.ts';
import { type FarSide, linearCodec, listen, seededRandom } from './virtual-far-side.ts';

const NARROW = linearCodec(8000, 8000);
const TONE_HZ = 200;
const AMPLITUDE = 8000;

/** The steepest step of the tone between two samples at 8 kHz. */
const TONE_STEP = (AMPLITUDE * 2 * Math.PI * TONE_HZ) / 8000;

const tone = (at: number): number => AMPLITUDE * Math.sin((2 * Math.PI * TONE_HZ * at) / 8000);

const ramp = (at: number): number => (at % 32_000) + 1;

interface Heard {
  samples: number[];
  delays: number[];
  silentFrames: number;
  reader: AudioReader;
}

function hear(far: Partial<FarSide>, durationMs: number, options: AudioReaderOptions = {}): Heard {
  const whole: FarSide = { codec: NARROW, packetMs: 20, delayMs: () => 0, sample: tone, ...far };
  const reader = new AudioReader(whole.codec, options);
  const samples: number[] = [];
  const delays: number[] = [];
  let silentFrames = 0;
  listen(whole, reader, durationMs, (frame) => {
    samples.push(...frame.samples);
    delays.push(reader.delayMs);
    if (!frame.sounds) silentFrames++;
  });
  return { samples, delays, silentFrames, reader };
}

const largestStep = (samples: number[]): number =>
  samples.reduce((most, sample, at) => Math.max(most, at > 0 ? Math.abs(sample - (samples[at - 1] ?? 0)) : 0), 0);

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test.each([5, 10, 20, 30, 40, 60, 80])('an even stream of %d ms packets comes out as it went in', (packetMs) => {
  const { samples, reader } = hear({ packetMs, sample: ramp }, 3000);
  const begin = samples.indexOf(1);
  expect(begin / 8).toBeLessThanOrEqual(packetMs + 60);
  const out = samples.slice(begin);
  expect(out).toEqual(out.map((_, at) => ramp(at)));
  expect([reader.concealedMs, reader.lateDiscarded]).toEqual([0, 0]);
});

test.each([
  [16_000, 8000],
  [16_000, 48_000],
  [8000, 48_000],
] as const)('samples at %d Hz with timestamps at %d Hz', (rateHz, clockRateHz) => {
  const { samples, reader } = hear({ codec: linearCodec(rateHz, clockRateHz), sample: ramp }, 1000);
  const out = samples.slice(samples.indexOf(1));
  expect(out).toEqual(out.map((_, at) => ramp(at)));
  expect(reader.concealedMs).toBe(0);
});

test('jitter of 50 ms: the delay settles at what the slowest packets need, and nearly nothing is lost', () => {
  const random = seededRandom(1);
  const { delays, samples, reader } = hear({ delayMs: () => random() * 50 }, 60_000);
  const settled = delays.slice(500);
  expect(mean(settled)).toBeGreaterThan(35);
  expect(mean(settled)).toBeLessThan(75);
  expect(reader.lateDiscarded).toBeLessThan(10);
  expect(reader.concealedMs).toBeLessThan(600);
  expect(largestStep(samples)).toBeLessThan(TONE_STEP * 3);
});

test('packets swapped on the way and sent twice make no difference to a stream that waits long enough', () => {
  const swapped = hear({ delayMs: (index) => (index % 10 === 3 ? 25 : 0), sample: ramp }, 3000, { minDelayMs: 40 });
  const out = swapped.samples.slice(swapped.samples.indexOf(1));
  expect(out).toEqual(out.map((_, at) => ramp(at)));
  expect([swapped.reader.concealedMs, swapped.reader.lateDiscarded]).toEqual([0, 0]);
});

test.each([
  [1, 600],
  [5, 3000],
  [20, 12_000],
])('%d percent loss: that much is concealed, nothing else happens', (percent, lostMs) => {
  const random = seededRandom(percent);
  const { samples, reader, delays } = hear({ delayMs: () => (random() * 100 < percent ? null : 0) }, 60_000);
  expect(reader.concealedMs).toBeGreaterThan(lostMs * 0.8);
  expect(reader.concealedMs).toBeLessThan(lostMs * 1.2);
  expect(reader.lateDiscarded).toBe(0);
  expect(Math.max(...delays)).toBeLessThan(35);
  expect(largestStep(samples)).toBeLessThan(TONE_STEP * 3);
});

test('a packet that comes too late is concealed, then played: the delay grows at once and shrinks again', () => {
  const { delays, samples, reader } = hear({ delayMs: (index) => (index >= 200 && index < 210 ? 60 : 0) }, 20_000);
  expect(Math.max(...delays.slice(0, 200))).toBeLessThan(30);
  expect(Math.max(...delays)).toBeGreaterThan(60);
  expect(delays.at(-1)).toBeLessThan(35);
  expect(reader.concealedMs).toBeLessThanOrEqual(80);
  expect(reader.lateDiscarded).toBe(0);
  expect(largestStep(samples)).toBeLessThan(TONE_STEP * 3);
});

test('the delay keeps to its limits', () => {
  const random = seededRandom(8);
  const patient = hear({}, 10_000, { minDelayMs: 80 });
  expect(Math.min(...patient.delays.slice(50))).toBeGreaterThanOrEqual(70);
  const hasty = hear({ delayMs: () => random() * 150 }, 20_000, { maxDelayMs: 60 });
  expect(Math.max(...hasty.delays)).toBeLessThanOrEqual(100);
  expect(hasty.reader.lateDiscarded).toBeGreaterThan(50);
});

test('after a stall the newest sound is played, and the delay is worked off within seconds', () => {
  const { delays, samples, reader } = hear(
    { delayMs: (index) => Math.max(0, index >= 300 ? 1000 - (index - 300) * 20 : 0) },
    20_000,
  );
  expect(Math.max(...delays)).toBeLessThanOrEqual(220);
  expect(reader.lateDiscarded).toBeGreaterThan(30);
  expect(reader.lateDiscarded).toBeLessThan(45);
  expect(delays.at(700)).toBeLessThan(40);
  expect(largestStep(samples)).toBeLessThan(TONE_STEP * 3);
});

test('pauses that are not sent are silence and no loss; every talk spurt is whole', () => {
  const random = seededRandom(4);
  const spurts: number[] = [];
  const { reader, samples, silentFrames } = hear(
    { speaks: (index) => index % 100 < 50, delayMs: () => random() * 15, sample: (at) => (at % 16_000) + 1000 },
    60_000,
  );
  expect([reader.concealedMs, reader.lateDiscarded]).toEqual([0, 0]);
  // The buffer cannot know at once that a spurt is over; it conceals for 200 ms.
  expect(silentFrames).toBeGreaterThan(3000 * 0.35);
  for (let at = 1; at < samples.length; at++) if (samples[at] !== 0 && samples[at - 1] === 0) spurts.push(at);
  expect(spurts.length).toBe(30);
});

test('announced pauses are silent at once, and digits in between are no loss', () => {
  const reader = new AudioReader(NARROW);
  const packet = Object.assign(new RtpPacket(), { bytes: new Uint8Array(320).fill(16), payloadLength: 320, ssrc: 5 });
  const frame = new Int16Array(160);
  const sounds: boolean[] = [];
  for (let index = 0; index < 100; index++) {
    packet.sequence = index;
    packet.timestamp = index < 60 ? index * 160 : 12_345;
    const pausing = index % 40 >= 30;
    if (pausing) reader.insertPause(packet, index * 20);
    else reader.insert(Object.assign(packet, { timestamp: index * 160 }), index * 20);
    sounds.push(reader.read(frame, 160, index * 20 + 5));
  }
  expect(reader.concealedMs).toBe(0);
  expect(sounds.map(Number).join('')).toMatch(/^0{1,2}1{31,33}0{7,9}1{31,33}0{7,9}1+$/);
});

test.each<[string, Partial<FarSide>]>([
  [
    'a new SSRC, with other numbers and times',
    {
      alter: (packet, index) => {
        if (index < 200) return;
        packet.ssrc = 77;
        packet.sequence = (packet.sequence + 31_000) & 0xffff;
        packet.timestamp = (packet.timestamp + 1_234_567_890) | 0;
      },
    },
  ],
  [
    'a new SSRC every second',
    {
      alter: (packet, index) => {
        packet.ssrc = Math.floor(index / 50);
        packet.timestamp = (packet.timestamp + packet.ssrc * 99_999_999) | 0;
      },
    },
  ],
  [
    'timestamps that jump an hour ahead',
    {
      alter: (packet, index) => {
        if (index >= 200) packet.timestamp = (packet.timestamp + 28_800_000) | 0;
      },
    },
  ],
  [
    'timestamps that jump back',
    {
      alter: (packet, index) => {
        if (index >= 200) packet.timestamp = (packet.timestamp - 28_800_000) | 0;
      },
    },
  ],
  [
    'numbers that start anew',
    {
      alter: (packet, index) => {
        if (index >= 200) packet.sequence = (index - 200) & 0xffff;
      },
    },
  ],
])('%s: the sound goes on without a break', (_, far) => {
  const { samples, reader, silentFrames } = hear(far, 10_000);
  expect(silentFrames).toBeLessThanOrEqual(3);
  expect(reader.concealedMs).toBeLessThanOrEqual(20);
  expect(reader.lateDiscarded).toBe(0);
  expect(largestStep(samples)).toBeLessThan(TONE_STEP * 3);
});

test.each([300, 1000, 4000])('timestamps that stand still while nothing is sent for %d ms', (pauseMs) => {
  const pause = pauseMs / 20;
  const { silentFrames, reader } = hear(
    {
      speaks: (index) => index < 200 || index >= 200 + pause,
      alter: (packet, index) => {
        if (index >= 200) packet.timestamp = (packet.timestamp - pause * 160) | 0;
      },
    },
    12_000,
  );
  expect(silentFrames).toBeLessThan(pause + 8);
  expect(reader.lateDiscarded).toBe(0);
});

test('hours of a clock that runs 200 ppm fast or slow: the delay stays, nothing is lost', () => {
  for (const driftPpm of [200, -200]) {
    const reader = new AudioReader(NARROW);
    let most = 0;
    let least = 1000;
    let frames = 0;
    const far = { codec: NARROW, packetMs: 20, delayMs: () => 0, sample: tone, repeats: true, driftPpm };
    listen(far, reader, 3_600_000 * 2, () => {
      if (++frames < 100) return;
      most = Math.max(most, reader.delayMs);
      least = Math.min(least, reader.delayMs);
    });
    expect(most).toBeLessThan(80);
    expect(least).toBeGreaterThan(3);
    expect([reader.concealedMs, reader.lateDiscarded]).toEqual([0, 0]);
  }
}, 30_000);

test('a reader that rested, while packets went on coming, plays what is current', () => {
  const reader = new AudioReader(NARROW);
  const packet = Object.assign(new RtpPacket(), { bytes: new Uint8Array(320), payloadLength: 320 });
  const frame = new Int16Array(160);
  for (let index = 0; index < 1000; index++) {
    packet.bytes.fill(index & 63);
    reader.insert(Object.assign(packet, { sequence: index, timestamp: index * 160 }), index * 20);
    if (index < 100 || index > 900) reader.read(frame, 160, index * 20 + 1);
  }
  expect((999 - (frame[80] as number) / 257) & 63).toBeLessThan(3);
  expect(reader.delayMs).toBeLessThan(45);
  expect(reader.lateDiscarded).toBe(0);
});

test('hostile packets neither throw nor stop the sound', () => {
  const packets = fc.array(
    fc.record({
      sequence: fc.nat(0xffff),
      timestamp: fc.integer(),
      ssrc: fc.nat(2),
      length: fc.oneof(fc.nat(9), fc.nat(70_000)),
      pause: fc.boolean(),
      waitMs: fc.nat(50),
    }),
    { maxLength: 60 },
  );
  const bytes = new Uint8Array(70_000);
  fc.assert(
    fc.property(packets, (hostile) => {
      const reader = new AudioReader(NARROW);
      const packet = Object.assign(new RtpPacket(), { bytes });
      const frame = new Int16Array(160);
      let nowMs = 0;
      for (const { sequence, timestamp, ssrc, length, pause, waitMs } of hostile) {
        Object.assign(packet, { sequence, timestamp, ssrc, payloadLength: length });
        if (pause) reader.insertPause(packet, nowMs);
        else reader.insert(packet, nowMs);
        nowMs += waitMs;
        reader.read(frame, 160, nowMs);
      }
      // An honest far side is heard again soon.
      let heard = 0;
      packet.bytes = new Uint8Array(320).fill(7);
      for (let index = 0; index < 100; index++) {
        Object.assign(packet, { sequence: 7 + index, timestamp: index * 160, ssrc: 9, payloadLength: 320 });
        reader.insert(packet, nowMs);
        nowMs += 20;
        if (reader.read(frame, 160, nowMs) && frame[80] === 0x707) heard++;
      }
      expect(heard).toBeGreaterThan(60);
    }),
    { numRuns: 150 },
  );
});

test('one lost packet is made good from the copy in the packet after it, whatever the frames are aligned to', () => {
  const COPY = 12_345;
  const codec: AudioCodec = {
    ...NARROW,
    createDecoder: () => ({
      ...NARROW.createDecoder(),
      recover(_bytes, _at, length, target, targetAt, n) {
        expect(length).toBe(480);
        expect(n).toBeLessThanOrEqual(240);
        target.fill(COPY, targetAt, targetAt + n);
        return true;
      },
    }),
  };
  const { samples, reader } = hear({ codec, packetMs: 30, delayMs: (index) => (index % 10 === 4 ? null : 0) }, 3000, {
    minDelayMs: 60,
  });
  expect(samples.filter((sample) => sample === COPY).length).toBe(240 * 10);
  expect(reader.concealedMs).toBe(300);
  // Of two in a row, only the second is in the copy.
  const two = hear({ codec, packetMs: 30, delayMs: (index) => (index === 40 || index === 41 ? null : 0) }, 3000);
  expect(two.samples.filter((sample) => sample === COPY).length).toBeLessThanOrEqual(240);
});
