import { expect, test } from 'vitest';
import type { Input, JsonObject } from '../io.ts';
import type { LoggedCall } from './logged-call.ts';
import { replayCallLog } from './replay-log.ts';
import type { SimulationScript } from './script.ts';
import { simulateCallLog } from './simulate-log.ts';
import { VirtualLine } from './virtual-line.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const MENU: JsonObject = {
  actions: [
    {
      type: 'COLLECT',
      name: 'pin',
      params: { num_digits: 2, timeout: 2000, retries: 1 },
      actions: [say('Press two keys.'), say('Any two.')],
    },
    { $n: '+$keyPresses * $sessionData.factor' },
    say('That makes ${n}.'),
  ],
};

/** The log of a call: what came in on a line whose times are not those of a simulation, and what was done about it. */
function logOf(script: SimulationScript, change: (inputs: Input[]) => Input[] = (inputs) => inputs): LoggedCall {
  const answers = [MENU, MENU, 'no JSON'];
  const line = new VirtualLine(() => answers.shift() ?? '', script, 'https://flow.example/');
  for (const _ of line.advance(() => false));
  const inputs = change(line.inputs).map((input, index) => ({ ...input, atMs: input.atMs + 37 * index }));
  const steps = replayCallLog({ callId: '', steps: inputs.map((input) => ({ input, effects: [] })) });
  return { callId: '1@x', steps: steps.map(({ input, effects }) => ({ input, effects })) };
}

test.each<[string, SimulationScript]>([
  ['keys, then none, then an answer that is no document', { presses: ['12', ''], sessionData: { factor: 3 } }],
  ['the caller hangs up in a prompt', { hangupAfterMs: 1_500 }],
  ['a prompt that cannot be played', { presses: ['12'], playback: () => new Error('no voice') }],
  ['outbound', { direction: 'outbound', presses: ['99'] }],
])('a call and its simulation have the same transcript: %s', (_what, script) => {
  const { obstacle, logged, simulated } = simulateCallLog(logOf(script));
  expect(obstacle).toBeNull();
  expect(simulated).toEqual(logged);
  expect(logged.length).toBeGreaterThan(4);
  expect(logged.at(-1)).toMatch(/^ended: completed/);
});

test('a call whose line did something else than a line does is told apart', () => {
  const timeless = logOf({ hangupAfterMs: 6_000 }, (inputs) => inputs.filter(({ type }) => type !== 'timer'));
  const { obstacle, logged, simulated } = simulateCallLog(timeless);
  expect(obstacle).toBeNull();
  expect(simulated).not.toEqual(logged);
});

test('what is neither of the caller nor of the line stands in the way', () => {
  const inject: Input = { type: 'hang_up', reason: 'REST', atMs: Date.UTC(2026, 0, 2, 9) };
  const log = logOf({}, (inputs) => inputs.toSpliced(2, 0, inject));
  expect(simulateCallLog(log)).toMatchObject({ obstacle: 'hang_up', simulated: [] });
  const refused = logOf({ hangupAfterMs: 1 }, (inputs) =>
    inputs.map((input) => (input.type === 'ended' ? { ...input, by: 'api', status: 'no-answer' } : input)),
  );
  expect(simulateCallLog(refused).obstacle).toBe('ended as no-answer');
  const unanswered = logOf({ hangupAfterMs: 1 }, (inputs) => inputs.filter(({ type }) => type !== 'callback_answered'));
  expect(simulateCallLog(unanswered).obstacle).toBe('a callback that was not answered');
  const unfinished = logOf({}, (inputs) => inputs.filter(({ type }) => type !== 'ended'));
  expect(simulateCallLog(unfinished).obstacle).toBe('the log has no end');
});
