import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultFlowSettings } from '../flow-settings.ts';
import type { Input, Json } from '../io.ts';
import { deepFreeze } from '../json-value.ts';
import type { WorldScript } from '../simulate/world/world.ts';
import { arbitraryActions, arbitraryFlow } from '../testing/arbitrary-flow.ts';
import { arbitraryInput } from '../testing/arbitrary-input.ts';
import { CALL, EPOCH_MS, VirtualCall } from '../testing/virtual-call.ts';
import { createInterpreter, type Interpreter, type StepResult } from './interpreter.ts';
import { replay } from './replay.ts';
import type { State } from './state.ts';

const bodies = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: arbitraryFlow.map((document) => JSON.stringify(document)) },
    { weight: 1, arbitrary: fc.string() },
    { weight: 1, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
  ),
  { minLength: 1, maxLength: 3 },
);
/** What happens beside the caller's keys: what it says, and what callees of a transfer press. */
const SAYINGS = ['begins', 'says yes', 'says ', 'fails', 'callee 1', 'callee #'] as const;

const keys = fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.constantFrom('1', '2', '#', '*', ...SAYINGS)), {
  maxLength: 6,
});
type Injection = { afterMs: number; when: 'now' | 'after_current' | 'beside'; actions: Json[] };
const injections: fc.Arbitrary<Injection[]> = fc.array(
  fc.record({
    afterMs: fc.constantFrom(0, 20, 60, 500, 1_070),
    when: fc.constantFrom('now' as const, 'after_current' as const, 'beside' as const),
    actions: arbitraryActions,
  }),
  { maxLength: 3 },
);

const worlds: fc.Arbitrary<WorldScript> = fc.record({
  transfers: fc.array(
    fc.record({
      outcome: fc.constantFrom('answer' as const, 'busy' as const, 'no-answer' as const),
      talkMs: fc.constantFrom(null, 0, 2_000),
      declines: fc.boolean(),
    }),
    { maxLength: 1 },
  ),
  conferences: fc.array(
    fc.record({ participants: fc.nat(2), endsMs: fc.constantFrom(null, 0, 5_000), kicked: fc.boolean() }),
    { maxLength: 1 },
  ),
  agents: fc.array(
    fc.record({ outcome: fc.constantFrom('answer' as const, 'busy' as const), declines: fc.boolean() }),
    { maxLength: 1 },
  ),
  queues: fc.array(fc.record({ ahead: fc.nat(3), connectsMs: fc.constantFrom(null, 0, 4_000) }), { maxLength: 1 }),
  party: fc.record({ is: fc.constantFrom('live_person' as const, 'answering_machine' as const) }),
});

function drive(answers: string[], injected: Injection[], presses: [number, string][], world: WorldScript): VirtualCall {
  const call = new VirtualCall({
    answers: answers.map((bodyText) => ({ bodyText })),
    settings: { maxCallTimeMs: 30_000, maxStepsWithoutWait: 300, maxIdleCallbacks: 4 },
    playback: (source) => (source.kind === 'url' ? 'not found' : source.text.length * 10),
    maxInputs: 5_000,
    world,
  });
  for (const { afterMs, when, actions } of injected) {
    call.advance(afterMs).input({ type: 'inject_actions', when, actions, atMs: call.nowMs });
  }
  for (const [afterMs, key] of presses) act(call.advance(afterMs), key);
  return call.toEnd();
}

function act(call: VirtualCall, what: string): void {
  if (what === 'begins') call.beginsToSpeak();
  else if (what === 'fails') {
    call.input({ type: 'listening_failed', listenId: call.listenId, reason: 'x', atMs: call.nowMs });
  } else if (what.startsWith('says ')) call.says(what.slice(5));
  else if (what.startsWith('callee ')) {
    const rung = [call.of('transfer').at(-1)?.targets, call.of('enter_queue').at(-1)?.agents?.targets];
    for (const no of rung.flat()) if (no !== undefined) call.calleePresses(no, what.slice(7));
  } else call.press(what);
}

/** One listening at a time on each leg: only the one that goes on is stopped, and nobody wants to hear a call that is over. */
function expectListeningsInOrder({ effects, state }: VirtualCall): void {
  const heard = new Map<string, string>();
  for (const effect of effects) {
    if (effect.type !== 'start_listening' && effect.type !== 'stop_listening') continue;
    const leg = JSON.stringify(effect.leg ?? null);
    if (effect.type === 'stop_listening') {
      expect(effect.listenId).toBe(heard.get(leg));
      heard.delete(leg);
    } else heard.set(leg, effect.listenId);
  }
  expect(state).toMatchObject({ listeners: [], heardBy: [] });
}

