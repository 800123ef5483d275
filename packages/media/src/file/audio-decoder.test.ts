import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { GoertzelBank } from '../dsp/goertzel.ts';
import { AudioDecodeError } from './audio-decode-error.ts';
import { AudioDecoder } from './audio-decoder.ts';
import { writeWav } from './wav-writer.ts';

// Worker threads and programs are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const TONE_HZ = 440;
const AMPLITUDE = 8000;

function sine(sampleRateHz: number, seconds: number): Int16Array {
  const step = (2 * Math.PI * TONE_HZ) / sampleRateHz;
  return Int16Array.from({ length: sampleRateHz * seconds }, (_, i) => Math.round(AMPLITUDE * Math.sin(step * i)));
}

/** Part of the energy that lies on the tone, and the tone's amplitude, in the middle half. */
function measure(samples: Int16Array): { share: number; amplitude: number } {
  const middle = Float64Array.from(samples.subarray(samples.length >> 2, (samples.length * 3) >> 2));
  const power = new GoertzelBank([TONE_HZ], 8000).measureOne(middle, 0);
  const energy = middle.reduce((sum, sample) => sum + sample * sample, 0);
  return { share: power / ((energy * middle.length) / 2), amplitude: (2 * Math.sqrt(power)) / middle.length };
}

const decoder = new AudioDecoder({ workers: 2, timeLimitMs: 30_000 });
const folder = mkdtempSync(join(tmpdir(), 'voxology-decode-'));
afterAll(async () => {
  await decoder.close();
  rmSync(folder, { recursive: true, force: true });
});

const ffmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

/** The tone in a format that ffmpeg writes, two channels at 44.1 kHz unless the arguments say otherwise. */
function encoded(extension = 'wav', ...args: string[]): Buffer {
  const file = join(folder, `tone.${extension}`);
  const tone = sine(44_100, 1);
  const input = writeWav(
    Int16Array.from({ length: tone.length * 2 }, (_, i) => tone[i >> 1] ?? 0),
    44_100,
    2,
  );
  const run = spawnSync('ffmpeg', ['-v', 'error', '-y', '-i', '-', ...args, file], { input });
  expect(String(run.stderr)).toBe('');
  return readFileSync(file);
}

test.runIf(ffmpeg)('channels apart', async () => {
  const mp3 = encoded('mp3', '-af', 'pan=stereo|c0=c0|c1=0*c0', '-joint_stereo', '0');
  const both = measure((await decoder.decode(mp3)).samples);
  const [left, right, more] = (await decoder.decodeChannels(mp3, 3)).map(({ samples }) => measure(samples));
  expect(left?.amplitude).toBeGreaterThan(AMPLITUDE * 0.9);
  expect(both.amplitude).toBeLessThan(AMPLITUDE * 0.6);
  expect(right?.amplitude).toBeLessThan(AMPLITUDE * 0.01);
  expect(more).toEqual(right);
});

const formats: string[][] = [
  ['mp3'],
  ['mp3', '-ar', '22050', '-b:a', '48k', '-ac', '1'],
  ['ogg', '-c:a', 'libvorbis'],
  ['opus', '-c:a', 'libopus'],
  ['flac'],
  ['flac', '-ar', '96000', '-sample_fmt', 's32'],
  ['aiff'],
  ['wav', '-c:a', 'pcm_u8'],
  ['wav', '-c:a', 'pcm_s24le'],
  ['wav', '-c:a', 'pcm_f32le'],
  ['wav', '-c:a', 'pcm_mulaw', '-ar', '8000'],
  ['wav', '-c:a', 'pcm_alaw', '-ar', '8000'],
  ['wav', '-c:a', 'adpcm_ima_wav'],
];

const unreadFormats: { name: string; format: string[] }[] = [
  { name: 'M4A/AAC', format: ['m4a', '-c:a', 'aac'] },
  { name: 'M4A/AAC', format: ['m4a', '-c:a', 'aac', '-movflags', '+faststart'] },
  { name: 'M4A/AAC', format: ['aac', '-c:a', 'aac'] },
  { name: 'WebM/Matroska', format: ['webm', '-c:a', 'libopus'] },
  { name: 'CAF', format: ['caf'] },
];

