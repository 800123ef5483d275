import { beforeEach, expect, test, vi } from 'vitest';
import type { CodecName } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import { RTP_HEADER_BYTES } from '../rtp/packet.ts';
import { RtpSender } from '../session/rtp-sender.ts';
import { noise } from '../testing/noise.ts';
import { decodeStreamPayload, StreamEncoder } from './stream-format.ts';
import { StreamPlayer } from './stream-player.ts';

let heard: number[];
let marks: string[];
let packets: number;
let sender: RtpSender;

function listen(codec: CodecName): void {
  const decoder = AUDIO_CODECS[codec].createDecoder();
  sender = new RtpSender(
    (packet) => {
      const samples = new Int16Array(960);
      const length = packet.length - RTP_HEADER_BYTES;
      heard.push(...samples.subarray(0, decoder.decode(packet, RTP_HEADER_BYTES, length, samples, 0)));
      packets++;
    },
    AUDIO_CODECS[codec],
    1,
    0,
    0,
  );
  sender.configure(AUDIO_CODECS[codec], {
    remote: null,
    codec,
    payloadType: 0,
    encoder: null,
    eventPayloadType: null,
    eventClockRateHz: 8000,
    receive: [],
    packetMs: 20,
    maySend: true,
    mayReceive: true,
    rtcp: { mux: false, remote: null },
  });
}

beforeEach(() => {
  [heard, marks, packets] = [[], [], 0];
  listen('PCMU');
});

function tone(ms: number, rateHz: number, hz = 500): Int16Array {
  return Int16Array.from({ length: (ms * rateHz) / 1000 }, (_, i) => 8000 * Math.sin((2 * Math.PI * hz * i) / rateHz));
}

function run(player: StreamPlayer, count: number): void {
  for (let i = 0; i < count; i++) player.sendPacket(sender, packets * 160, i === 0);
}

/** Root mean square of what was heard between two times. */
function level(fromMs: number, toMs: number, rateHz = 8000): number {
  const part = heard.slice((fromMs * rateHz) / 1000, (toMs * rateHz) / 1000);
  return Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / part.length);
}

function largestDifference(a: ArrayLike<number>, b: Int16Array): number {
  return b.reduce((most, value, i) => Math.max(most, Math.abs(value - (a[i] ?? 0))), 0);
}

const largestStep = () => heard.reduce((most, value, i) => Math.max(most, Math.abs(value - (heard[i - 1] ?? 0))), 0);

test('pieces of any length come one behind the other, then silence', () => {
  const player = new StreamPlayer(8000, (name) => marks.push(name));
  const whole = tone(100, 8000);
  for (let at = 0; at < whole.length; at += 133) player.write(whole.slice(at, at + 133));
  expect(player.queuedMs).toBe(100);
  run(player, 7);
  expect(packets).toBe(7);
  expect(largestDifference(heard.slice(0, 800), whole)).toBeLessThan(300);
  expect(level(100, 140)).toBe(0);
});

test.each([
  [16_000, 'PCMU', 8000],
  [24_000, 'PCMU', 8000],
  [24_000, 'G722', 16_000],
  [8000, 'G722', 16_000],
] as const)('sound of %i Hz is played on a call of %s at its level and length', (rateHz, codec, codecHz) => {
  listen(codec);
  const player = new StreamPlayer(rateHz, (name) => marks.push(name));
  for (let i = 0; i < 50; i++) player.write(tone(1000, rateHz).slice((i * rateHz) / 50, ((i + 1) * rateHz) / 50));
  run(player, 55);
  expect(level(100, 900, codecHz)).toBeGreaterThan(5300);
  expect(level(100, 900, codecHz)).toBeLessThan(6000);
  expect(level(1060, 1100, codecHz)).toBeLessThan(20);
  expect(largestStep()).toBeLessThan(3700);
});

test('a mark is told when the sound before it was played, at once when there is none', () => {
  const player = new StreamPlayer(8000, (name) => marks.push(name));
  player.mark('a');
  expect(marks).toEqual(['a']);
  player.write(tone(40, 8000));
  player.mark('b');
  player.write(tone(20, 8000));
  player.mark('c');
  run(player, 1);
  expect(marks).toEqual(['a']);
  run(player, 1);
  expect(marks).toEqual(['a', 'b']);
  run(player, 1);
  expect(marks).toEqual(['a', 'b', 'c']);
});