/** Whoever a callee's list plays something to has one that is running. */
function expectCalleesToBeThere({ state, effects }: StepResult): void {
  const callees = state.kind === 'call' ? state.callees : [];
  for (const effect of effects) {
    if (effect.type === 'play' && effect.leg !== undefined)
      expect(callees.map(({ leg }) => leg)).toContainEqual(effect.leg);
  }
}

/** Freezes every state it is given, so that a step that changes one in place throws. */
function freezing(interpreter: Interpreter): Interpreter {
  return { ...interpreter, step: (state, input) => interpreter.step(deepFreeze(state), input) };
}

test('any documents, injected lists and keys: the call comes to its end, once, and replay gives the same', () => {
  fc.assert(
    fc.property(bodies, injections, keys, worlds, (answers, injected, presses, world) => {
      const call = drive(answers, injected, presses, world);
      expect(call.of('finish').length).toBe(1);
      expect(call.effects.at(-1)?.type).toBe('finish');
      expectListeningsInOrder(call);
      const again = replay(freezing(createInterpreter()), call.inputs);
      const effects = call.effects.map(({ atMs: _, ...effect }) => effect);
      const events = call.events.map(({ atMs: _, ...event }) => event);
      // VirtualCall passed every state through JSON, replay did not: equal results mean that states are JSON values.
      expect(isDeepStrictEqual(again.effects, effects)).toBe(true);
      expect(isDeepStrictEqual(again.events, events)).toBe(true);
      expect(JSON.stringify(again.state)).toBe(JSON.stringify(call.state));
    }),
    { numRuns: 100, seed: 1 },
  );
}, 30_000);

test('any inputs in any order: no exception, no state changed in place, no effect after finish', () => {
  const settings = {
    ...defaultFlowSettings({ url: 'https://example.com/', method: 'GET', contentType: '' }),
    maxStepsWithoutWait: 200,
  };
  const interpreter = createInterpreter();
  fc.assert(
    fc.property(
      fc.constantFrom('inbound' as const, 'outbound' as const),
      fc.array(arbitraryInput, { maxLength: 30 }),
      (direction, inputs) => {
        const start: Input = {
          type: 'start',
          atMs: EPOCH_MS,
          call: { ...CALL, direction },
          settings,
          sessionData: null,
          seed: 7,
        };
        let state: State = interpreter.initialState();
        let isOver = false;
        for (const input of [start, ...inputs]) {
          const before = JSON.stringify(state);
          const result = interpreter.step(state, input);
          expect(JSON.stringify(state)).toBe(before);
          if (isOver) expect(result.effects).toEqual([]);
          expectCalleesToBeThere(result);
          isOver ||= result.effects.some(({ type }) => type === 'finish');
          expect(result.events.length).toBeLessThanOrEqual(1_010);
          state = result.state;
        }
      },
    ),
    { numRuns: 300, seed: 2 },
  );
});

test('callees and agents who are asked, by keys and words, while all sorts of things happen: nothing is left of it', () => {
  const spoken = {
    type: 'COLLECT',
    params: { input: ['digits', 'speech'], num_digits: 1, timeout: 700, retries: 1 },
    actions: [{ type: 'SAY', params: { text: 'Press 1 or say yes.' } }],
  };
  const who = { no: ['a', 'b'], agents: ['a', 'b'], name: 'q', confirm_speech: 'yes', max_wait: 20_000 };
  const asking = fc.record({
    type: fc.constantFrom('TRANSFER', 'QUEUE'),
    params: fc.constantFrom('simultaneous', 'sequential').map((order) => ({ ...who, order })),
    whisper: arbitraryActions,
    confirm: arbitraryActions.map((list) => [{ type: 'RUN', params: { flow: 'f' } }, ...list]),
    actions: fc.constantFrom([spoken], [spoken, { type: 'QUEUE', params: { event: 'leave' } }]),
  });
  const bodies = asking.map((one) => [JSON.stringify({ actions: [one, spoken], flows: { f: [spoken], g: [] } })]);
  fc.assert(
    fc.property(bodies, injections, keys, worlds, (answers, injected, presses, world) => {
      const call = drive(answers, injected, presses, world);
      expect(call.of('finish').length).toBe(1);
      expectListeningsInOrder(call);
      expect(call.state).toMatchObject({ callees: [], timerIds: [] });
      const again = replay(createInterpreter(), call.inputs);
      expect(JSON.stringify(again.state)).toBe(JSON.stringify(call.state));
    }),
    { numRuns: 100, seed: 3 },
  );
}, 30_000);
