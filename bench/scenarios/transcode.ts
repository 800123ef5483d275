import type { Bench } from '../lib/bench.ts';
import { audioFigures, audioRules, holdCalls, type ReplayingCallers } from '../lib/held-calls.ts';
import { holdsOtherLeg, OPUS_TONES_HZ, TONE_AMPLITUDE, whatWasHeard } from '../lib/other-leg.ts';
import { writeToneReplays } from '../lib/replay.ts';
import { result, rule, type Scenario } from '../lib/scenario.ts';
import { rounded } from '../lib/statistics.ts';
import { transfer } from './bridge.ts';

const SETTLE_MS = 3000;
const WINDOW_MS = 10_000;
const SAMPLED_PAIRS = 8;
const REPLAY_S = 10;

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
      callers: opusCallers(bench),
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
      sound: { toneAmplitude: TONE_AMPLITUDE },
      callees: true,
      callers: opusCallers(bench),
      samples: { directory, every: Math.max(1, Math.floor(n / SAMPLED_PAIRS)) },
    });
    const samples = whatWasHeard(directory, n, held.callerOfCallee);
    const wrong = samples.filter((sample) => !holdsOtherLeg(sample));
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

function opusCallers(bench: Bench): ReplayingCallers {
  const replays = bench.folder('replays');
  const tones = OPUS_TONES_HZ.map((frequencyHz) => ({ codec: 'opus', frequencyHz }) as const);
  writeToneReplays(replays, tones, TONE_AMPLITUDE, REPLAY_S);
  return { codecs: ['opus'], digits: false, replays };
}
