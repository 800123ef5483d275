import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { GoertzelBank } from './dsp/goertzel.ts';
import { synthesizeTone } from './dsp/tone.ts';
import {
  AudioDecoder,
  type CodecName,
  type Finding,
  MediaEngine,
  type MediaSession,
  MediaUsageError,
  type PromptRef,
} from './index.ts';

vi.setConfig({ testTimeout: 30_000 });

// Below the ports the system gives out by itself, and apart from other runs of these tests.
const BASE = 9000 + (process.pid % 100) * 100;

let engine: MediaEngine;
let folder = '';
const decoder = new AudioDecoder();

beforeAll(async () => {
  engine = await MediaEngine.start({
    host: '127.0.0.1',
    portLow: BASE,
    portHigh: BASE + 39,
    workers: 2,
    minReadyPorts: 2,
  });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'voxology-record-'));
});
const open: MediaSession[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((session) => session.close()));
  rmSync(folder, { recursive: true, force: true });
});
afterAll(async () => {
  await engine.close();
  await decoder.close();
});

/** Two sessions that talk to each other over the network. */
async function pair(codec: CodecName = 'PCMU'): Promise<[MediaSession, MediaSession]> {
  const a = await engine.createSession({ offerCodecs: [codec] });
  const b = await engine.createSession({ offerCodecs: [codec] });
  open.push(a, b);
  a.acceptAnswer(b.answerOffer(a.createOffer()));
  a.start();
  b.start();
  return [a, b];
}

let prompts = 0;
function load(samples: Int16Array): PromptRef {
  const shared = new Int16Array(new SharedArrayBuffer(samples.length * 2));
  shared.set(samples);
  return engine.loadPrompt({ id: `prompt ${++prompts}`, samples: shared, sampleRateHz: 8000 });
}

function tone(frequencyHz: number, durationMs: number): Int16Array {
  return synthesizeTone([{ frequencyHz, levelDbm0: -10 }], { durationMs });
}

/** Part of the energy of one channel of a WAV file that lies on a frequency, where it is loud, in most of its windows. */
function share(wav: Buffer, channel: number, channels: number, frequencyHz: number): number {
  const all = new Int16Array(Uint8Array.from(wav.subarray(44)).buffer);
  const samples = Float64Array.from(all.filter((_, i) => i % channels === channel));
  const from = samples.findIndex((sample) => Math.abs(sample) > 1000);
  expect(from).toBeGreaterThanOrEqual(0);
  // Window by window: a busy machine may stretch or cut the sound, which is not at issue here.
  const shares = Array.from({ length: 10 }, (_, i) => {
    const window = samples.slice(from + 1600 + i * 320, from + 1920 + i * 320);
    const energy = window.reduce((sum, sample) => sum + sample * sample, 0);
    return new GoertzelBank([frequencyHz], 8000).measureOne(window, 0) / ((energy * window.length) / 2);
  });
  return shares.sort((one, other) => one - other)[4] ?? 0;
}

test.each(['PCMU', 'G722'] as const)('%s: what is heard is left, what is sent right', async (codec) => {
  const [a, b] = await pair(codec);
  const path = join(folder, 'call.wav');
  a.startRecording({ recordingId: `${codec} call`, path, format: 'wav', channels: 2, maxDurationMs: 1500 });
  expect(() => b.startRecording({ recordingId: `${codec} call`, path, format: 'wav', channels: 1 })).toThrow(
    MediaUsageError,
  );
  a.play('a', load(tone(500, 1200)));
  b.play('b', load(tone(900, 1200)));
  const [end] = await once(a, 'recordingEnded');
  expect(end).toMatchObject({ recordingId: `${codec} call`, reason: 'max_duration', durationMs: 1500, error: null });
  const wav = readFileSync(path);
  expect(wav.length).toBe(end.bytes);
  expect(share(wav, 0, 2, 900)).toBeGreaterThan(0.98);
  expect(share(wav, 1, 2, 500)).toBeGreaterThan(0.98);
});

test('a recording is played straight from its file, and its end may come after the session', async () => {
  const [a, b] = await pair();
  const path = join(folder, 'message.mp3');
  a.startRecording({ recordingId: 'message', path, format: 'mp3', channels: 1, farOnly: true });
  b.play('b', load(tone(900, 1000)));
  await once(b, 'playbackEnded');
  const ended = once(a, 'recordingEnded');
  await a.close();
  expect((await ended)[0]).toMatchObject({ reason: 'session_closed', error: null });
  const { samples, sampleRateHz } = await decoder.decode(readFileSync(path));
  const [c, d] = await pair();
  d.startRecording({ recordingId: 'copy', path: join(folder, 'copy.wav'), format: 'wav', channels: 1 });
  c.play('c', engine.loadPrompt({ id: 'message', samples, sampleRateHz }));
  await once(c, 'playbackEnded');
  d.stopRecording('copy');
  await once(d, 'recordingEnded');
  expect(share(readFileSync(join(folder, 'copy.wav')), 0, 1, 900)).toBeGreaterThan(0.98);
});

