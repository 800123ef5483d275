import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultFlowSettings } from '../flow-settings.ts';
import type { Input, Json, JsonObject } from '../io.ts';
import { deepFreeze } from '../json-value.ts';
import type { WorldScript } from '../simulate/world/world.ts';
import { CALL, EPOCH_MS, VirtualCall } from '../testing/virtual-call.ts';
import { createInterpreter, type Interpreter } from './interpreter.ts';
import { replay } from './replay.ts';
import type { State } from './state.ts';

const expression = fc.constantFrom(
  '1',
  '$n + 1',
  "$keyPresses == '1'",
  '$sessionData.a',
  'Math.random()',
  'Date.now()',
  '[1,2]',
  '((',
  'true',
  '$n < 3',
);
const anyText = fc.oneof(fc.constantFrom('Hi ${n}', '$sessionData', 'A', 'B', ''), fc.string({ maxLength: 8 }));
const anyCount = fc.oneof(fc.integer({ min: -1, max: 4 }), fc.constantFrom<Json>('2', null, 'x', {}));
const bargeIn = fc.constantFrom<Json>(true, false, ['speech'], ['digits', 'speech'], 'x');
const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
  fc.record({ type: fc.string({ maxLength: 6 }), params: fc.jsonValue({ maxDepth: 1 }) }) as fc.Arbitrary<Json>,
);

