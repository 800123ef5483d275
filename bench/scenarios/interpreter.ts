import { createInterpreter, defaultFlowSettings, type Effect, type Input } from '@voxology/callflow';
import { workFor } from '../lib/processor-time.ts';
import { rule, type Scenario, verdict } from '../lib/scenario.ts';
import { rounded } from '../lib/statistics.ts';

const STEPS_PER_S = 200_000;
/** Rounds of the menu in one call. */
const ROUNDS = 100;

/** Steps of the interpreter: an input in, effects out, on a call that goes round a menu; `n`: seconds of processor time. */
export const interpreter: Scenario = {
  unit: 's of processor time',
  load: 3,
  needsServer: false,
  async warmUp() {
    const inputs = recordedCall();
    await workFor(1000, () => callAgain(inputs));
  },
  async run(_bench, n) {
    const inputs = recordedCall();
    let actions = 0;
    const { rounds, cpuMs, wallMs } = await workFor(n * 1000, () => {
      actions += callAgain(inputs);
    });
    const stepsPerS = (1000 * rounds * inputs.length) / cpuMs;
    return verdict(
      n,
      [rule(stepsPerS >= STEPS_PER_S, `${Math.round(stepsPerS)} steps a second (${STEPS_PER_S} wanted)`)],
      {
        calls: rounds,
        steps_per_call: inputs.length,
        actions_per_call: actions / rounds,
        steps_per_s: rounded(stepsPerS, 0),
        actions_per_s: rounded((1000 * actions) / cpuMs, 0),
        us_per_step: rounded(1e6 / stepsPerS, 2),
        cpu_ms: rounded(cpuMs, 0),
        wall_ms: rounded(wallMs, 0),
      },
    );
  },
};

const FLOW = `
actions:
  - $round: 0
  - { type: LABEL, name: MENU }
  - type: COLLECT
    name: choice
    params: { num_digits: 1, timeout: 5000 }
    actions:
      - { type: SAY, params: { text: "Hello \${sessionData.name}, round \${round}. Press a key." } }
  - $round: $round + 1
  - type: IF
    condition: $keyPresses == '1' && $sessionData.age > 21
    then:
      - { type: SAY, params: { text: "You pressed \${keyPresses}." } }
    orElse:
      - { type: SAY, params: { text: You did not press one. } }
  - type: IF
    condition: $round < ${ROUNDS}
    then:
      - { type: GOTO, params: { label: MENU } }
  - { type: HANGUP }
`;

const shared = createInterpreter();

/** Runs a call from its inputs; how many actions it ran. */
function callAgain(inputs: readonly Input[]): number {
  let state = shared.initialState();
  let actions = 0;
  for (const input of inputs) {
    const step = shared.step(state, input);
    state = step.state;
    for (const { type } of step.events) if (type === 'action_started') actions += 1;
  }
  return actions;
}

/** The inputs of a call whose caller presses 1 and 2 in turns, as soon as a prompt begins. */
function recordedCall(): Input[] {
  const inputs: Input[] = [];
  const waiting: Input[] = [start()];
  let state = shared.initialState();
  let atMs = 0;
  for (let input = waiting.shift(); input !== undefined; input = waiting.shift()) {
    atMs += 20;
    const now = { ...input, atMs };
    inputs.push(now);
    const step = shared.step(state, now);
    state = step.state;
    for (const effect of step.effects) waiting.push(...answersTo(effect, inputs.length));
  }
  if (inputs.at(-1)?.type !== 'ended') throw new Error('the call that is to be measured did not end');
  return inputs;
}

function start(): Input {
  const place = { city: '', region: '', country: '', timezone: '' };
  return {
    type: 'start',
    atMs: 0,
    call: {
      callId: '1@bench',
      appId: '',
      subaccountId: '0',
      direction: 'inbound',
      callerNo: '+12125550101',
      callerPlace: place,
      apiNo: '+12125550123',
      apiPlace: place,
      startTimeMs: 0,
      customData: null,
      sipDomain: '',
      sipForwardedFor: '',
    },
    settings: defaultFlowSettings({ url: 'https://example.com/', method: 'POST', contentType: 'application/json' }),
    sessionData: { name: 'Ann', age: 30 },
    seed: 1,
  };
}

function answersTo(effect: Effect, index: number): Input[] {
  switch (effect.type) {
    case 'request_callback':
      return [{ type: 'callback_answered', requestId: effect.requestId, httpStatus: 200, bodyText: FLOW, atMs: 0 }];
    case 'answer':
      return [{ type: 'answered', atMs: 0 }];
    case 'play': {
      const { playbackId } = effect;
      const digit = { type: 'digit', digit: index % 2 === 0 ? '1' : '2', durationMs: 80, atMs: 0 } as const;
      const isPrompt = effect.source.kind === 'say' && effect.source.text.endsWith('Press a key.');
      return isPrompt ? [digit] : [{ type: 'playback_ended', playbackId, outcome: 'completed', atMs: 0 }];
    }
    case 'stop_playback':
      return [{ type: 'playback_ended', playbackId: effect.playbackId, outcome: 'stopped', atMs: 0 }];
    case 'hang_up':
      return [{ type: 'ended', status: 'completed', by: 'api', reason: effect.reason, error: null, atMs: 0 }];
    default:
      return [];
  }
}