test('a bridge is recorded on either of its legs, and a room', async () => {
  for (const kind of ['bridge', 'room'] as const) {
    const [a, far] = await pair();
    const [b, other] = await pair();
    const room = engine.createRoom();
    const bridge = kind === 'bridge' ? engine.bridge(a, b) : null;
    if (kind === 'room') for (const session of [a, b]) room.join(session);
    const path = join(folder, `${kind}.wav`);
    a.startRecording({ recordingId: kind, path, format: 'wav', channels: 2, maxDurationMs: 1500 });
    far.play('a', load(tone(500, 1200)));
    other.play('b', load(tone(900, 1200)));
    await once(a, 'recordingEnded');
    const wav = readFileSync(path);
    expect(share(wav, 0, 2, 500)).toBeGreaterThan(0.98);
    expect(share(wav, 1, 2, 900)).toBeGreaterThan(0.98);
    bridge?.close();
    room.close();
  }
});

test('a pause is not in the file, and neither are digits that are to be hidden', async () => {
  const [a, b] = await pair();
  const path = join(folder, 'card.wav');
  a.startRecording({ recordingId: 'card', path, format: 'wav', channels: 2, suppressDigits: true });
  a.play('a', load(tone(500, 5000)));
  const heard = once(a, 'digit');
  b.sendDigits('4', { toneMs: 300 });
  await heard;
  await once(b, 'digitsSent');
  a.pauseRecording('card');
  await new Promise((resolve) => setTimeout(resolve, 700));
  a.resumeRecording('card');
  a.stopRecording('card');
  const [end] = await once(a, 'recordingEnded');
  expect(end.reason).toBe('stopped');
  expect(end.durationMs).toBeLessThan(1000);
  const all = new Int16Array(Uint8Array.from(readFileSync(path).subarray(44)).buffer);
  const right = all.filter((_, i) => i % 2 === 1);
  // The digit lasts 300 ms and is hidden with what is around it, on our side too.
  let silent = 0;
  let longest = 0;
  for (let i = right.findIndex((sample) => sample !== 0); i < right.length; i++) {
    silent = right[i] === 0 ? silent + 1 : 0;
    longest = Math.max(longest, silent);
  }
  expect(longest / 8).toBeGreaterThan(250);
});

test('what goes wrong on the disk is told, and the call goes on', async () => {
  const [a, b] = await pair();
  const path = join(folder, 'missing', 'call.wav');
  a.startRecording({ recordingId: 'lost', path, format: 'wav', channels: 1 });
  const [end] = await once(a, 'recordingEnded');
  expect(end).toMatchObject({ reason: 'error', bytes: 0, error: { reason: 'unwritable' } });
  a.play('a', load(tone(500, 100)));
  expect((await once(a, 'playbackEnded'))[0].outcome).toBe('completed');
  const stats = await b.close();
  expect(stats.packetsReceived).toBeGreaterThan(0);
  expect(stats.health.firstPacketInMs).not.toBeNull();
  expect(stats.health.silenceRatioIn).not.toBeNull();
  expect(readdirSync(folder)).toEqual([]);
});

test('an analysis hears the far side', async () => {
  const [a, b] = await pair();
  const findings: Finding[] = [];
  a.on('finding', ({ analysisId, finding }) => {
    expect(analysisId).toBe('who');
    findings.push(finding);
  });
  a.startAnalysis('who', { answering: {} });
  const beep = new Int16Array(8000);
  beep.set(tone(1000, 400), 1600);
  b.play('b', load(beep));
  await once(b, 'playbackEnded');
  expect(findings).toMatchObject([
    { kind: 'answering_machine', reason: 'beep' },
    { kind: 'beep', frequenciesHz: [1000] },
  ]);
  a.stopAnalysis('who');
});

test('recordings are complete when the engine has closed', async () => {
  const own = await MediaEngine.start({
    host: '127.0.0.1',
    portLow: BASE + 40,
    portHigh: BASE + 59,
    workers: 1,
    minReadyPorts: 2,
  });
  const a = await own.createSession();
  const b = await own.createSession();
  a.acceptAnswer(b.answerOffer(a.createOffer()));
  a.start();
  b.start();
  const ended = once(a, 'recordingEnded');
  a.startRecording({ recordingId: 'last', path: join(folder, 'last.wav'), format: 'wav', channels: 1 });
  await once(a, 'firstPacket');
  await own.close();
  expect((await ended)[0]).toMatchObject({ reason: 'session_closed', error: null });
  expect(readdirSync(folder)).toEqual(['last.wav']);
});
