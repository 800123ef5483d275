import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GoertzelBank } from '../dsp/goertzel.ts';
import { synthesizeTone } from '../dsp/tone.ts';
import { AudioDecoder } from '../file/audio-decoder.ts';
import { sha256OfFile } from './checksum.ts';
import { DISK, type Disk } from './disk.ts';
import type { Channel, WriterCommand, WriterEvent } from './protocol.ts';
import type { RecordingEnd } from './recording.ts';
import { RecordingWriter } from './recording-writer.ts';
import { recoverRecordings } from './recover.ts';

vi.setConfig({ testTimeout: 60_000 });

/** One end of a channel that delivers at once. */
class NearEnd implements Channel {
  readonly replies: { type: string; recording: number }[] = [];
  readonly #listeners = new Map<string, (message: unknown) => void>();

  postMessage(message: unknown): void {
    this.replies.push(message as { type: string; recording: number });
  }

  on(event: 'message' | 'close', listener: (message: unknown) => void): void {
    this.#listeners.set(event, listener);
  }

  send(command: WriterCommand): void {
    this.#listeners.get('message')?.(command);
  }

  close(): void {
    this.#listeners.get('close')?.(undefined);
  }
}

const decoder = new AudioDecoder();
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'voxology-record-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
afterAll(() => decoder.close());

function make(disk: Disk = DISK, syncEveryMs = 10_000) {
  const ends = new Map<number, (end: Omit<RecordingEnd, 'recordingId'>) => void>();
  const disconnects: number[] = [];
  const post = (event: WriterEvent) => {
    if (event.type === 'ended') ends.get(event.recording)?.(event.end);
    else disconnects.push(event.connection);
  };
  const writer = new RecordingWriter({ disk, checksum: sha256OfFile, post, syncEveryMs });
  const channel = new NearEnd();
  writer.connect(7, channel);
  const ended = (recording: number) =>
    new Promise<Omit<RecordingEnd, 'recordingId'>>((resolve) => ends.set(recording, resolve));
  return { writer, channel, ended, disconnects };
}

function opening(name: string, options: Partial<WriterCommand & { type: 'open' }> = {}) {
  const path = join(folder, name);
  const format = name.endsWith('.mp3') ? 'mp3' : 'wav';
  return {
    type: 'open',
    recording: 1,
    path,
    format,
    channels: 1,
    sampleRateHz: 8000,
    maxBytes: 1e9,
    ...options,
  } as const;
}

/** Half-second blocks of a tone, one for each channel. */
function* blocks(frequenciesHz: number[], count: number, sampleRateHz = 8000): Generator<Int16Array<ArrayBuffer>> {
  const n = sampleRateHz / 2;
  const tones = frequenciesHz.map((frequencyHz) =>
    synthesizeTone([{ frequencyHz, levelDbm0: -10 }], { durationMs: count * 500, sampleRateHz, edgeMs: 0 }),
  );
  for (let block = 0; block < count; block++) {
    yield Int16Array.from({ length: n * tones.length }, (_, i) => {
      return tones[i % tones.length]?.[block * n + Math.floor(i / tones.length)] ?? 0;
    }) as Int16Array<ArrayBuffer>;
  }
}

function share(samples: Int16Array, frequencyHz: number, sampleRateHz = 8000): number {
  const middle = Float64Array.from(samples.subarray(samples.length >> 2, (samples.length * 3) >> 2));
  const energy = middle.reduce((sum, sample) => sum + sample * sample, 0);
  return new GoertzelBank([frequencyHz], sampleRateHz).measureOne(middle, 0) / ((energy * middle.length) / 2);
}

const END = { type: 'end', recording: 1, reason: 'stopped', keepFrames: null, error: null } as const;
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