test.each([8000, 16_000] as const)(
  'clear silences %i Hz within one packet, without a click, and tells the marks',
  (hz) => {
    const player = new StreamPlayer(hz, (name) => marks.push(name));
    for (let i = 0; i < 10; i++) player.write(tone(200, hz));
    player.mark('x');
    run(player, 5);
    player.clear();
    expect(marks).toEqual(['x']);
    run(player, 3);
    expect(level(106, 160)).toBe(0);
    expect(largestStep()).toBeLessThan(3700);
    expect(player.queuedMs).toBe(0);
    player.write(tone(20, hz));
    player.mark('y');
    run(player, 2);
    expect(level(160, 180)).toBeGreaterThan(4000);
    expect(marks).toEqual(['x', 'y']);
  },
);

test('delay that one late packet left behind is cut out again, without a click', () => {
  const player = new StreamPlayer(8000, (name) => marks.push(name));
  const whole = tone(8000, 8000);
  let at = 0;
  const speak = () => {
    player.write(whole.slice(at, at + 160));
    at += 160;
  };
  speak();
  run(player, 1);
  // Late once: silence is heard, and from now on a packet waits.
  run(player, 1);
  speak();
  for (let i = 0; i < 220; i++) {
    speak();
    run(player, 1);
  }
  expect(player.queuedMs).toBeLessThan(5);
  expect(largestStep()).toBeLessThan(7000);
  const steps = heard.slice(4000).map((value, i) => Math.abs(value - (heard[3999 + i] as number)));
  expect(Math.max(...steps)).toBeLessThan(3700);
});

/** Speaks so many packets, some of them so many packets late; tells what waits at the end, in ms. */
function speakLive(player: StreamPlayer, count: number, sound: (index: number) => Int16Array, late = (_: number) => 0) {
  let spoken = 0;
  for (let i = 0; i < count; i++) {
    for (; spoken <= i - late(i); spoken++) player.write(sound(spoken));
    run(player, 1);
  }
  return player.queuedMs;
}

test('delay after a stall is cut out of the next pause, and of no word', () => {
  const player = new StreamPlayer(8000, (name) => marks.push(name));
  const loud = tone(20, 8000);
  const quiet = new Int16Array(160);
  // Stands still for 400 ms, then all of it comes at once; later nobody speaks for a second.
  const sound = (index: number) => (index < 200 || index >= 250 ? loud : quiet);
  const stall = (index: number) => (index >= 50 && index < 70 ? index - 49 : 0);
  expect(speakLive(player, 200, sound, stall)).toBe(400);
  heard = [];
  expect(speakLive(player, 150, (index) => sound(index + 200))).toBe(0);
  const loudPackets = heard.filter((_, i) => i % 160 === 8).filter((value) => Math.abs(value) > 2000).length;
  expect(loudPackets).toBe(20 + 100);
});

test.each(['a tone', 'noise'])('delay after a stall is worked off within seconds of %s, without a click', (kind) => {
  const player = new StreamPlayer(8000, (name) => marks.push(name));
  const random = noise(4);
  const whole = kind === 'noise' ? tone(20_000, 8000).map(() => 500 * random()) : tone(20_000, 8000, 150);
  const packet = (index: number) => whole.slice(index * 160, (index + 1) * 160);
  expect(speakLive(player, 70, packet, (index) => (index >= 50 ? index - 49 : 0))).toBe(0);
  for (let index = 50; index < 70; index++) player.write(packet(index));
  player.mark('all');
  heard = [];
  for (let index = 70; index < 570; index++) {
    player.write(packet(index));
    player.sendPacket(sender, packets * 160, false);
  }
  expect(player.queuedMs).toBeLessThan(10);
  const steps = heard.slice(1).map((value, i) => Math.abs(value - (heard[i] as number)));
  expect(Math.max(...steps)).toBeLessThan(8000 * 2 * Math.PI * (150 / 8000) * 1.5);
  expect(marks).toEqual(['all']);
});

