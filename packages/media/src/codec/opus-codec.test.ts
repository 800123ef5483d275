import { Worker } from 'node:worker_threads';
import { beforeAll, expect, test, vi } from 'vitest';
import { noise } from '../testing/noise.ts';
import { speak } from '../testing/speech.ts';
import { segmentalSnrDb, spectralDistanceDb } from '../testing/speech-quality.ts';
import type { EncoderParameters } from './audio-codec.ts';
import { OPUS } from './opus-codec.ts';
import { opusLibrary } from './opus-library.ts';

vi.setConfig({ testTimeout: 60_000 });

const FRAME = 320;
/** How late the sound comes out: 6.5 ms. */
const DELAY = 104;
const MEND: EncoderParameters = { maxBitrateBps: null, forwardErrorCorrection: true, constantBitrate: false };

let speech: Int16Array;

beforeAll(async () => {
  speech = await speak(
    'rms',
    'How now, brown cow? We were away a year ago, all the while, in the plain of Spain.',
    16_000,
  );
});

function encode(parameters = MEND, samples = speech): Uint8Array[] {
  const encoder = OPUS.createEncoder(parameters);
  const buffer = new Uint8Array(1500);
  const packets: Uint8Array[] = [];
  for (let at = 0; at + FRAME <= samples.length; at += FRAME) {
    packets.push(buffer.slice(0, encoder.encode(samples, at, FRAME, buffer, 0)));
  }
  return packets;
}

test('a lost packet is recovered from the copy in the next one, which is better than to conceal it', () => {
  const packets = encode();
  const decodeWith = (mode: 'all' | 'recover' | 'conceal') => {
    const decoder = OPUS.createDecoder();
    const sound = new Int16Array(packets.length * FRAME);
    const pieces: number[] = [];
    for (const [index, packet] of packets.entries()) {
      const at = index * FRAME;
      const next = packets[index + 1];
      if (index % 5 !== 4 || next === undefined || mode === 'all') {
        decoder.decode(packet, 0, packet.length, sound, at);
      } else if (mode === 'recover') {
        expect(decoder.recover?.(next, 0, next.length, sound, at, FRAME)).toBe(true);
      } else {
        decoder.conceal(sound, at, FRAME);
      }
      if (index % 5 === 4) pieces.push(...sound.subarray(at, at + FRAME));
    }
    return Int16Array.from(pieces);
  };
  const whole = decodeWith('all');
  const recovered = segmentalSnrDb(whole, decodeWith('recover'), 16_000);
  const concealed = segmentalSnrDb(whole, decodeWith('conceal'), 16_000);
  expect(recovered).toBeGreaterThan(concealed + 3);
});

test('the wishes of the far side are kept: bit rate and packets of one size', () => {
  const kilobits = (packets: Uint8Array[]) =>
    packets.reduce((sum, { length }) => sum + length * 8, 0) / (packets.length * 20);
  const kilobitsAt = (maxBitrateBps: number | null) =>
    kilobits(encode({ maxBitrateBps, forwardErrorCorrection: false, constantBitrate: false }));
  expect(kilobitsAt(null)).toBeLessThan(41);
  expect(kilobitsAt(32_000)).toBeLessThan(33);
  expect(kilobitsAt(24_000)).toBeLessThan(26);
  expect(kilobitsAt(12_000)).toBeLessThan(13.5);
  expect(kilobitsAt(1)).toBeLessThan(8);
  const sizes = encode({ ...MEND, constantBitrate: true }).map(({ length }) => length);
  expect(new Set(sizes).size).toBe(1);
});

/** Whether a packet is of the mode that alone can hold copies (RFC 6716 table 2). */
function isOfVoiceModel(packet: Uint8Array): boolean {
  return (packet[0] as number) >> 3 < 12;
}

test('copies are made from the start and while packets are lost; without them the speech is nearer to the original', () => {
  const encoder = OPUS.createEncoder(MEND);
  const decoder = OPUS.createDecoder();
  const buffer = new Uint8Array(1500);
  const sound = new Int16Array(speech.length);
  const third = FRAME * Math.floor(speech.length / FRAME / 3);
  for (let at = 0; at + FRAME <= speech.length; at += FRAME) {
    if (at === third) encoder.expectLosses?.(false);
    if (at === 2 * third) encoder.expectLosses?.(true);
    const octets = encoder.encode(speech, at, FRAME, buffer, 0);
    // The library takes a packet to change over.
    if (at % third !== 0) expect(isOfVoiceModel(buffer)).toBe(at < third || at >= 2 * third);
    decoder.decode(buffer, 0, octets, sound, at);
  }
  const distanceDb = (from: number, to: number) =>
    spectralDistanceDb(speech.subarray(from, to), sound.subarray(from + DELAY, to + DELAY), 16_000, 7000);
  expect(distanceDb(third + FRAME, 2 * third)).toBeLessThan(distanceDb(0, third) - 0.3);
  // Where the library changes over, nothing is missing.
  for (const seam of [third, 2 * third]) expect(distanceDb(seam - 2 * FRAME, seam + 4 * FRAME)).toBeLessThan(4);
});

