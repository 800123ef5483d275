import { expect, test } from 'vitest';
import { GoertzelBank } from '../dsp/goertzel.ts';
import { synthesizeDtmf, synthesizeTone } from '../dsp/tone.ts';
import { Recorder, type RecorderOutput } from './recorder.ts';
import { type RecordingOptions, recordingSettings } from './recording.ts';

/** Gathers what a recorder makes. */
class Tape implements RecorderOutput {
  readonly blocks: Int16Array[] = [];
  ended: string | null = null;
  keepFrames: number | null = null;

  block(length: number): Int16Array<ArrayBuffer> {
    return new Int16Array(length);
  }

  write(block: Int16Array): void {
    this.blocks.push(block);
  }

  end(reason: string, keepFrames: number | null): void {
    this.ended = reason;
    this.keepFrames = keepFrames;
  }

  channel(index: number, channels: number): Int16Array {
    const all = this.blocks.flatMap((block) => [...block]);
    return Int16Array.from(all.filter((_, i) => i % channels === index));
  }
}

function make(options: Partial<RecordingOptions> = {}, startMs = 1000) {
  const tape = new Tape();
  const settings = recordingSettings({ recordingId: 'r', path: '/x.wav', format: 'wav', channels: 2, ...options });
  return { tape, recorder: new Recorder(settings, tape, startMs) };
}

function tone(frequencyHz: number, durationMs: number, sampleRateHz = 8000): Int16Array {
  return synthesizeTone([{ frequencyHz, levelDbm0: -10 }], { durationMs, sampleRateHz, edgeMs: 0 });
}

/** Amplitude of a frequency in a stretch of samples. */
function amplitude(samples: Int16Array, frequencyHz: number, sampleRateHz = 8000): number {
  const power = new GoertzelBank([frequencyHz], sampleRateHz).measureOne(Float64Array.from(samples), 0);
  return (2 * Math.sqrt(power)) / samples.length;
}

test('both sides lie on one time line, left and right', () => {
  const { tape, recorder } = make();
  const far = tone(500, 1000);
  const near = tone(900, 1000);
  for (let ms = 0; ms < 1000; ms += 20) {
    // The near side begins 300 ms later, with packets of 60 ms at times of its own; both clocks tremble.
    recorder.far(far, ms * 8, 160, 8000, 1000 + ms + (ms % 3));
    if (ms >= 300 && ms % 60 === 0) recorder.near(near, (ms - 300) * 8, 480, 8000, 1007 + ms);
    recorder.tick(1000 + ms + 5);
  }
  recorder.end('stopped', 2000);
  expect(tape.ended).toBe('stopped');
  const left = tape.channel(0, 2);
  const right = tape.channel(1, 2);
  expect(left.length).toBe(8000);
  expect([...left.subarray(0, 7900)]).toEqual([...far.subarray(0, 7900)]);
  const begins = right.findIndex((sample) => sample !== 0);
  expect(begins / 8).toBeGreaterThan(299);
  expect(begins / 8).toBeLessThan(310);
  expect([...right.subarray(begins, begins + 4000)]).toEqual([...near.subarray(1, 4001)]);
});

test('one channel is the sum of both, without overflow', () => {
  const { tape, recorder } = make({ channels: 1 });
  const loud = new Int16Array(160).fill(20_000);
  for (let ms = 0; ms < 200; ms += 20) {
    recorder.far(loud, 0, 160, 8000, 1000 + ms);
    recorder.near(ms < 100 ? loud : loud.map((sample) => -sample / 2), 0, 160, 8000, 1000 + ms);
  }
  recorder.end('stopped', 1200);
  const mixed = tape.channel(0, 1);
  expect(new Set(mixed.subarray(0, 800))).toEqual(new Set([32_767]));
  expect(new Set(mixed.subarray(800))).toEqual(new Set([10_000]));
});

test('what we send can be left out', () => {
  const { tape, recorder } = make({ channels: 1, farOnly: true });
  recorder.near(tone(500, 20), 0, 160, 8000, 1000);
  recorder.end('stopped', 1100);
  expect(new Set(tape.channel(0, 1))).toEqual(new Set([0]));
});