/** Decodes one channel with a program that is not ours. */
function ffmpeg(path: string, channel: number, format?: string): Int16Array {
  const input = format === undefined ? [] : ['-f', format];
  const args = ['-v', 'error', ...input, '-i', path, '-af', `pan=mono|c0=c${channel}`, '-f', 's16le', '-'];
  const run = spawnSync('ffmpeg', args, { maxBuffer: 1e8 });
  expect(String(run.stderr)).toBe('');
  return new Int16Array(Uint8Array.from(run.stdout).buffer);
}

describe.each([
  ['wav', 8000],
  ['wav', 16_000],
  ['mp3', 8000],
  ['mp3', 16_000],
] as const)('%s at %i Hz', (format, sampleRateHz) => {
  test('two channels come back as they went in', async () => {
    const { channel, ended } = make();
    const end = ended(1);
    const name = `call.${format}`;
    channel.send(opening(name, { channels: 2, sampleRateHz }));
    for (const block of blocks([500, 1200], 6, sampleRateHz)) channel.send({ type: 'samples', recording: 1, block });
    channel.send(END);
    const { sha256, ...rest } = await end;
    const file = readFileSync(join(folder, name));
    expect(rest).toEqual({ reason: 'stopped', durationMs: 3000, bytes: file.length, error: null });
    expect(sha256).toBe(createHash('sha256').update(file).digest('hex'));
    expect(readdirSync(folder)).toEqual([name]);
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    // Played straight from the recording.
    const decoded = await decoder.decode(file, { toSampleRateHz: sampleRateHz });
    expect(Math.abs(decoded.durationMs - 3000)).toBeLessThan(200);
    expect(share(decoded.samples, 500, sampleRateHz) + share(decoded.samples, 1200, sampleRateHz)).toBeGreaterThan(
      0.97,
    );
    if (!hasFfmpeg) return;
    expect(share(ffmpeg(join(folder, name), 0), 500, sampleRateHz)).toBeGreaterThan(0.99);
    expect(share(ffmpeg(join(folder, name), 1), 1200, sampleRateHz)).toBeGreaterThan(0.99);
  });

  test('an unfinished file is valid up to its last block, and the recovery finishes it', async () => {
    const { channel } = make();
    const name = `call.${format}`;
    const part = join(folder, `${name}.part`);
    channel.send(opening(name, { sampleRateHz }));
    for (const block of blocks([500], 6, sampleRateHz)) channel.send({ type: 'samples', recording: 1, block });
    const decoded = await decoder.decode(readFileSync(part), { toSampleRateHz: sampleRateHz });
    // The encoder of MP3 holds a tenth of a second back.
    expect(decoded.durationMs).toBeGreaterThan(2800);
    if (hasFfmpeg) expect(ffmpeg(part, 0, format).length / sampleRateHz).toBeGreaterThan(2.8);
    const [recovered, ...others] = await recoverRecordings(folder);
    expect(others).toEqual([]);
    expect(recovered?.path).toBe(join(folder, name));
    expect(recovered?.bytes).toBe(statSync(join(folder, name)).size);
    expect(recovered?.durationMs).toBe(format === 'wav' ? 3000 : null);
    expect(recovered?.sha256).toBe(await sha256OfFile(join(folder, name)));
  });

  test('the end can be cut off', async () => {
    const { channel, ended } = make();
    const end = ended(1);
    channel.send(opening(`call.${format}`, { sampleRateHz }));
    for (const block of blocks([500], 10, sampleRateHz)) channel.send({ type: 'samples', recording: 1, block });
    channel.send({ ...END, keepFrames: sampleRateHz * 1.2 });
    const { durationMs, bytes } = await end;
    const file = readFileSync(join(folder, `call.${format}`));
    expect(file.length).toBe(bytes);
    const decoded = await decoder.decode(file, { toSampleRateHz: sampleRateHz });
    expect(durationMs).toBe(format === 'wav' ? 1200 : 2000);
    expect(Math.abs(decoded.durationMs - durationMs)).toBeLessThan(format === 'wav' ? 1 : 200);
  });
});