const { list } = fc.letrec<{ list: Json[]; action: Json }>((tie) => ({
  list: fc.array(tie('action'), { maxLength: 5, depthIdentifier: 'list' }),
  action: fc.oneof(
    { depthIdentifier: 'list', maxDepth: 3, withCrossShrink: true },
    fc.record({
      type: fc.constant('SAY'),
      params: fc.record({ text: anyText, loop: anyCount, barge_in: bargeIn }, { requiredKeys: ['text'] }),
    }),
    fc.record({
      type: fc.constant('PLAY'),
      params: fc.record({ url: fc.oneof(anyText, fc.array(anyText, { maxLength: 3 })) }),
    }),
    fc.record({
      type: fc.constant('COLLECT'),
      name: anyText,
      params: fc.record(
        {
          num_digits: anyCount,
          finish_on_key: fc.constantFrom<Json>('#', 'star', ['pound'], 7),
          timeout: fc.constantFrom<Json>(0, 100, '3000'),
          valid: fc.constantFrom<Json>('1', ['[1-3]', '9x'], '\\d'),
          retries: anyCount,
          input: fc.constantFrom<Json>(['digits', 'speech'], 'speech', ['speech'], 'digits', []),
          hints: fc.constantFrom<Json>(['Yes', 'no'], [], 7),
          barge_in: bargeIn,
          type_ahead: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
      actions: tie('list'),
      retry_actions: tie('list'),
    }),
    fc.record(
      { type: fc.constant('IF'), condition: expression, then: tie('list'), orElse: tie('list') },
      { requiredKeys: ['type', 'condition', 'then'] },
    ),
    fc.record({ type: fc.constant('GOTO'), params: fc.record({ label: fc.constantFrom('A', 'B', 'C') }) }),
    fc.record({ type: fc.constant('LABEL'), name: fc.constantFrom('A', 'B') }),
    fc.record({
      type: fc.constant('SESSIONDATA'),
      session_data: fc.oneof(
        fc.constant('$sessionData'),
        fc.dictionary(fc.string({ maxLength: 9 }), fc.jsonValue({ maxDepth: 1 })),
      ),
    }),
    fc.record({
      type: fc.constant('REDIRECT'),
      params: fc.record({ url: fc.constantFrom('https://example.com/x', '/bad') }),
    }),
    fc.constant({ type: 'HANGUP' }),
    fc.record({
      type: fc.constant('TRANSFER'),
      params: fc.record(
        {
          no: fc.oneof(anyText, fc.array(anyText, { maxLength: 3 })),
          order: fc.constantFrom('sequential', 'simultaneous'),
          timeout: anyCount,
          hangup_on_star: fc.boolean(),
        },
        { requiredKeys: ['no'] },
      ),
      events: fc.record({ on_answer: tie('list'), on_end: tie('list') }, { requiredKeys: [] }),
    }),
    fc.record({
      type: fc.constant('RECORD'),
      name: anyText,
      params: fc.record({
        action: fc.constantFrom('message', 'start', 'stop', 'pause'),
        max_time: fc.constantFrom<Json>(null, 1_000, '5'),
        timeout: fc.constantFrom(0, 2_000),
      }),
      actions: tie('list'),
    }),
    fc.record({
      type: fc.constant('STREAM'),
      params: fc.record({
        url: fc.constantFrom('wss://example.com', 'x'),
        action: fc.constantFrom('start', 'stop'),
        bidirectional: fc.boolean(),
        max_time: fc.constantFrom(null, 2_000),
      }),
      events: fc.record({ on_start: tie('list'), on_end: tie('list') }),
    }),
    fc.record({
      type: fc.constant('DETECT'),
      params: fc.record({ timeout: fc.constantFrom(500, 3_000), background: fc.boolean() }),
      events: fc.record({ on_live_person: tie('list'), on_unknown: tie('list'), on_beep: tie('list') }),
    }),
    fc.record({ type: fc.constant('VOICEMAIL'), actions: tie('list') }),
    fc.record({
      type: fc.constant('QUEUE'),
      params: fc.record({
        name: fc.constantFrom('a', ''),
        event: fc.constantFrom('enter', 'connect', 'leave'),
        max_wait: fc.constantFrom(null, 0, 3_000),
        agents: fc.constantFrom([], ['alice'], ['alice', 'bob']),
        order: fc.constantFrom('simultaneous', 'sequential'),
      }),
      actions: tie('list'),
      events: fc.record({ on_enter: tie('list'), on_connect: tie('list'), on_exit: tie('list') }),
    }),
    fc.record({ type: fc.constant('SMS'), params: fc.record({ message: anyText }) }),
    fc.record({
      type: fc.constant('HTTP'),
      params: fc.record({
        url: fc.constantFrom('https://example.com', 'x'),
        result: fc.constantFrom<Json>(null, 'n', 'sessionData.a', ' '),
        body: fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<Json>,
      }),
    }),
    fc.record({ type: fc.constant('TRANSCRIBE'), params: fc.record({ action: fc.constantFrom('start', 'stop') }) }),
    fc.record({
      type: fc.constant('CONFERENCE'),
      params: fc.record({
        name: fc.constantFrom('a', ''),
        event: fc.constantFrom('join', 'join', 'leave', 'mute', 'hold', 'kick'),
        max_participants: anyCount,
      }),
      events: fc.record(
        {
          on_enter: tie('list'),
          on_participant_enter: tie('list'),
          on_end: tie('list'),
          on_exit: tie('list'),
          on_enter_error_max_participants: tie('list'),
        },
        { requiredKeys: [] },
      ),
    }),
    fc.record({
      type: fc.constant('WAIT'),
      params: fc.record({ time: fc.constantFrom<Json>(0, 10, 700, '2000', 'x') }),
    }),
    fc.record({ type: fc.constantFrom('ANSWER', 'RETURN') }),
    fc.record({ type: fc.constant('REJECT'), params: fc.record({ reason: fc.constantFrom('busy', 'x', '$n') }) }),
    fc.record({ type: fc.constant('DIAL'), params: fc.record({ no: anyText }), session_data: anyText }),
    fc.record({ type: fc.constant('SEND_DIGITS'), params: fc.record({ digits: fc.constantFrom('12w#', '$n', 'x') }) }),
    fc.record({ type: fc.constant('RUN'), params: fc.record({ flow: fc.constantFrom('f', 'g', 'h', '$n') }) }),
    fc.record({
      type: fc.constant('FOREACH'),
      params: fc.record({
        iterator: fc.oneof(
          fc.constantFrom<Json>('$val', '$sessionData', '$n', { a: 1, b: 'x' }),
          fc.array(anyText, { maxLength: 3 }),
        ),
      }),
      then: tie('list'),
    }),
    fc.record({
      type: fc.constant('SWITCH'),
      value: expression,
      cases: fc.array(fc.record({ when: fc.constantFrom<Json>(1, '1', [2, null], '$n', true), then: tie('list') }), {
        maxLength: 3,
      }),
      orElse: tie('list'),
    }),
    fc.record({ $n: expression, '$sessionData.a': expression }),
    odd,
  ) as fc.Arbitrary<Json>,
})) as { list: fc.Arbitrary<Json[]> };

const flows = fc.record({ f: list, g: list }, { requiredKeys: [] });
const bodies = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ actions: list, flows }).map((document) => JSON.stringify(document)) },
    { weight: 1, arbitrary: fc.string() },
    { weight: 1, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
  ),
  { minLength: 1, maxLength: 3 },
);
/** What the caller does beside pressing keys. */
const SAYINGS = ['begins', 'says yes', 'says ', 'fails'] as const;

