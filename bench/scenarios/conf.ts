import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ulawDecode } from '../../e2e/lib/g711.ts';
import type { Bench } from '../lib/bench.ts';
import type { Script } from '../lib/callback-server.ts';
import { audioFigures, audioRules, type HeldCalls, holdCalls } from '../lib/held-calls.ts';
import { decodeReplay, writeToneReplays } from '../lib/replay.ts';
import { toneHz } from '../lib/rtppeer.ts';
import { result, rule, type Scenario } from '../lib/scenario.ts';
import { type BenchCodec, codecOf } from '../lib/sipp-scenario.ts';
import { rounded } from '../lib/statistics.ts';
import {
  heardTones,
  OPUS_LIMITS,
  roomToneAmplitude,
  type ToneLimits,
  type TonesHeard,
  WAVE_LIMITS,
} from '../lib/tones-heard.ts';

/** While so many calls come in, packets come unevenly; the jitter buffers that grew then shrink for some seconds. */
const SETTLE_MS = 12_000;
const WINDOW_MS = 10_000;
const SAMPLED_STREAMS = 8;

const WARM_UP_CALLS = 10;

/** Who speaks what, by turns. */
const CODECS: Readonly<Record<string, readonly BenchCodec[]>> = {
  pcmu: ['PCMU'],
  mixed: ['PCMU', 'PCMA', 'G722', 'opus'],
};
const REPLAY_S = 4;

/** One room that all calls are in, each sending a tone of its own and hearing those of all others. */
export const conf: Scenario = {
  unit: 'members of one room',
  load: { first: 100, limit: 2400, resolution: 0.06, maxAttempts: 9 },
  flags: { codecs: 'pcmu' },
  async warmUp(bench) {
    await holdCalls(bench, {
      script: enterRoom,
      calls: WARM_UP_CALLS,
      callsPerSecond: 20,
      holdMs: 1000,
      windowAtMs: 500,
      windowMs: 500,
      ...tonesOf(bench, WARM_UP_CALLS),
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
      ...tonesOf(bench, n),
      // An odd step, so that members of each codec are among the samples.
      samples: { directory, every: Math.max(1, Math.floor(n / SAMPLED_STREAMS) | 1) },
    });
    const samples = readdirSync(directory).map((name) => {
      const call = Number.parseInt(name, 10);
      const codec = codecOf(codecs(bench), call);
      return { call, codec, ...heardTones(samplesOf(join(directory, name), codec), call, n, limitsOf(codec)) };
    });
    const wrong = samples.filter(({ missing, hearsItself }) => missing > 0 || hearsItself);
    const told = wrong.map(
      ({ call, codec, missing, hearsItself }) =>
        `${call} (${codec}: ${missing} missing${hearsItself ? ', itself heard' : ''})`,
    );
    const unheard = codecs(bench).filter((codec) => !samples.some((sample) => sample.codec === codec));
    return result(
      n,
      held.spent,
      [
        ...audioRules(n, held),
        rule(unheard.length === 0, `no stream of ${unheard.join(', ')} was sampled`),
        rule(wrong.length === 0, `calls that did not hear exactly the others: ${told.join(', ')}`),
      ],
      {
        ...audioFigures(n, held),
        codecs: bench.flag('codecs'),
        sampled: samples.length,
        sampled_right: samples.length - wrong.length,
        sampled_weakest_db: rounded(Math.min(...samples.map(({ weakestDb }) => weakestDb)), 1),
        sampled_itself_db: rounded(Math.max(...samples.map(({ itselfDb }) => itselfDb)), 1),
        ...(codecs(bench).length === 1 ? {} : { sampled_by_codec: byCodec(samples) }),
      },
    );
  },
};

interface Sample extends TonesHeard {
  codec: BenchCodec;
}

function byCodec(samples: readonly Sample[]): Record<string, { n: number; weakest_db: number; itself_db: number }> {
  const groups = Object.entries(Object.groupBy(samples, ({ codec }) => codec));
  return Object.fromEntries(
    groups.map(([codec, ofIt = []]) => [
      codec,
      {
        n: ofIt.length,
        weakest_db: rounded(Math.min(...ofIt.map(({ weakestDb }) => weakestDb)), 1) ?? 0,
        itself_db: rounded(Math.max(...ofIt.map(({ itselfDb }) => itselfDb)), 1) ?? 0,
      },
    ]),
  );
}

function codecs(bench: Bench): readonly BenchCodec[] {
  const asked = CODECS[bench.flag('codecs')];
  if (asked === undefined) throw new Error(`--codecs is one of ${Object.keys(CODECS).join(', ')}`);
  return asked;
}

/** A tone of its own for each of `n` members: rtppeer's PCMU, or packets from files. */
function tonesOf(bench: Bench, n: number): Pick<HeldCalls, 'sound' | 'callers'> {
  const spoken = codecs(bench);
  const amplitude = roomToneAmplitude(n);
  if (spoken.length === 1) return { sound: { toneAmplitude: amplitude } };
  const replays = bench.folder('replays');
  const tones = Array.from({ length: n }, (_, i) => {
    return { codec: codecOf(spoken, i + 1), frequencyHz: toneHz(i + 1, n) };
  });
  writeToneReplays(replays, tones, amplitude, REPLAY_S);
  return { callers: { codecs: spoken, digits: true, replays } };
}

function limitsOf(codec: BenchCodec): ToneLimits {
  return codec === 'opus' ? OPUS_LIMITS : WAVE_LIMITS;
}

function samplesOf(path: string, codec: BenchCodec): Int16Array {
  const file = readFileSync(path);
  return path.endsWith('.ulaw') ? Int16Array.from(file, ulawDecode) : decodeReplay(codec, file);
}

const enterRoom: Script = () => [
  { type: 'CONFERENCE', params: { name: 'room1', hold_music: false } },
  { type: 'HANGUP' },
];
