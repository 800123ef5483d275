import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../lib/bench.ts';
import type { Script } from '../lib/callback-server.ts';
import { audioFigures, audioRules, holdCalls } from '../lib/held-calls.ts';
import { result, rule, type Scenario } from '../lib/scenario.ts';
import { callOfCaller } from '../lib/sipp.ts';
import { percent, percentile, rounded } from '../lib/statistics.ts';
import { type AgentProtocol, VoiceAgent } from '../lib/voice-agent.ts';

const SETTLE_MS = 3000;
const WINDOW_MS = 10_000;
const ADDED_LATENCY_MS = 60;
const CLEAR_MS = 40;
const CLEARED_CALLS = 8;
const CLEAR_ROUNDS = 5;
/** One round, with its pauses. */
const ROUND_MS = 1600;
const SPEAK_MS = 700;
/** After `clear` it has to stay silent for so long. */
const LISTEN_MS = 300;

const PROTOCOLS = ['twilio', 'voxology', 'mixed'];

/**
 * Calls with a bidirectional STREAM to an agent that echoes each message. Latency: from the caller's sending of a packet to
 * the arrival of the packet that holds the first sample of its sound, and the place of that sample in it. The WebSocket
 * and the agent's own time are part of it; nothing is subtracted. Then some of the agents interrupt themselves by `clear`:
 * from their decision to the last loud sample at the caller.
 */
export const agent: Scenario = {
  unit: 'calls with a voice agent',
  load: { first: 50, limit: 1600, resolution: 0.06, maxAttempts: 9 },
  flags: { protocol: 'twilio', 'agent-delay-ms': '0' },
  async warmUp(bench) {
    const voiceAgent = await openAgent(bench);
    try {
      await holdCalls(bench, {
        script: talkTo(voiceAgent, bench),
        calls: 10,
        callsPerSecond: 20,
        holdMs: 2000,
        windowAtMs: 500,
        windowMs: 500,
        sound: 'stamps',
      });
    } finally {
      voiceAgent.close();
    }
  },
  async run(bench, n) {
    const callsPerSecond = Math.max(10, Math.min(100, n / 2.5));
    const windowAtMs = (1000 * n) / callsPerSecond + SETTLE_MS;
    const windowEndMs = windowAtMs + WINDOW_MS;
    const voiceAgent = await openAgent(bench);
    const silences = new Map<number, number[]>();
    try {
      const clearing = sleep(windowEndMs + 500).then(() => clearSomeCalls(voiceAgent, silences));
      const held = await holdCalls(bench, {
        script: talkTo(voiceAgent, bench),
        calls: n,
        callsPerSecond,
        holdMs: windowEndMs + CLEAR_ROUNDS * ROUND_MS + 2000,
        windowAtMs,
        windowMs: WINDOW_MS,
        sound: 'stamps',
        onSilence: (call, atMs) => silences.get(call)?.push(atMs),
      });
      const cleared = await clearing;
      const { rtp } = held;
      const echoedPct = percent(rtp.lat_own, rtp.rx);
      const late = cleared.filter((ms) => !(ms < CLEAR_MS));
      return result(
        n,
        held.spent,
        [
          ...audioRules(n, held),
          rule(
            echoedPct > 95,
            `${rounded(echoedPct, 2)} % of the packets held what the call had sent (over 95 % required)`,
          ),
          rule(rtp.lat_own === rtp.lat_n, `${rtp.lat_n - rtp.lat_own} packets held the sound of another call`),
          rule(
            rtp.lat_p99 < ADDED_LATENCY_MS,
            `99 % of the sound was back within ${rtp.lat_p99} ms (${ADDED_LATENCY_MS} ms allowed)`,
          ),
          rule(cleared.length > 0, 'clear was not measured'),
          rule(late.length === 0, `${late.length} of ${cleared.length} times clear took ${CLEAR_MS} ms or more`),
        ],
        {
          ...audioFigures(n, held),
          protocol: bench.flag('protocol'),
          echoed_pct: rounded(echoedPct, 2),
          added_p50: rtp.lat_p50,
          added_p99: rtp.lat_p99,
          added_max: rtp.lat_max,
          to_agent_p50: rounded(percentile(voiceAgent.heardMs, 0.5), 1),
          to_agent_p99: rounded(percentile(voiceAgent.heardMs, 0.99), 1),
          clear_n: cleared.length,
          clear_p50: rounded(percentile(cleared, 0.5), 1),
          clear_max: rounded(percentile(cleared, 1), 1),
        },
      );
    } finally {
      voiceAgent.close();
    }
  },
};

async function openAgent(bench: Bench): Promise<VoiceAgent> {
  if (!PROTOCOLS.includes(bench.flag('protocol'))) throw new Error(`--protocol is one of ${PROTOCOLS.join(', ')}`);
  return await VoiceAgent.open(bench.numberFlag('agent-delay-ms'));
}

function talkTo({ url }: VoiceAgent, bench: Bench): Script {
  const asked = bench.flag('protocol');
  return ({ caller_no: callerNo }) => {
    const call = callOfCaller(callerNo);
    const protocol: AgentProtocol = asked === 'twilio' || (asked === 'mixed' && call % 2 === 1) ? 'twilio' : 'voxology';
    const params = { url, bidirectional: true, protocol, stream_data: { call } };
    return [{ type: 'STREAM', params }, { type: 'HANGUP' }];
  };
}

/** From `clear` to silence, ms, some rounds of some calls; infinite where it did not become silent. */
async function clearSomeCalls(voiceAgent: VoiceAgent, silences: Map<number, number[]>): Promise<number[]> {
  const calls = voiceAgent.calls.toSorted((a, b) => a - b);
  const step = Math.max(1, Math.floor(calls.length / CLEARED_CALLS));
  const chosen = calls.filter((_, i) => i % step === 0).slice(0, CLEARED_CALLS);
  const rounds = await Promise.all(chosen.map((call, i) => clearOften(voiceAgent, silences, call, i)));
  return rounds.flat();
}

async function clearOften(
  voiceAgent: VoiceAgent,
  silences: Map<number, number[]>,
  call: number,
  index: number,
): Promise<number[]> {
  const measured: number[] = [];
  for (let round = 0; round < CLEAR_ROUNDS; round++) {
    const heard: number[] = [];
    silences.set(call, heard);
    // At another place in the packet each time.
    const clearedMs = await voiceAgent.interruptItself(call, SPEAK_MS + 3 * round + 5 * index);
    heard.length = 0;
    await sleep(LISTEN_MS);
    const last = heard.at(-1);
    measured.push(last === undefined ? Number.POSITIVE_INFINITY : Math.max(0, last - clearedMs));
  }
  return measured;
}
