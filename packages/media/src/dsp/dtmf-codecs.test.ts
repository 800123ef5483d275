import { beforeAll, describe, expect, test, vi } from 'vitest';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import { noise } from '../testing/noise.ts';
import { speak } from '../testing/speech.ts';
import { DtmfDetector } from './dtmf-detector.ts';
import { resample } from './resample.ts';
import { synthesizeDtmf } from './tone.ts';

vi.setConfig({ testTimeout: 60_000 });

const TEXT =
  'Oh no, you owe only eighty euros. Every evening we hear eerie, eager eagles. How now, brown cow? We were away a year ' +
  'ago, all the while, as the rain in Spain stays mainly in the plain. Zoo crew, too few new blue shoes. One two three.';
const DIGITS = '0123456789*#ABCD';

let voice: Int16Array;

beforeAll(async () => {
  voice = await speak('slt', TEXT, 16_000);
});

describe.each(['PCMU', 'PCMA', 'G722', 'opus'] as const)('through %s', (name) => {
  const codec = AUDIO_CODECS[name];
  const { sampleRateHz } = codec;
  const n = sampleRateHz / 50;

  /** What a detector at the codec's rate hears of the sound, with so many of a hundred packets lost and concealed. */
  function heard(samples: Int16Array, lostPercent: number): string {
    const encoder = codec.createEncoder();
    const decoder = codec.createDecoder();
    const detector = new DtmfDetector({ sampleRateHz });
    const random = noise(13);
    const payload = new Uint8Array(1500);
    const sound = new Int16Array(n);
    let digits = '';
    for (let at = 0; at + n <= samples.length; at += n) {
      const octets = encoder.encode(samples, at, n, payload, 0);
      if (random() * 50 + 50 < lostPercent) decoder.conceal(sound, 0, n);
      else decoder.decode(payload, 0, octets, sound, 0);
      digits += detector.process(sound, 0, n);
    }
    return digits;
  }

  test('every key is heard once', () => {
    const tones = synthesizeDtmf(DIGITS, { toneMs: 80, pauseMs: 80, sampleRateHz });
    expect(heard(tones, 0)).toBe(DIGITS);
  });

  test('a voice speaks no digits, whole or with lost packets concealed', () => {
    const samples = resample(voice, 16_000, sampleRateHz);
    expect(heard(samples, 0)).toBe('');
    expect(heard(samples, 10)).toBe('');
  });

  test('keys pressed under a voice in the background are heard', () => {
    const tones = synthesizeDtmf('159*', { toneMs: 120, pauseMs: 120, sampleRateHz });
    const samples = resample(voice, 16_000, sampleRateHz);
    const mixed = tones.map((sample, i) => sample + (samples[i] as number) / 12);
    expect(heard(mixed, 0)).toBe('159*');
  });
});
