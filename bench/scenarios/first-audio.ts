import { audioRules, callFigures, holdCalls } from '../lib/held-calls.ts';
import { result, rule, type Scenario } from '../lib/scenario.ts';
import { callOfCaller } from '../lib/sipp.ts';
import { MAX_MEDIA_CALLS } from '../lib/sipp-scenario.ts';
import { percentile, rounded } from '../lib/statistics.ts';
import { playPrompt, warmUp } from './play.ts';

const HOLD_S = 6;
const WINDOW_S = 12;
const ALLOWED_MS = 30;

/**
 * From the moment our HTTP server answers the first callback to the first packet at the caller that is not silence, of
 * a prompt that the server holds already, while `n` calls are up: as many come as go.
 */
export const firstAudio: Scenario = {
  unit: 'calls at once',
  load: 200,
  warmUp,
  async run(bench, n) {
    const callsPerSecond = n / HOLD_S;
    const calls = Math.min(MAX_MEDIA_CALLS, Math.round(callsPerSecond * (HOLD_S + WINDOW_S)));
    const held = await holdCalls(bench, {
      script: playPrompt(bench),
      calls,
      callsPerSecond,
      holdMs: HOLD_S * 1000,
      windowAtMs: HOLD_S * 1000,
      windowMs: (WINDOW_S - 1) * 1000,
    });
    const waits: number[] = [];
    for (const [callerNo, answeredMs] of bench.callbacks.answeredMs) {
      const call = callOfCaller(callerNo);
      const soundMs = held.firstSoundMs.get(call);
      // The first calls come before there is a load.
      if (soundMs !== undefined && call > n) waits.push(soundMs - answeredMs);
    }
    const p99 = percentile(waits, 0.99);
    // Streams begin and end within the window, so the other rules do not apply.
    const [noneFailed = null] = audioRules(held.rtp.active, held);
    return result(
      n,
      held.spent,
      [
        noneFailed,
        rule(held.firstSoundMs.size === calls, `${calls - held.firstSoundMs.size} of ${calls} calls heard nothing`),
        rule(
          p99 !== null && p99 < ALLOWED_MS,
          `99 % heard the prompt within ${p99 === null ? 'no' : rounded(p99, 1)} ms (${ALLOWED_MS} ms allowed)`,
        ),
      ],
      {
        ...callFigures(n, held),
        calls_measured: waits.length,
        first_audio_p50: rounded(percentile(waits, 0.5), 2),
        first_audio_p95: rounded(percentile(waits, 0.95), 2),
        first_audio_p99: rounded(p99, 2),
        first_audio_max: rounded(percentile(waits, 1), 2),
      },
    );
  },
};