test('a gap is silence of its length, also an hour of it, and sound that comes twice is dropped', () => {
  const { tape, recorder } = make({ channels: 1 });
  const sound = tone(500, 100);
  recorder.far(sound, 0, 800, 8000, 1000);
  recorder.far(sound, 0, 800, 8000, 1500);
  recorder.far(sound, 0, 800, 8000, 1500);
  for (let ms = 1600; ms < 61_000; ms += 100) recorder.tick(ms);
  recorder.end('stopped', 61_000);
  const heard = tape.channel(0, 1);
  expect(heard.length).toBe(480_000);
  const loud = [...heard.keys()].filter((i) => heard[i] !== 0);
  expect(loud.every((i) => i < 800 || (i >= 4000 && i < 4800))).toBe(true);
});

test('a stall of the clock costs only its own time', () => {
  const { tape, recorder } = make({ channels: 1 });
  const sound = tone(500, 20);
  recorder.far(sound, 0, 160, 8000, 1000);
  recorder.far(sound, 0, 160, 8000, 6000);
  recorder.end('stopped', 6020);
  const heard = tape.channel(0, 1);
  expect(heard.length).toBe(40_160);
  expect([...heard.subarray(40_000)]).toEqual([...sound]);
});

test('a short stall is made up for without a loss', () => {
  const { tape, recorder } = make({ channels: 1 });
  const sound = tone(500, 2000);
  // From 1500 to 1680 ms nothing runs, and then all of it at once.
  for (let ms = 0; ms < 2000; ms += 20)
    recorder.far(sound, ms * 8, 160, 8000, ms >= 500 && ms < 680 ? 1680 : 1000 + ms);
  recorder.end('stopped', 3000);
  expect([...tape.channel(0, 1)]).toEqual([...sound]);
});

test('a short gap is found when nobody makes up for it', () => {
  const { tape, recorder } = make({ channels: 1 });
  const sound = tone(500, 20);
  for (let ms = 200; ms < 2000; ms += 20) recorder.far(sound, 0, 160, 8000, 1000 + ms);
  recorder.end('stopped', 3000);
  const heard = tape.channel(0, 1);
  expect(heard.length).toBe(16_000);
  expect(amplitude(heard.subarray(15_000), 500)).toBeGreaterThan(5000);
});

test('sound of another rate is converted, also when the rate changes on the way', () => {
  const { tape, recorder } = make({ channels: 1, sampleRateHz: 16_000 });
  const narrow = tone(1000, 1000);
  const wide = tone(1000, 1000, 16_000);
  for (let ms = 0; ms < 1000; ms += 20) recorder.far(narrow, ms * 8, 160, 8000, 1000 + ms);
  for (let ms = 0; ms < 1000; ms += 20) recorder.far(wide, ms * 16, 320, 16_000, 2000 + ms);
  recorder.end('stopped', 3000);
  const heard = tape.channel(0, 1);
  expect(heard.length).toBe(32_000);
  const expected = amplitude(wide, 1000, 16_000);
  for (const from of [4000, 10_000, 20_000, 26_000]) {
    expect(amplitude(heard.subarray(from, from + 3200), 1000, 16_000) / expected).toBeCloseTo(1, 1);
  }
});

test('a pause leaves nothing or silence', () => {
  for (const [filling, length] of [
    ['nothing', 8000],
    ['silence', 12_000],
  ] as const) {
    const { tape, recorder } = make({ channels: 1 });
    const sound = tone(500, 1500);
    for (let ms = 0; ms < 1500; ms += 20) {
      if (ms === 500) recorder.pause(filling, 1500);
      if (ms === 1000) recorder.resume(2000);
      recorder.far(sound, ms * 8, 160, 8000, 1000 + ms);
    }
    recorder.end('stopped', 2500);
    const heard = tape.channel(0, 1);
    expect(heard.length).toBe(length);
    expect(amplitude(heard.subarray(0, 4000), 500)).toBeGreaterThan(5000);
    expect(amplitude(heard.subarray(heard.length - 3900), 500)).toBeGreaterThan(5000);
    if (filling === 'silence') expect(new Set(heard.subarray(4200, 7800))).toEqual(new Set([0]));
  }
});

test('ended while paused, the pause is not in it', () => {
  const { tape, recorder } = make({ channels: 1 });
  recorder.pause('nothing', 1300);
  recorder.end('stopped', 9000);
  expect(tape.channel(0, 1).length).toBe(2400);
});

test('it ends by itself after its longest duration, to the sample', () => {
  const { tape, recorder } = make({ channels: 1, maxDurationMs: 1234 });
  for (let ms = 0; ms < 2000; ms += 20) recorder.far(tone(500, 20), 0, 160, 8000, 1000 + ms);
  expect(tape.ended).toBe('max_duration');
  expect(tape.channel(0, 1).length).toBe(9872);
});

