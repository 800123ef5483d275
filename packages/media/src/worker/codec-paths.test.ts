import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { CodecName } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import { DtmfDetector } from '../dsp/dtmf-detector.ts';
import { resample } from '../dsp/resample.ts';
import { noise } from '../testing/noise.ts';
import { speak } from '../testing/speech.ts';
import { delayOf, spectralDistanceDb } from '../testing/speech-quality.ts';
import { type Party, VirtualNetwork } from './virtual-network.ts';

vi.setConfig({ testTimeout: 60_000 });

const CODECS = ['PCMU', 'PCMA', 'G722', 'opus'] as const;
/** What a telephone carries of a voice, whatever the codec. */
const HIGHEST_HZ = 3400;

let speech: Int16Array;

beforeAll(async () => {
  speech = await speak('slt', 'How now, brown cow? She sells sea shells, and we were away a year ago.', 8000);
});

/** How far what the party heard is from the speech, at the delay at which they are nearest. */
function distanceDb(party: Party, mostDelayMs: number): number {
  const rateHz = AUDIO_CODECS[party.options.codec].sampleRateHz;
  const heard = resample(party.samples(), rateHz, 8000);
  return spectralDistanceDb(speech, heard.subarray(delayOf(speech, heard, mostDelayMs * 8)), 8000, HIGHEST_HZ);
}

/** The share of the power above a frequency, in dB, in every other 32 ms of a sound at 16 kHz. */
function powerAboveDb(samples: Int16Array, aboveHz: number): number {
  const n = 512;
  let [above, all] = [0, 0];
  for (let start = 0; start + n <= samples.length; start += 2 * n) {
    for (let bin = 1; bin < n / 2; bin++) {
      let [re, im] = [0, 0];
      for (let i = 0; i < n; i++) {
        const sample = (samples[start + i] as number) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n));
        re += sample * Math.cos((2 * Math.PI * bin * i) / n);
        im += sample * Math.sin((2 * Math.PI * bin * i) / n);
      }
      const power = re * re + im * im;
      all += power;
      if ((bin * 16_000) / n > aboveHz) above += power;
    }
  }
  return 10 * Math.log10(above / all);
}

describe('a prompt at 16 kHz', () => {
  test.each(['G722', 'opus'] as const)('is heard over %s with its sound above 4 kHz', async (codec) => {
    const wide = (await speak('slt', 'She sells sea shells.', 16_000)).subarray(0, 24_000);
    const aboveDb = (rateHz: 8000 | 16_000) => {
      const network = new VirtualNetwork();
      const worker = network.worker();
      const party = worker.join(1, { codec });
      const samples = resample(wide, 16_000, rateHz);
      worker.handle({ type: 'loadPrompt', promptId: 'p', samples, sampleRateHz: rateHz });
      worker.handle({ type: 'play', sessionId: 1, playbackId: 'x', promptId: 'p', offsetMs: 0 });
      network.run(1600);
      return powerAboveDb(party.samples(), 4200);
    };
    expect(Math.abs(aboveDb(16_000) - powerAboveDb(wide, 4200))).toBeLessThan(4);
    expect(aboveDb(8000)).toBeLessThan(aboveDb(16_000) - 15);
  });

  test('is heard whole over G.711 too, from its offset on', () => {
    const network = new VirtualNetwork();
    const worker = network.worker();
    const party = worker.join(1, { codec: 'PCMU' });
    const samples = resample(speech, 8000, 16_000);
    worker.handle({ type: 'loadPrompt', promptId: 'p', samples, sampleRateHz: 16_000 });
    worker.handle({ type: 'play', sessionId: 1, playbackId: 'x', promptId: 'p', offsetMs: 500 });
    network.run((speech.length * 1000) / 8000 - 300);
    const heard = party.samples();
    const expected = speech.subarray(4000);
    const distance = spectralDistanceDb(expected, heard.subarray(delayOf(expected, heard, 1600)), 8000, HIGHEST_HZ);
    expect(distance).toBeLessThan(2.5);
    expect(worker.events).toContainEqual(expect.objectContaining({ name: 'playbackEnded' }));
  });
});

