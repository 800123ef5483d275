import { describe, expect, test } from 'vitest';
import type { Input, JsonObject } from '../io.ts';
import { lineLog } from '../testing/line-log.ts';
import { readCallLog } from './logged-call.ts';
import { replayCallLog } from './replay-log.ts';
import { VirtualLine } from './virtual-line.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const flowSaying = (last: string): JsonObject => ({
  actions: [
    { type: 'COLLECT', name: 'pin', params: { num_digits: 1 }, actions: [say('Press.')] },
    { $n: '+$keyPresses' },
    say(last),
    { type: 'HANGUP' },
  ],
});

/** The log of a simulated call, in the form of the API. Keys come back from the database in another order. */
function logOf(flow: JsonObject): { call_id: string; events: JsonObject[] } {
  const line = new VirtualLine(() => flow, { presses: ['7'] }, 'flow');
  for (const _ of line.advance(() => false));
  const events: JsonObject[] = [];
  const replayed = replayCallLog({ callId: '', steps: line.inputs.map((input) => ({ input, effects: [] })) });
  for (const { input, effects } of replayed) {
    const { type, atMs, ...data } = input;
    const time = new Date(atMs).toISOString();
    events.push({ seq: events.length, time, kind: 'input', type, data: data as unknown as JsonObject });
    for (const { type: did, ...rest } of effects) {
      const reversed = Object.fromEntries(Object.entries(rest).reverse()) as JsonObject;
      events.push({ seq: events.length, time, kind: 'effect', type: did, data: reversed });
    }
    events.push({ seq: events.length, time, kind: 'media', type: 'stats', data: {} });
  }
  return { call_id: '1@x', events };
}

const RECOVERED = (atMs: number): Input => {
  return { type: 'ended', status: 'failed', by: 'api', reason: 'recovered', error: 'crashed', atMs };
};

test('a past call again: the same effects, and every change of state', () => {
  const steps = replayCallLog(readCallLog(JSON.parse(JSON.stringify(logOf(flowSaying('${n}'))))));
  expect(steps.flatMap(({ differences }) => differences)).toEqual([]);
  const changes = steps.flatMap((step) =>
    step.changes.map(({ name, before, after }) => `${name}: ${before} → ${after}`),
  );
  expect(changes).toContain('phase: requesting → running');
  expect(changes).toContain('at: actions[0] > actions[0].actions[0] → actions[0]');
  expect(changes).toContain('$keyPresses: null → "7"');
  expect(changes).toContain('$n: null → 7');
});

test('a log whose effects are not ours', () => {
  const log = logOf(flowSaying('x'));
  const play = log.events.find(({ type }) => type === 'play') as { data: JsonObject };
  play.data = { ...play.data, playbackId: 'p9' };
  const differences = replayCallLog(readCallLog(log)).flatMap((step) => step.differences);
  expect(differences).toMatchObject([{ logged: { playbackId: 'p9' }, replayed: { playbackId: 'p1' } }]);
});

test('a log of an earlier version, whose effects had less to say', () => {
  const record = { type: 'RECORD', params: { action: 'start' } };
  const log = lineLog([{ actions: [record, say('x'), { type: 'HANGUP' }] }]);
  const start = log.steps.flatMap(({ effects }) => effects).find(({ type }) => type === 'start_recording');
  const before = { ...start } as Record<string, unknown>;
  expect(before).toMatchObject({ maskDigits: false, webhook: null });
  for (const step of log.steps) {
    for (const effect of step.effects) {
      if (effect.type === 'start_recording')
        for (const key of ['maskDigits', 'webhook', 'hints', 'language'])
          delete (effect as unknown as Record<string, unknown>)[key];
    }
  }
  expect(replayCallLog(log).flatMap(({ differences }) => differences)).toEqual([]);
});

test('a call whose server crashed: its timers were not cancelled any more', () => {
  const changes = {
    inputs: (inputs: Input[]) => inputs.map((one) => (one.type === 'ended' ? RECOVERED(one.atMs) : one)),
  };
  const log = lineLog([flowSaying('x')], { hangupAfterMs: 1_000 }, changes);
  const last = log.steps.at(-1);
  expect(last?.effects.map(({ type }) => type)).toEqual(['cancel_timer', 'cancel_timer', 'finish']);
  last?.effects.splice(0, 2);
  expect(replayCallLog(log).flatMap(({ differences }) => differences)).toEqual([]);
});

test('against another flow: where it first goes another way', () => {
  const log = readCallLog(logOf(flowSaying('Good bye.')));
  expect(replayCallLog(log, { against: JSON.stringify(flowSaying('Good bye.')) }).length).toBe(log.steps.length);
  const steps = replayCallLog(log, { against: JSON.stringify(flowSaying('So long.')) });
  expect(steps.length).toBeLessThan(log.steps.length);
  expect(steps.at(-1)?.differences).toMatchObject([
    { logged: { source: { text: 'Good bye.' } }, replayed: { source: { text: 'So long.' } } },
  ]);
});

describe('what is no log', () => {
  test.each<[unknown, RegExp]>([
    [null, /no call log/],
    [{ events: [{}] }, /events\[0\] has no type/],
    [{ events: [{ kind: 'input', type: 'start', data: {} }] }, /events\[0\] has no time/],
    [{ events: [] }, /does not begin with the start/],
  ])('%j', (log, message) => {
    expect(() => readCallLog(log)).toThrow(message);
  });
});
