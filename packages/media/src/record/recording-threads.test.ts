import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readWav } from '../file/wav-reader.ts';
import { type RecordingEnd, recordingSettings } from './recording.ts';
import { RecordingThreads } from './recording-threads.ts';
import { recoverRecordings } from './recover.ts';
import { SessionRecordings } from './session-recordings.ts';
import { WriterChannel } from './writer-channel.ts';

// Worker threads and programs are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'voxology-record-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Real threads that write, and media workers' sessions in this thread. */
function make(threads = 1) {
  const channels = new Map<string, WriterChannel>();
  const ports = new Map<string, MessagePort>();
  const recordings = new RecordingThreads({
    threads,
    connect(worker, thread, port) {
      ports.set(`${worker}/${thread}`, port);
      channels.set(`${worker}/${thread}`, new WriterChannel(port, () => channels.delete(`${worker}/${thread}`)));
    },
  });
  const session = new SessionRecordings();
  const start = (recordingId: string, options: object = {}, worker = 0) => {
    const ended = Promise.withResolvers<RecordingEnd>();
    const { recording, thread } = recordings.begin(recordingId, worker, ended.resolve);
    const path = join(folder, `${recordingId}.wav`);
    const settings = recordingSettings({ recordingId, path, format: 'wav', channels: 1, ...options });
    session.start(recording, settings, channels.get(`${worker}/${thread}`) as WriterChannel, 0);
    return { recording, thread, ended: ended.promise };
  };
  const close = async () => {
    for (const channel of channels.values()) channel.close();
    await recordings.close(10_000);
  };
  return { recordings, session, channels, ports, start, close };
}

const RAMP = Int16Array.from({ length: 160 }, (_, i) => 100 * (i - 80));

function feed(session: SessionRecordings, durationMs: number): void {
  for (let ms = 0; ms < durationMs; ms += 20) session.far(RAMP, 0, 160, 8000, ms);
}

test('what a session hears is in the file', async () => {
  const { recordings, session, start, close } = make();
  const { recording, ended } = start('one');
  expect(recordings.has('one')).toBe(true);
  expect(session.idle).toBe(false);
  feed(session, 3000);
  session.stop(recording, 3000);
  expect(await ended).toMatchObject({ recordingId: 'one', reason: 'stopped', durationMs: 3000, bytes: 48_044 });
  expect(recordings.has('one')).toBe(false);
  const { samples } = readWav(readFileSync(join(folder, 'one.wav')), 1e6) ?? { samples: new Int16Array(0) };
  expect(samples.length).toBe(24_000);
  expect(samples.every((sample, i) => sample === RAMP[i % 160])).toBe(true);
  await close();
});

test('recordings are spread over the threads', async () => {
  const { start, close } = make(2);
  expect([start('a').thread, start('b').thread, start('c').thread].sort()).toEqual([0, 0, 1]);
  await close();
});

test('the end of a session ends its recordings, which are whole when the threads have closed', async () => {
  const { session, start, close } = make();
  const { ended } = start('one');
  feed(session, 700);
  session.close(700);
  expect(session.idle).toBe(true);
  await close();
  expect(await ended).toMatchObject({ reason: 'session_closed', durationMs: 700 });
  expect(readdirSync(folder)).toEqual(['one.wav']);
});

test('an error of the writer ends the recording in the session too', async () => {
  const { session, start, close } = make();
  const { ended } = start('one', { path: join(folder, 'missing', 'one.wav') });
  expect((await ended).error?.reason).toBe('unwritable');
  for (let turn = 0; turn < 100 && !session.idle; turn++) await new Promise(setImmediate);
  expect(session.idle).toBe(true);
  await close();
});

test('a media worker that dies: its recordings end once, its successor records again', async () => {
  const { recordings, session, ports, start, close } = make();
  const first = start('first');
  feed(session, 1400);
  recordings.workerGone(0);
  ports.get('0/0')?.close();
  expect(await first.ended).toMatchObject({ reason: 'error', durationMs: 1000, error: { reason: 'thread_failed' } });
  const second = start('second');
  session.stop(second.recording, 500);
  expect(await second.ended).toMatchObject({ reason: 'stopped', durationMs: 500 });
  await close();
});

test('a recording of a session that is gone ends without a file', async () => {
  const { recordings, close } = make();
  const ended = Promise.withResolvers<RecordingEnd>();
  recordings.refuse(recordings.begin('one', 0, ended.resolve).recording);
  expect(await ended.promise).toMatchObject({ reason: 'session_closed', bytes: 0, error: null });
  await close();
});

test('a disk that does not keep up ends the recording, not the call', async () => {
  const { session, start, close } = make();
  const { ended } = start('one');
  // This thread does not let go, so that nothing is acknowledged.
  feed(session, 30_000);
  expect(session.idle).toBe(true);
  const end = await ended;
  expect(end.error?.reason).toBe('too_slow');
  expect(end.durationMs).toBe(20_000);
  await close();
});

const CHILD = `
import { RecordingThreads } from '${new URL('./recording-threads.ts', import.meta.url)}';
import { SessionRecordings } from '${new URL('./session-recordings.ts', import.meta.url)}';
import { WriterChannel } from '${new URL('./writer-channel.ts', import.meta.url)}';
import { recordingSettings } from '${new URL('./recording.ts', import.meta.url)}';
let channel;
const threads = new RecordingThreads({ threads: 1, connect: (w, t, port) => { channel = new WriterChannel(port, () => {}); } });
const session = new SessionRecordings();
for (const format of ['wav', 'mp3']) {
  const { recording } = threads.begin(format, 0, () => {});
  const path = process.argv[2] + '/call.' + format;
  session.start(recording, recordingSettings({ recordingId: format, path, format, channels: 2 }), channel, 0);
}
let ms = 0;
const sound = new Int16Array(160).fill(1000);
setInterval(() => { for (let i = 0; i < 10; i++, ms += 20) session.far(sound, 0, 160, 8000, ms); console.log(ms); }, 20);
`;

test('after kill -9 all but the last second is there', async () => {
  const script = join(folder, 'child.mjs');
  writeFileSync(script, CHILD);
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const given = await new Promise<number>((resolve) => {
    child.stdout.on('data', (text: Buffer) => {
      const ms = Number(String(text).trim().split('\n').at(-1));
      const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
      if (ms < 4000 || sizes.filter((size) => size > 20_000).length < 2) return;
      child.kill('SIGKILL');
      resolve(ms);
    });
  });
  await new Promise((resolve) => child.once('close', resolve));
  const recovered = await recoverRecordings(folder);
  expect(recovered.map(({ path }) => path).sort()).toEqual([join(folder, 'call.mp3'), join(folder, 'call.wav')]);
  const wav = recovered.find(({ path }) => path.endsWith('.wav'));
  // The child makes its sound ten times as fast as time goes, so a second of sound is a tenth of one.
  expect(wav?.durationMs).toBeGreaterThanOrEqual(Math.min(given - 2000, 3000));
  expect(readWav(readFileSync(join(folder, 'call.wav')), 1e6)?.samples.length).toBe((wav?.durationMs ?? 0) * 8);
});