test('a WAV file whose header tells less than there is, is mended; foreign and empty files are not taken', async () => {
  const { channel } = make();
  channel.send(opening('call.wav'));
  for (const block of blocks([500], 2)) channel.send({ type: 'samples', recording: 1, block });
  const part = join(folder, 'call.wav.part');
  // As after a kill between the samples and the header, in the middle of a sample.
  writeFileSync(part, Buffer.concat([readFileSync(part), Buffer.alloc(1601)]));
  writeFileSync(join(folder, 'foreign.wav.part'), 'This is no sound at all, but long enough to be one.');
  writeFileSync(join(folder, 'empty.mp3.part'), '');
  writeFileSync(join(folder, 'done.wav'), 'left alone');
  writeFileSync(join(folder, 'done.wav.part'), 'left alone too');
  const recovered = await recoverRecordings(folder);
  expect(recovered.map(({ path, durationMs }) => [path, durationMs])).toEqual([[join(folder, 'call.wav'), 1100]]);
  expect(readdirSync(folder).sort()).toEqual(['call.wav', 'done.wav', 'done.wav.part', 'foreign.wav.part']);
  expect((await decoder.decode(readFileSync(join(folder, 'call.wav')))).durationMs).toBe(1100);
});

test.each(['wav', 'mp3'])('%s: it ends before it grows beyond its size, and what fits is kept', async (format) => {
  const { channel, ended } = make();
  const end = ended(1);
  channel.send(opening(`call.${format}`, { maxBytes: 12_345 }));
  for (const block of blocks([500], 10)) channel.send({ type: 'samples', recording: 1, block });
  const { reason, bytes, error } = await end;
  expect({ reason, error }).toEqual({ reason: 'max_bytes', error: null });
  expect(bytes).toBeGreaterThan(9000);
  expect(bytes).toBeLessThanOrEqual(12_345);
  expect(statSync(join(folder, `call.${format}`)).size).toBe(bytes);
  expect(channel.replies.filter(({ type }) => type === 'gone')).toEqual([{ type: 'gone', recording: 1 }]);
  expect(channel.replies.filter(({ type }) => type === 'used').length).toBe(10);
});

test('a file that is there is not overwritten, finished or not', async () => {
  for (const name of ['call.wav', 'call.wav.part']) {
    writeFileSync(join(folder, name), 'precious');
    const { channel, ended } = make();
    const end = ended(1);
    channel.send(opening('call.wav'));
    channel.send(END);
    const { reason, error, bytes } = await end;
    expect([reason, error?.reason, bytes]).toEqual(['error', 'exists', 0]);
    expect(readFileSync(join(folder, name), 'utf8')).toBe('precious');
    rmSync(join(folder, name));
  }
});

test('a folder that cannot be written is told, and other recordings go on', async () => {
  const { channel, ended } = make();
  const refused = ended(1);
  const fine = ended(2);
  channel.send(opening('missing/call.wav'));
  channel.send(opening('fine.wav', { recording: 2 }));
  for (const block of blocks([500], 2)) {
    channel.send({ type: 'samples', recording: 1, block: block.slice() });
    channel.send({ type: 'samples', recording: 2, block });
  }
  channel.send({ ...END, recording: 2 });
  const { reason, error } = await refused;
  expect([reason, error?.reason]).toEqual(['error', 'unwritable']);
  expect(error?.message).toContain(join(folder, 'missing/call.wav'));
  expect((await fine).durationMs).toBe(1000);
});

test('a folder without permission is told', async () => {
  chmodSync(folder, 0o500);
  const { channel, ended } = make({
    ...DISK,
    create: (path) => {
      throw Object.assign(new Error('EACCES'), { code: 'EACCES', path });
    },
  });
  const end = ended(1);
  channel.send(opening('call.wav'));
  expect((await end).error?.reason).toBe('unwritable');
  chmodSync(folder, 0o700);
});

/** A disk with room for so many bytes. */
function fullAfter(room: number, code: string): Disk {
  let left = room;
  return {
    ...DISK,
    write(file, bytes, at) {
      if (at === 0) return DISK.write(file, bytes, at);
      const fits = Math.min(left, bytes.length);
      if (fits === 0) throw Object.assign(new Error(code), { code });
      left -= fits;
      return DISK.write(file, bytes.subarray(0, fits), at);
    },
  };
}