describe('audio decoder', () => {
  test('brings a file to mono 8 kHz on shared memory and leaves the bytes alone', async () => {
    const file = writeWav(sine(16_000, 0.5), 16_000);
    const { samples, sampleRateHz, durationMs } = await decoder.decode(file);
    expect(samples.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect({ sampleRateHz, durationMs, length: samples.length }).toEqual({
      sampleRateHz: 8000,
      durationMs: 500,
      length: 4000,
    });
    expect(measure(samples).amplitude).toBeCloseTo(AMPLITUDE, -2);
    expect(file.length).toBe(44 + 16_000);
    expect((await decoder.decode(file, { toSampleRateHz: 16_000 })).samples).toEqual(sine(16_000, 0.5));
  });

  const named = formats.map((format) => ({ format, name: format.join(' ') }));
  test.skipIf(!ffmpeg).each(named)('reads $name (needs ffmpeg)', async ({ format }) => {
    const { samples, durationMs } = await decoder.decode(encoded(...format));
    // Encoders add their delay: up to 0.1 s of silence around the sound.
    expect(Math.abs(durationMs - 1000)).toBeLessThan(120);
    const { share, amplitude } = measure(samples);
    expect(share).toBeGreaterThan(0.98);
    expect(Math.abs(20 * Math.log10(amplitude / AMPLITUDE))).toBeLessThan(0.5);
  });

  test.skipIf(!ffmpeg)(
    'plays a cut-off MP3 as far as it goes, and one cut out of a stream (needs ffmpeg)',
    async () => {
      const whole = encoded('mp3');
      const half = await decoder.decode(whole.subarray(0, whole.length / 2));
      expect(half.durationMs).toBeGreaterThan(400);
      const middle = whole.subarray(whole.length / 2);
      await expect(decoder.decode(middle)).rejects.toMatchObject({ reason: 'not_audio' });
      expect((await decoder.decode(middle, { contentType: 'audio/mpeg' })).durationMs).toBeGreaterThan(400);
    },
  );

  test('says why it cannot', async () => {
    const refused = async (bytes: Uint8Array, options = {}) => {
      const error: unknown = await decoder.decode(bytes, options).catch((reason: unknown) => reason);
      if (!(error instanceof AudioDecodeError)) throw new Error(`not refused: ${String(error)}`);
      return `${error.reason}: ${error.message}`;
    };
    expect(await refused(new Uint8Array(0))).toBe('empty: the file is empty');
    expect(await refused(Buffer.from('<!DOCTYPE html><p>404'), { contentType: 'text/html' })).toBe(
      'not_audio: this is no audio file that can be read (content type "text/html"): it begins with "<!DOCTYPE html><"; ' +
        'send WAV, MP3, Ogg or FLAC',
    );
    expect(await refused(writeWav(sine(8000, 2), 8000), { maxDurationMs: 1000 })).toMatch(/^too_long: .*2\.0 s/);
    expect(await refused(writeWav(new Int16Array(0), 8000))).toMatch(/^empty: the wav file holds no sound/);
    expect(await refused(writeWav(sine(8000, 1), 7))).toMatch(/^damaged: .* 7 Hz/);
    expect(await refused(Buffer.from('fLaC but then nothing of the kind'))).toMatch(/^(damaged|empty)/);
  });

  const unreadHeads: [name: string, head: string][] = [
    ['M4A/AAC', '\0\0\0\x1cftypM4A '],
    ['M4A/AAC', '\xff\xf1\x50\x80'],
    ['WebM/Matroska', '\x1aE\xdf\xa3\x9f'],
    ['CAF', 'caff\0\x01\0\0desc'],
    ['AMR', '#!AMR\n'],
    ['AMR', '#!AMR-WB\n'],
  ];
  test.each(unreadHeads)('names %s, which it does not read (%j)', async (name, head) => {
    // A content type that claims a format we read changes nothing.
    for (const contentType of ['audio/mpeg', 'audio/mp4']) {
      await expect(decoder.decode(Buffer.from(head, 'latin1'), { contentType })).rejects.toMatchObject({
        reason: 'unread_format',
        message: `the file is ${name}, a format that is not read here; send WAV, MP3, Ogg or FLAC`,
      });
    }
  });

  const unread = unreadFormats.map(({ name, format }) => ({ name, format, shown: format.join(' ') }));
  test.skipIf(!ffmpeg).each(unread)('refuses $shown as $name (needs ffmpeg)', async ({ name, format }) => {
    await expect(decoder.decode(encoded(...format))).rejects.toMatchObject({
      reason: 'unread_format',
      message: expect.stringContaining(`the file is ${name},`),
    });
  });

  test.skipIf(!ffmpeg)('stops a long compressed file at the limit (needs ffmpeg)', async () => {
    for (const extension of ['mp3', 'flac', 'ogg', 'opus', 'aiff']) {
      const file = encoded(extension);
      await expect(decoder.decode(file, { maxDurationMs: 500 })).rejects.toMatchObject({ reason: 'too_long' });
    }
  });

  test('closing fails what is under way', async () => {
    const closing = new AudioDecoder();
    const outcome = expect(closing.decode(writeWav(sine(8000, 1), 8000))).rejects.toMatchObject({ reason: 'closed' });
    await closing.close();
    await outcome;
  });

  test.skipIf(!ffmpeg)('garbled and cut files end in sound or in an AudioDecodeError (needs ffmpeg)', async () => {
    let state = 7;
    const random = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const victims = formats.map((format) => encoded(...format));
    const outcomes = new Map<string, number>();
    for (const victim of victims) {
      for (let round = 0; round < 8; round++) {
        const bytes = Uint8Array.from(victim.subarray(0, round % 2 === 0 ? victim.length : random(victim.length)));
        // Early octets carry the structure.
        for (let hits = 0; hits < 12; hits++) bytes[random(hits % 2 === 0 ? 200 : bytes.length)] = random(256);
        const outcome = await decoder.decode(bytes).then(
          ({ samples }) => (samples.length > 0 ? 'sound' : 'nothing'),
          (error: unknown) => (error instanceof AudioDecodeError ? error.reason : `unexpected ${String(error)}`),
        );
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    }
    const expected = new Set(['sound', 'empty', 'not_audio', 'damaged', 'too_long', 'time_limit']);
    expect([...outcomes.keys()].filter((outcome) => !expected.has(outcome))).toEqual([]);
    expect(outcomes.get('sound') ?? 0).toBeGreaterThan(victims.length);
    // The workers still serve.
    expect((await decoder.decode(writeWav(sine(8000, 1), 8000))).durationMs).toBe(1000);
  });
});