test('under the bit rate at which it would be worse the speech is not coded as any sound', () => {
  const without = { ...MEND, forwardErrorCorrection: false };
  expect(encode({ ...without, maxBitrateBps: 24_000 }).every(isOfVoiceModel)).toBe(true);
  expect(encode({ ...without, maxBitrateBps: 32_000 }).some(isOfVoiceModel)).toBe(false);
});

test('two channels are heard as one, fullband sound at 16 kHz', () => {
  const opus = opusLibrary();
  const encoder = opus.malloc(opus.opus_encoder_get_size(2));
  expect(opus.opus_encoder_init(encoder, 48_000, 2, 2049)).toBe(0);
  const [pcm, data] = [opus.malloc(960 * 4), opus.malloc(1275)];
  const decoder = OPUS.createDecoder();
  const sound = new Int16Array(FRAME * 20);
  for (let frame = 0; frame < 20; frame++) {
    const input = new Int16Array(opus.memory.buffer, pcm, 960 * 2);
    for (let i = 0; i < 960; i++) {
      const tone = 8000 * Math.sin((2 * Math.PI * 1000 * (frame * 960 + i)) / 48_000);
      input[2 * i] = tone;
      input[2 * i + 1] = tone / 2;
    }
    const octets = opus.opus_encode(encoder, pcm, 960, data, 1275);
    const payload = new Uint8Array(opus.memory.buffer, data, octets).slice();
    expect(decoder.decode(payload, 0, octets, sound, frame * FRAME)).toBe(FRAME);
  }
  const steady = sound.subarray(10 * FRAME);
  const rms = Math.sqrt(steady.reduce((sum, sample) => sum + sample * sample, 0) / steady.length);
  expect(rms).toBeGreaterThan((0.7 * 6000) / Math.SQRT2);
  expect(rms).toBeLessThan((1.3 * 6000) / Math.SQRT2);
  for (const pointer of [encoder, pcm, data]) opus.free(pointer);
});

test('the packet that says only that there is no sound gives its length of quiet', () => {
  const decoder = OPUS.createDecoder();
  const sound = new Int16Array(FRAME);
  expect(decoder.decode(Uint8Array.of(0b01001_0_00), 0, 1, sound, 0)).toBe(FRAME);
  expect(Math.max(...sound)).toBeLessThan(50);
});

test('many streams take turns without touching each other, and the library needs no more memory for them', () => {
  const alone = encode();
  const sizeBefore = opusLibrary().memory.buffer.byteLength;
  const streams = Array.from({ length: 300 }, () => ({
    encoder: OPUS.createEncoder(MEND),
    decoder: OPUS.createDecoder(),
  }));
  const buffer = new Uint8Array(1500);
  const sound = new Int16Array(FRAME);
  for (const [index, packet] of alone.slice(0, 4).entries()) {
    for (const { encoder, decoder } of streams) {
      const octets = encoder.encode(speech, index * FRAME, FRAME, buffer, 0);
      expect(buffer.subarray(0, octets)).toEqual(packet);
      expect(decoder.decode(buffer, 0, octets, sound, 0)).toBe(FRAME);
    }
  }
  expect(opusLibrary().memory.buffer.byteLength).toBe(sizeBefore);
});

test('a length that Opus does not know is refused', () => {
  expect(() => OPUS.createEncoder().encode(speech, 0, 480, new Uint8Array(1500), 0)).toThrow('480 samples');
});

test('workers code at the same time without touching each other', async () => {
  const path = JSON.stringify(import.meta.resolve('./opus-codec.ts'));
  // Plain text, because the test runner's own transformation does not reach into workers.
  const program = `
    import { parentPort, workerData } from 'node:worker_threads';
    import { createHash } from 'node:crypto';
    const { OPUS } = await import(${path});
    const encoder = OPUS.createEncoder(), decoder = OPUS.createDecoder(), buffer = new Uint8Array(1500);
    const sound = new Int16Array(${FRAME}), hash = createHash('sha256');
    for (let at = 0; at + ${FRAME} <= workerData.length; at += ${FRAME}) {
      const octets = encoder.encode(workerData, at, ${FRAME}, buffer, 0);
      decoder.decode(buffer, 0, octets, sound, 0);
      hash.update(sound);
    }
    parentPort.postMessage(hash.digest('hex'));`;
  const random = noise(3);
  const inputs = [0, 1].map(() => Int16Array.from({ length: FRAME * 150 }, () => random() * 9000));
  const hear = (samples: Int16Array) =>
    new Promise((resolve, reject) => {
      const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
      const worker = new Worker(url, { workerData: samples });
      worker.once('message', resolve).once('error', reject);
    });
  const alone = [];
  for (const samples of inputs) alone.push(await hear(samples));
  expect(await Promise.all(inputs.map(hear))).toEqual(alone);
  expect(alone[0]).not.toBe(alone[1]);
});