test.each([
  ['speaks all the time', () => true],
  ['speaks all the time, with short pauses of its network', (index: number) => index % 100 < 90],
])('much delay of a far end that %s is worked off within four seconds, without a click', (_, flows) => {
  const player = new StreamPlayer(8000, () => undefined);
  const whole = tone(20_000, 8000, 150);
  const packet = (index: number) => whole.slice(index * 160, (index + 1) * 160);
  let said = 0;
  const speakFor = (count: number, hears: (index: number) => boolean) => {
    for (let i = 0; i < count; i++) {
      if (hears(said++)) player.write(packet(said - 1));
      player.sendPacket(sender, packets * 160, false);
    }
  };
  speakFor(300, flows);
  speakFor(20, () => false);
  for (let index = 300; index < 320; index++) player.write(packet(index));
  heard = [];
  speakFor(200, () => true);
  expect(player.queuedMs).toBeLessThan(10);
  const steps = heard.slice(1).map((value, i) => Math.abs(value - (heard[i] as number)));
  expect(Math.max(...steps)).toBeLessThan(8000 * 2 * Math.PI * (150 / 8000) * 1.5);
});

test('a far end that is late again and again is cut ever more seldom', () => {
  const player = new StreamPlayer(8000, () => undefined);
  const loud = tone(20, 8000);
  // Every six seconds a packet is one late, for ten minutes.
  let missed = 0;
  for (let i = 0; i < 30_000; i++) {
    if (i % 300 !== 299) player.write(loud);
    if (i % 300 === 0 && i > 0) player.write(loud);
    if (player.queuedMs < 20) missed++;
    run(player, 1);
  }
  expect(missed).toBeGreaterThan(1);
  expect(missed).toBeLessThan(8);
  expect(player.queuedMs).toBeLessThanOrEqual(20);
});

test('nothing of an answer that was sent at once is cut', () => {
  const player = new StreamPlayer(8000, (name) => marks.push(name));
  const whole = tone(4000, 8000);
  player.write(whole);
  run(player, 200);
  expect(largestDifference(heard, whole)).toBeLessThan(300);
});

test('what nobody will ever hear is not kept', () => {
  const player = new StreamPlayer(8000, () => undefined);
  let taken = 0;
  while (player.write(tone(1000, 8000))) taken++;
  expect(taken).toBe(120);
});

test('payloads of both codecs carry the sound there and back, odd octets are dropped', () => {
  for (const codec of ['mulaw', 'l16'] as const) {
    const encoder = new StreamEncoder({ codec, sampleRateHz: 8000 });
    const samples = tone(20, 8000);
    const back = decodeStreamPayload(encoder.encode(samples, 160, 8000), codec);
    expect(back.length).toBe(160);
    expect(largestDifference(back, samples)).toBeLessThan(300);
  }
  expect(decodeStreamPayload('AQID', 'l16')).toEqual(Int16Array.of(0x0201));
  const wide = new StreamEncoder({ codec: 'l16', sampleRateHz: 24_000 });
  expect(Buffer.from(wide.encode(tone(20, 16_000), 320, 16_000), 'base64').length).toBe(960);
});

test('sound in the shortest pieces is heard whole, and costs no memory of its own for each', () => {
  const player = new StreamPlayer(8000, () => {});
  const pieces = vi.spyOn(Array.prototype, 'push');
  const sound = tone(200, 8000);
  for (const sample of sound) player.write(Int16Array.of(sample));
  const pushed = pieces.mock.calls.filter(([piece]) => piece instanceof Int16Array).length;
  pieces.mockRestore();
  expect(pushed).toBe(10);
  for (let i = 0; i < 10; i++) player.sendPacket(sender, i * 160, false);
  expect(heard.length).toBe(1600);
  expect(heard.every((sample, i) => Math.abs(sample - (sound[i] as number)) < 300)).toBe(true);
});

test('marks beyond a thousand are refused', () => {
  const player = new StreamPlayer(8000, (name) => marks.push(name));
  player.write(tone(20, 8000));
  const taken = Array.from({ length: 1005 }, (_, i) => player.mark(String(i)));
  expect(taken.filter((one) => one).length).toBe(1000);
  player.sendPacket(sender, 0, false);
  expect(marks.length).toBe(1000);
});
