import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ulawDecode } from '../../e2e/lib/g711.ts';
import type { Bench } from '../lib/bench.ts';
import type { Script } from '../lib/callback-server.ts';
import { audioFigures, audioRules, holdCalls } from '../lib/held-calls.ts';
import { prompt30, prompt30High } from '../lib/prompt.ts';
import { isPrompt, matchPrompt } from '../lib/prompt-match.ts';
import { result, rule, type Scenario } from '../lib/scenario.ts';
import { callOfCaller } from '../lib/sipp.ts';
import { rounded } from '../lib/statistics.ts';

const SETTLE_MS = 3000;
const WINDOW_MS = 10_000;
const SAMPLED_STREAMS = 8;

/** Concurrent calls that each hear a prompt for the whole time, fetched over HTTP and played as 20 ms of PCMU. */
export const play: Scenario = {
  unit: 'calls at once',
  load: { first: 100, limit: 2400, resolution: 0.06, maxAttempts: 9 },
  warmUp,
  async run(bench, n) {
    const callsPerSecond = Math.max(10, Math.min(100, n / 2.5));
    const windowAtMs = (1000 * n) / callsPerSecond + SETTLE_MS;
    const directory = bench.folder('samples');
    const held = await holdCalls(bench, {
      script: playPrompt(bench),
      calls: n,
      callsPerSecond,
      holdMs: windowAtMs + WINDOW_MS + 1500,
      windowAtMs,
      windowMs: WINDOW_MS,
      // An odd step, so that both prompts are among the samples.
      samples: { directory, every: Math.max(1, Math.floor(n / SAMPLED_STREAMS) | 1) },
    });
    const samples = readSamples(directory);
    const wrong = samples.filter(({ right }) => !right);
    return result(
      n,
      held.spent,
      [
        ...audioRules(n, held),
        rule(samples.length > 0, 'no stream was sampled'),
        rule(wrong.length === 0, `calls ${wrong.map(({ call }) => call).join(', ')} did not hear their prompt`),
      ],
      {
        ...audioFigures(n, held),
        sampled: samples.length,
        sampled_right: samples.length - wrong.length,
        sampled_min_correlation: rounded(Math.min(...samples.map(({ correlation }) => correlation)), 4),
      },
    );
  },
};

/** Each call plays its prompt again and again: the caller decides when it ends. */
export function playPrompt(bench: Bench): Script {
  return ({ caller_no: callerNo }) => {
    const url = bench.callbacks.urlOf(promptOf(callOfCaller(callerNo)));
    return [{ type: 'PLAY', params: { url, loop: 0 } }, { type: 'HANGUP' }];
  };
}

/** A few calls, so that the prompts are held and the code has run. */
export async function warmUp(bench: Bench): Promise<void> {
  const calls = 10;
  await holdCalls(bench, {
    script: playPrompt(bench),
    calls,
    callsPerSecond: 20,
    holdMs: 1000,
    windowAtMs: 500,
    windowMs: 500,
  });
}

function promptOf(call: number) {
  return call % 2 === 1 ? prompt30 : prompt30High;
}

/** What the sampled calls heard, against what they should have. */
function readSamples(directory: string): { call: number; correlation: number; right: boolean }[] {
  return readdirSync(directory).map((name) => {
    const call = Number.parseInt(name, 10);
    const heard = Int16Array.from(readFileSync(join(directory, name)), ulawDecode);
    const match = matchPrompt(heard, promptOf(call).samples);
    return { call, correlation: match.correlation, right: isPrompt(match) };
  });
}