test('a full disk ends the recording with what fitted whole', async () => {
  const { channel, ended } = make(fullAfter(20_000, 'ENOSPC'));
  const end = ended(1);
  channel.send(opening('call.wav'));
  for (const block of blocks([500], 10)) channel.send({ type: 'samples', recording: 1, block });
  channel.send(END);
  const { reason, error, durationMs, bytes, sha256 } = await end;
  expect([reason, error?.reason, durationMs, bytes]).toEqual(['error', 'disk_full', 1000, 16_044]);
  expect(sha256).toBe(await sha256OfFile(join(folder, 'call.wav')));
  expect((await decoder.decode(readFileSync(join(folder, 'call.wav')))).durationMs).toBe(1000);
});

test('a disk full from the start leaves no file', async () => {
  const { channel, ended } = make(fullAfter(100, 'EDQUOT'));
  const end = ended(1);
  channel.send(opening('call.wav'));
  for (const block of blocks([500], 1)) channel.send({ type: 'samples', recording: 1, block });
  expect(await end).toMatchObject({ reason: 'error', bytes: 0, sha256: '', error: { reason: 'disk_full' } });
  expect(readdirSync(folder)).toEqual([]);
});

test('a disk that fails at the end is told, and the sound is kept', async () => {
  const disk: Disk = { ...DISK, sync: (_file, done) => done(Object.assign(new Error('EIO'), { code: 'EIO' })) };
  const { channel, ended } = make(disk);
  const end = ended(1);
  channel.send(opening('call.wav'));
  for (const block of blocks([500], 1)) channel.send({ type: 'samples', recording: 1, block });
  channel.send(END);
  expect(await end).toMatchObject({ reason: 'error', durationMs: 500, error: { reason: 'write_failed' } });
  expect(existsSync(join(folder, 'call.wav'))).toBe(true);
});

test('sound is brought to the disk regularly, one order at a time', async () => {
  const orders: ((error: Error | null) => void)[] = [];
  const { channel, ended } = make({ ...DISK, sync: (_file, done) => orders.push(done) }, 1000);
  const end = ended(1);
  channel.send(opening('call.wav'));
  const all = [...blocks([500], 6)];
  for (const block of all.slice(0, 3)) channel.send({ type: 'samples', recording: 1, block });
  expect(orders.length).toBe(1);
  for (const block of all.slice(3, 5)) channel.send({ type: 'samples', recording: 1, block });
  expect(orders.length).toBe(1);
  orders[0]?.(null);
  channel.send({ type: 'samples', recording: 1, block: all[5] as Int16Array<ArrayBuffer> });
  expect(orders.length).toBe(2);
  channel.send(END);
  // The file is closed only when nothing is under way any more.
  orders[2]?.(null);
  await new Promise(setImmediate);
  orders[1]?.(null);
  expect((await end).durationMs).toBe(3000);
});

test('a media worker that dies leaves finished files, and the writer closes when all is done', async () => {
  const { writer, channel, ended, disconnects } = make();
  const end = ended(1);
  channel.send(opening('call.wav'));
  for (const block of blocks([500], 2)) channel.send({ type: 'samples', recording: 1, block });
  const closed = new Promise<void>((resolve) => writer.close(resolve));
  channel.close();
  expect(await end).toMatchObject({ reason: 'error', durationMs: 1000, error: { reason: 'thread_failed' } });
  await closed;
  expect(disconnects).toEqual([7]);
  expect(readdirSync(folder)).toEqual(['call.wav']);
});

test('commands for recordings that are over are ignored', () => {
  const { channel } = make();
  channel.send(END);
  for (const block of blocks([500], 1)) channel.send({ type: 'samples', recording: 9, block });
  expect(channel.replies.map(({ type }) => type)).toEqual(['used']);
});