const keys = fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.constantFrom('1', '2', '#', '*', ...SAYINGS)), {
  maxLength: 6,
});
type Injection = { afterMs: number; when: 'now' | 'after_current' | 'beside'; actions: Json[] };
const injections: fc.Arbitrary<Injection[]> = fc.array(
  fc.record({
    afterMs: fc.constantFrom(0, 20, 60, 500, 1_070),
    when: fc.constantFrom('now' as const, 'after_current' as const, 'beside' as const),
    actions: list,
  }),
  { maxLength: 3 },
);

const worlds: fc.Arbitrary<WorldScript> = fc.record({
  transfers: fc.array(
    fc.record({
      outcome: fc.constantFrom('answer' as const, 'busy' as const, 'no-answer' as const),
      talkMs: fc.constantFrom(null, 0, 2_000),
    }),
    { maxLength: 1 },
  ),
  conferences: fc.array(
    fc.record({ participants: fc.nat(2), endsMs: fc.constantFrom(null, 0, 5_000), kicked: fc.boolean() }),
    { maxLength: 1 },
  ),
  agents: fc.array(fc.record({ outcome: fc.constantFrom('answer' as const, 'busy' as const) }), { maxLength: 1 }),
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
  else call.press(what);
}

/** One listening at a time: only the one that goes on is stopped, and nobody wants to hear a call that is over. */
function expectListeningsInOrder({ effects, state }: VirtualCall): void {
  let listenId: string | null = null;
  for (const effect of effects) {
    if (effect.type === 'start_listening') listenId = effect.listenId;
    if (effect.type !== 'stop_listening') continue;
    expect(effect.listenId).toBe(listenId);
    listenId = null;
  }
  expect(state).toMatchObject({ listeners: [], heardBy: null });
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

const anyInput: fc.Arbitrary<Input> = fc
  .tuple(
    fc.oneof(
      fc.constant({ type: 'answered' as const }),
      fc.record({
        type: fc.constant('callback_answered' as const),
        requestId: fc.constantFrom('r1', 'r2', 'r3'),
        httpStatus: fc.constantFrom(200, 500),
        bodyText: bodies.map((texts) => texts[0] ?? ''),
      }),
      fc.record({
        type: fc.constant('callback_failed' as const),
        requestId: fc.constantFrom('r1', 'r2'),
        reason: fc.string(),
      }),
      fc.record({ type: fc.constant('digit' as const), digit: fc.string({ maxLength: 2 }), durationMs: fc.nat(200) }),
      fc.record({
        type: fc.constant('playback_ended' as const),
        playbackId: fc.constantFrom('p1', 'p2', 'p3'),
        outcome: fc.constantFrom('completed' as const, 'stopped' as const),
      }),
      fc.record({
        type: fc.constant('playback_failed' as const),
        playbackId: fc.constantFrom('p1', 'p2'),
        reason: fc.string(),
      }),
      fc.record({
        type: fc.constant('transfer_answered' as const),
        transferId: fc.constantFrom('x1', 'x2'),
        no: fc.string(),
      }),
      fc.record({
        type: fc.constant('transfer_ended' as const),
        transferId: fc.constantFrom('x1', 'x2'),
        status: fc.constantFrom('completed' as const, 'busy' as const),
        sipStatus: fc.constant(null),
        error: fc.constant(null),
      }),
      fc.record({
        type: fc.constant('conference_entered' as const),
        joinId: fc.constantFrom('c1', 'c2'),
        participants: fc.nat(3),
      }),
      fc.record({
        type: fc.constant('conference_participants' as const),
        joinId: fc.constantFrom('c1', 'c2'),
        change: fc.constantFrom('enter' as const, 'exit' as const),
        callId: fc.string(),
        callerNo: fc.string(),
        participants: fc.nat(3),
      }),
      fc.record({
        type: fc.constant('conference_left' as const),
        joinId: fc.constantFrom('c1', 'c2'),
        reason: fc.constantFrom('left' as const, 'ended' as const),
      }),
      fc.record({
        type: fc.constant('queue_agent' as const),
        queueId: fc.constantFrom('q1', 'q2'),
        no: fc.string(),
        stage: fc.constantFrom('ringing' as const, 'busy' as const),
        error: fc.constant(null),
      }),
      fc.record({
        type: fc.constant('recording_ended' as const),
        recordingId: fc.constantFrom('17@3423993409.1', '17@3423993409.2'),
        by: fc.constantFrom('stop' as const, 'silence' as const),
        durationMs: fc.nat(9),
      }),
      fc.record({
        type: fc.constantFrom('stream_started' as const, 'stream_failed' as const),
        streamId: fc.constantFrom('s1', 's2'),
        reason: fc.string(),
      }),
      fc.record({
        type: fc.constantFrom('party_detected' as const, 'beep_detected' as const, 'detection_failed' as const),
        detectionId: fc.constantFrom('e1', 'e2'),
        party: fc.constantFrom('live_person' as const, 'fax' as const),
        reason: fc.string(),
      }),
      fc.record({
        type: fc.constantFrom('queue_connected' as const, 'queue_left' as const, 'queue_position' as const),
        queueId: fc.constantFrom('q1', 'q2'),
        callId: fc.string(),
        callerNo: fc.string(),
        waitMs: fc.nat(9),
        reason: fc.constant('ended' as const),
        position: fc.nat(3),
        size: fc.nat(3),
      }),
      fc.record({
        type: fc.constantFrom('http_answered' as const, 'http_failed' as const),
        httpId: fc.constantFrom('h1', 'h2'),
        httpStatus: fc.nat(600),
        contentType: fc.string(),
        bodyText: fc.string(),
        reason: fc.string(),
      }),
      fc.record({
        type: fc.constantFrom('speech_started' as const, 'speech_recognized' as const, 'listening_failed' as const),
        listenId: fc.constantFrom('l1', 'l2', 'l3'),
        text: fc.string(),
        confidence: fc.constantFrom(null, 0.5),
        reason: fc.string(),
      }),
      fc.record({
        type: fc.constant('conference_command' as const),
        command: fc.constantFrom('mute' as const, 'leave' as const),
      }),
      fc.record({
        type: fc.constant('digits_sent' as const),
        sendId: fc.constantFrom('d1', 'd2'),
        error: fc.constantFrom(null, 'x'),
      }),
      fc.record({ type: fc.constant('timer' as const), timerId: fc.constantFrom('t1', 't2', 't3') }),
      fc.record({
        type: fc.constant('inject_session_data' as const),
        sessionData: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 })) as fc.Arbitrary<JsonObject>,
      }),
      fc.record({
        type: fc.constant('inject_actions' as const),
        actions: fc.oneof(
          { weight: 4, arbitrary: list },
          { weight: 1, arbitrary: fc.jsonValue() as fc.Arbitrary<Json[]> },
        ),
        when: fc.constantFrom('now' as const, 'after_current' as const, 'beside' as const, 'x' as 'now'),
      }),
      fc.constant({ type: 'hang_up' as const, reason: 'x' }),
      fc.constant({
        type: 'ended' as const,
        status: 'completed' as const,
        by: 'caller' as const,
        reason: 'x',
        error: null,
      }),
    ),
    fc.integer({ min: EPOCH_MS - 1_000, max: EPOCH_MS + 100_000 }),
  )
  .map(([input, atMs]) => ({ ...input, atMs }) as Input);

test('any inputs in any order: no exception, no state changed in place, no effect after finish', () => {
  const settings = {
    ...defaultFlowSettings({ url: 'https://example.com/', method: 'GET', contentType: '' }),
    maxStepsWithoutWait: 200,
  };
  const interpreter = createInterpreter();
  fc.assert(
    fc.property(
      fc.constantFrom('inbound' as const, 'outbound' as const),
      fc.array(anyInput, { maxLength: 30 }),
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
          isOver ||= result.effects.some(({ type }) => type === 'finish');
          expect(result.events.length).toBeLessThanOrEqual(1_010);
          state = result.state;
        }
      },
    ),
    { numRuns: 300, seed: 2 },
  );
});
