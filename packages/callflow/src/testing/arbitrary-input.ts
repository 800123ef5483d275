import fc from 'fast-check';
import type { Input, Json, JsonObject } from '../io.ts';
import { arbitraryActions, arbitraryFlow } from './arbitrary-flow.ts';
import { EPOCH_MS } from './virtual-call.ts';

const arbitraryLeg = fc.record({
  transferId: fc.constantFrom('x1', 'x2', 'q1'),
  no: fc.constantFrom('+12125550111', '+12125550112', ''),
});

/** Inputs of a call that may have nothing to do with what it waits for, in any order, also in time. */
export const arbitraryInput: fc.Arbitrary<Input> = fc
  .tuple(
    fc.oneof(
      fc.constant({ type: 'answered' as const }),
      fc.record({
        type: fc.constant('callback_answered' as const),
        requestId: fc.constantFrom('r1', 'r2', 'r3'),
        httpStatus: fc.constantFrom(200, 500),
        bodyText: fc.oneof(
          { weight: 6, arbitrary: arbitraryFlow.map((flow) => JSON.stringify(flow)) },
          { weight: 1, arbitrary: fc.json() },
        ),
      }),
      fc.record({
        type: fc.constant('callback_failed' as const),
        requestId: fc.constantFrom('r1', 'r2'),
        reason: fc.string(),
      }),
      fc.record({ type: fc.constant('digit' as const), digit: fc.string({ maxLength: 2 }), durationMs: fc.nat(200) }),
      fc.record({
        type: fc.constant('digit' as const),
        digit: fc.constantFrom('1', '#'),
        durationMs: fc.nat(200),
        leg: arbitraryLeg,
      }),
      fc.record({ type: fc.constantFrom('callee_answered' as const, 'callee_ended' as const), leg: arbitraryLeg }),
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
          { weight: 4, arbitrary: arbitraryActions },
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
