import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ulawDecode } from '../../e2e/lib/g711.ts';
import type { Bench } from '../lib/bench.ts';
import type { Script } from '../lib/callback-server.ts';
import { audioFigures, audioRules, holdCalls } from '../lib/held-calls.ts';
import { result, rule, type Scenario } from '../lib/scenario.ts';
import { rounded } from '../lib/statistics.ts';
import { heardTones, roomToneAmplitude } from '../lib/tones-heard.ts';

/** While so many calls come in, packets come unevenly; the jitter buffers that grew then shrink for some seconds. */
const SETTLE_MS = 12_000;
const WINDOW_MS = 10_000;
const SAMPLED_STREAMS = 8;

/** One room that all calls are in, each sending a tone of its own and hearing those of all others. */
export const conf: Scenario = {
  unit: 'members of one room',
  load: { first: 100, limit: 2400, resolution: 0.06, maxAttempts: 9 },
  async warmUp(bench) {
    await holdCalls(bench, {
      script: enterRoom,
      calls: 10,
      callsPerSecond: 20,
      holdMs: 1000,
      windowAtMs: 500,
      windowMs: 500,
      sound: { toneAmplitude: roomToneAmplitude(10) },
    });
  },
  async run(bench: Bench, n: number) {
    const callsPerSecond = Math.max(10, Math.min(100, n / 2.5));
    const windowAtMs = (1000 * n) / callsPerSecond + SETTLE_MS;
    const directory = bench.folder('samples');
    const held = await holdCalls(bench, {
      script: enterRoom,
      calls: n,
      callsPerSecond,
      holdMs: windowAtMs + WINDOW_MS + 1500,
      windowAtMs,
      windowMs: WINDOW_MS,
      sound: { toneAmplitude: roomToneAmplitude(n) },
      samples: { directory, every: Math.max(1, Math.floor(n / SAMPLED_STREAMS)) },
    });
    const samples = readdirSync(directory).map((name) => {
      const call = Number.parseInt(name, 10);
      return { call, ...heardTones(Int16Array.from(readFileSync(join(directory, name)), ulawDecode), call, n) };
    });
    const wrong = samples.filter(({ missing, hearsItself }) => missing > 0 || hearsItself);
    const told = wrong.map(
      ({ call, missing, hearsItself }) => `${call} (${missing} missing${hearsItself ? ', itself heard' : ''})`,
    );
    return result(
      n,
      held.spent,
      [
        ...audioRules(n, held),
        rule(samples.length > 0, 'no stream was sampled'),
        rule(wrong.length === 0, `calls that did not hear exactly the others: ${told.join(', ')}`),
      ],
      {
        ...audioFigures(n, held),
        sampled: samples.length,
        sampled_right: samples.length - wrong.length,
        sampled_weakest_db: rounded(Math.min(...samples.map(({ weakestDb }) => weakestDb)), 1),
        sampled_itself_db: rounded(Math.max(...samples.map(({ itselfDb }) => itselfDb)), 1),
      },
    );
  },
};

const enterRoom: Script = () => [
  { type: 'CONFERENCE', params: { name: 'room1', hold_music: false } },
  { type: 'HANGUP' },
];