/** Something like a voice: a buzz of many harmonics that swells and fades. */
function buzz(durationMs: number): Int16Array {
  return Int16Array.from({ length: durationMs * 8 }, (_, i) => {
    let sum = 0;
    for (let k = 1; k < 16; k++) sum += Math.sin((2 * Math.PI * 130 * k * i) / 8000) / Math.sqrt(k);
    return 1500 * sum * (0.6 + 0.4 * Math.sin((2 * Math.PI * 4 * i) / 8000));
  });
}

test('silence of the far side ends it, and the silence at the end can be left out', () => {
  const { tape, recorder } = make({ channels: 1, silenceTimeoutMs: 2000, trimSilence: true });
  const voice = buzz(1000);
  let ms = 0;
  for (; ms < 10_000 && tape.ended === null; ms += 20) {
    if (ms >= 1000 && ms < 2000) recorder.far(voice, (ms - 1000) * 8, 160, 8000, 1000 + ms);
    else recorder.far(new Int16Array(160), 0, 160, 8000, 1000 + ms);
    recorder.tick(1000 + ms);
  }
  expect(tape.ended).toBe('silence');
  expect(ms).toBeGreaterThan(3900);
  expect(ms).toBeLessThan(4500);
  expect(tape.keepFrames).toBeGreaterThan(2100 * 8);
  expect(tape.keepFrames).toBeLessThan(2700 * 8);
});

test('a tone is no voice', () => {
  const { tape, recorder } = make({ channels: 1, silenceTimeoutMs: 1000 });
  for (let ms = 0; ms < 2000; ms += 20) {
    recorder.far(tone(425, 2000), ms * 8, 160, 8000, 1000 + ms);
    recorder.tick(1000 + ms);
  }
  expect(tape.ended).toBe('silence');
});

test('digits in the sound are silenced on both sides, from before they were noticed', () => {
  const digits = synthesizeDtmf('4111', { toneMs: 80, pauseMs: 140 });
  const voice = buzz(2000);
  const heard = (suppressDigits: boolean) => {
    const { tape, recorder } = make({ suppressDigits });
    for (let ms = 0; ms < 2000; ms += 20) {
      // Each digit begins in the middle of a frame.
      const frame = ms < 500 || ms >= 1400 ? new Int16Array(160) : digits.slice((ms - 490) * 8, (ms - 470) * 8);
      recorder.far(frame, 0, frame.length, 8000, 1000 + ms);
      recorder.near(voice, ms * 8, 160, 8000, 1000 + ms);
    }
    recorder.end('stopped', 3000);
    return tape;
  };
  expect(
    heard(false)
      .channel(0, 2)
      .some((sample) => Math.abs(sample) > 3000),
  ).toBe(true);
  const tape = heard(true);
  expect(new Set(tape.channel(0, 2))).toEqual(new Set([0]));
  const near = tape.channel(1, 2);
  expect([...near.subarray(0, 3500)]).toEqual([...voice.subarray(0, 3500)]);
  expect(new Set(near.subarray(500 * 8, 580 * 8))).toEqual(new Set([0]));
  // Between the digits' ends and beginnings, and behind them, the near side is heard.
  expect(near.subarray(1500 * 8).every((sample, i) => sample === voice[1500 * 8 + i])).toBe(true);
});

test('digits as events are silenced too, and only on request', () => {
  const { tape, recorder } = make({ channels: 1 });
  const sound = tone(500, 2000);
  for (let ms = 0; ms < 2000; ms += 20) {
    recorder.far(sound, ms * 8, 160, 8000, 1000 + ms);
    if (ms === 1000) recorder.suppressDigits = true;
    if ((ms >= 500 && ms < 600) || (ms >= 1500 && ms < 1600)) recorder.digit(1000 + ms);
  }
  recorder.end('stopped', 3000);
  const heard = tape.channel(0, 1);
  expect([...heard.subarray(0, 11_500)]).toEqual([...sound.subarray(0, 11_500)]);
  expect(new Set(heard.subarray(1440 * 8, 1640 * 8))).toEqual(new Set([0]));
  expect([...heard.subarray(13_200)]).toEqual([...sound.subarray(13_200)]);
});

test.each([{ maxDurationMs: 0 }, { maxBytes: 10 }, { silenceTimeoutMs: 1 }])(
  'limits that cannot work are refused: %o',
  (options) => {
    expect(() => make(options)).toThrow(RangeError);
  },
);
