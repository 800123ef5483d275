import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ulawDecode } from '../../e2e/lib/g711.ts';
import type { Bench } from '../lib/bench.ts';
import { audioFigures, audioRules, type HeldFigures, holdCalls } from '../lib/held-calls.ts';
import { decodeReplay, writeToneReplays } from '../lib/opus-replay.ts';
import { toneHz } from '../lib/rtppeer.ts';
import { result, rule, type Scenario } from '../lib/scenario.ts';
import { rounded } from '../lib/statistics.ts';
import { toneLevelsDb } from '../lib/tones-heard.ts';
import { transfer } from './bridge.ts';

const SETTLE_MS = 3000;
const WINDOW_MS = 10_000;
const SAMPLED_PAIRS = 8;
const AMPLITUDE = 4000;
/** Of the callers, who take turns; whole Hz, and none of them a multiple of another. */
const OPUS_TONES_HZ = [430, 570, 710, 890, 1130, 1370, 1690, 2030];
const REPLAY_S = 10;
/** The other leg's tone is there, within so much; other calls' tones are so far below. */
const LEVEL_DB = 1.5;
const ABSENT_DB = -20;

/** Pairs of an Opus caller and a PCMU callee: all sound is decoded and encoded anew, both ways. */
export const transcode: Scenario = {
  unit: 'pairs of Opus and PCMU',
  load: { first: 40, limit: 640, resolution: 0.06, maxAttempts: 9 },
  async warmUp(bench) {
    await bench.server.configure(bench.callbacks.callbackUrl, { answerOnRing: false });
    await holdCalls(bench, {
      script: transfer,
      calls: 10,
      callsPerSecond: 20,
      holdMs: 2000,
      windowAtMs: 500,
      windowMs: 1000,
      callees: true,
      opusReplays: replays(bench),
    });
  },
  async run(bench, n) {
    const callsPerSecond = Math.max(10, Math.min(100, n / 2.5));
    const windowAtMs = (1000 * n) / callsPerSecond + SETTLE_MS;
    const directory = bench.folder('samples');
    const held = await holdCalls(bench, {
      script: transfer,
      calls: n,
      callsPerSecond,
      holdMs: windowAtMs + WINDOW_MS + 1500,
      windowAtMs,
      windowMs: WINDOW_MS,
      sound: { toneAmplitude: AMPLITUDE },
      callees: true,
      opusReplays: replays(bench),
      samples: { directory, every: Math.max(1, Math.floor(n / SAMPLED_PAIRS)) },
    });
    const samples = readSamples(directory, n, held);
    const wrong = samples.filter(({ levelDb, othersDb }) => !(Math.abs(levelDb) < LEVEL_DB && othersDb < ABSENT_DB));
    const told = wrong.map(
      ({ name, levelDb, othersDb }) =>
        `${name} (its tone ${rounded(levelDb, 1)} dB, others ${rounded(othersDb, 1)} dB)`,
    );
    const ofCodec = (suffix: string) => samples.filter(({ name }) => name.endsWith(suffix)).length;
    return result(
      n,
      held.spent,
      [
        ...audioRules(2 * n, held),
        rule(ofCodec('.opus') > 0 && ofCodec('.ulaw') > 0, 'not both sides were sampled'),
        rule(wrong.length === 0, `streams that did not hold the other leg's sound: ${told.join(', ')}`),
      ],
      {
        ...audioFigures(n, held),
        legs: 2 * n,
        sampled: samples.length,
        sampled_right: samples.length - wrong.length,
        sampled_level_db: rounded(Math.min(...samples.map(({ levelDb }) => levelDb)), 2),
        sampled_others_db: rounded(Math.max(...samples.map(({ othersDb }) => othersDb)), 1),
      },
    );
  },
};

function replays(bench: Bench): string {
  const directory = bench.folder('replays');
  writeToneReplays(directory, OPUS_TONES_HZ, AMPLITUDE, REPLAY_S);
  return directory;
}

interface Sample {
  name: string;
  /** The tone of the other leg, and the loudest of all others, against what was sent. */
  levelDb: number;
  othersDb: number;
}

function readSamples(directory: string, n: number, { callerOfCallee }: HeldFigures): Sample[] {
  const calleeOfCaller = new Map([...callerOfCallee].map(([callee, caller]) => [caller, callee]));
  const calleeTonesHz = Array.from({ length: n }, (_, i) => toneHz(i + 1, n));
  return readdirSync(directory).map((name) => {
    const file = readFileSync(join(directory, name));
    const call = Number.parseInt(name, 10);
    if (name.endsWith('.opus')) return sample(name, decodeReplay(file), calleeTonesHz, calleeOfCaller.get(call));
    const caller = callerOfCallee.get(call);
    const turn = caller === undefined ? undefined : ((caller - 1) % OPUS_TONES_HZ.length) + 1;
    return sample(name, Int16Array.from(file, ulawDecode), OPUS_TONES_HZ, turn);
  });
}

/** `expected`: which of the tones it should be, from 1; undefined: nobody is connected. */
function sample(name: string, heard: Int16Array, tonesHz: readonly number[], expected = 0): Sample {
  const levelsDb = toneLevelsDb(heard, tonesHz, AMPLITUDE);
  const levelDb = levelsDb[expected - 1] ?? Number.NEGATIVE_INFINITY;
  return { name, levelDb, othersDb: Math.max(...levelsDb.filter((_, i) => i !== expected - 1)) };
}