describe.each(CODECS)('%s', (codec) => {
  test.each([20, 60])('a prompt is heard as it was recorded, in packets of %s ms', (packetMs) => {
    const network = new VirtualNetwork();
    const worker = network.worker();
    const party = worker.join(1, { codec, packetMs });
    worker.handle({ type: 'loadPrompt', promptId: 'p', samples: speech });
    network.run(100);
    worker.handle({ type: 'play', sessionId: 1, playbackId: 'x', promptId: 'p', offsetMs: 0 });
    network.run((speech.length * 1000) / 8000 + 200);
    expect(distanceDb(party, 200)).toBeLessThan(2.5);
    expect(worker.events).toContainEqual(expect.objectContaining({ name: 'playbackEnded' }));
  });

  test('a prompt is heard to its last sample', () => {
    const network = new VirtualNetwork();
    const worker = network.worker();
    const party = worker.join(1, { codec });
    // Whole packets of silence with a short tone at the very end.
    const samples = Int16Array.from({ length: 800 }, (_, i) => (i < 760 ? 0 : 12_000 * Math.sin((i * Math.PI) / 4)));
    worker.handle({ type: 'loadPrompt', promptId: 'p', samples });
    worker.handle({ type: 'play', sessionId: 1, playbackId: 'x', promptId: 'p', offsetMs: 0 });
    network.run(300);
    const { sampleRateHz } = AUDIO_CODECS[codec];
    const heard = party.samples();
    const energy = heard.reduce((sum, sample) => sum + sample * sample, 0) / sampleRateHz;
    expect(energy / ((12_000 ** 2 * 0.005) / 2)).toBeGreaterThan(0.7);
  });

  test('digits that are tones are heard by a detector at the codec`s rate', () => {
    const network = new VirtualNetwork();
    const worker = network.worker();
    const party = worker.join(1, { codec, events: false });
    worker.handle({ type: 'sendDigits', sessionId: 1, digits: '1593#*D', toneMs: 100, gapMs: 100 });
    network.run(2000);
    const samples = party.samples();
    const { sampleRateHz } = AUDIO_CODECS[codec];
    expect(new DtmfDetector({ sampleRateHz }).process(samples, 0, samples.length)).toBe('1593#*D');
  });
});

test.each([
  ['PCMU', 'PCMA'],
  ['PCMU', 'G722'],
  ['G722', 'PCMA'],
  ['PCMU', 'opus'],
  ['opus', 'PCMU'],
  ['opus', 'G722'],
  ['opus', 'opus'],
] as const)('speech crosses a bridge from %s to %s', (from, to) => {
  expect(across(from, to)).toBeLessThan(from === 'opus' || to === 'opus' ? 4 : 2.5);
});

test.each(CODECS)('speech crosses a bridge from %s, with a twentieth of the packets lost', (from) => {
  const to = from === 'G722' ? 'PCMU' : 'G722';
  const random = noise(11);
  expect(across(from, to, () => (random() > 0.9 ? null : 0))).toBeLessThan(5);
});

/** The distance of what is heard on the other side of a bridge. */
function across(from: CodecName, to: CodecName, network: (index: number) => number | null = () => 0): number {
  const virtual = new VirtualNetwork();
  const worker = virtual.worker();
  const speaker = worker.join(1, { codec: from });
  const listener = worker.join(2, { codec: to });
  const voice = resample(speech, 8000, AUDIO_CODECS[from].sampleRateHz);
  const rateHz = AUDIO_CODECS[from].sampleRateHz;
  speaker.sound = (seconds) => voice[Math.round(seconds * rateHz)] ?? 0;
  speaker.network = network;
  worker.handle({ type: 'bridge', bridgeId: 9, sessionIds: [1, 2] });
  virtual.run((speech.length * 1000) / 8000 + 200);
  return distanceDb(listener, 300);
}
