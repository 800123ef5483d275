import { expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { VirtualCall, type VirtualCallOptions } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const begin = (actions: JsonObject[], options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: { document: { actions } }, settings: { answerOnRing: true }, ...options });

const detect = (params: JsonObject, events?: JsonObject): JsonObject => {
  return { type: 'DETECT', params, ...(events && { events }) };
};
const TOLD = say('${detection}');
const goto = (label: string): JsonObject => ({ type: 'GOTO', params: { label } });
const machine = { is: 'answering_machine' as const, afterMs: 1_500, beepMs: 3_000 };

test('the flow waits for the result; the callbacks have it', () => {
  const events = { on_answering_machine: [say('Machine.')], on_live_person: [say('no')] };
  const call = begin([detect({}, events), TOLD, HANGUP], { world: { party: machine } }).toEnd();
  expect(call.of('start_detection')).toMatchObject([{ detectionId: 'e1', want: ['party'] }]);
  expect(call.heard).toEqual(['Machine.', 'answering_machine']);
  expect(call.of('finish')[0]).toMatchObject({
    body: { detection: 'answering_machine' },
    record: { detection: 'answering_machine' },
  });
});

test('it gives up in time, or fails: unknown', () => {
  const world = { party: { is: 'fax' as const, afterMs: 60_000 } };
  const call = begin([detect({ timeout: 2_000 }, { on_unknown: [say('?')] }), TOLD, HANGUP], { world }).toEnd();
  expect(call.heard).toEqual(['?', 'unknown']);
  expect(call.of('stop_detection').length).toBe(1);
  const failing = begin([detect({}), TOLD, HANGUP], { world }).advance(200);
  failing.input({ type: 'detection_failed', detectionId: 'e1', reason: 'x', atMs: failing.nowMs }).toEnd();
  expect(failing.messages('error')).toEqual(['the detection failed: x']);
});

test('in the background: a GOTO of the event cuts short what the flow does', () => {
  const events = { on_answering_machine: [{ $seen: 'true' }], on_beep: [goto('LEAVE')] };
  const greeting = { type: 'SAY', params: { text: 'Hello?', loop: 20 } };
  const actions = [
    detect({ background: true }, events),
    greeting,
    say('no'),
    { type: 'LABEL', name: 'LEAVE' },
    say('Message, ${seen}.'),
    HANGUP,
  ];
  const call = begin(actions, { world: { party: machine } }).toEnd();
  expect(call.of('start_detection')).toMatchObject([{ want: ['party', 'beep'] }]);
  expect(call.heard).toEqual(['Hello?', 'Hello?', 'Hello?', 'Message, true.']);
  expect(call.of('stop_playback').length).toBe(1);
  const person = begin(actions, { world: { party: { is: 'live_person' } } }).toEnd();
  expect([person.of('stop_detection').length, person.heard.at(-2)]).toEqual([1, 'no']);
});

test('in the background: its list of actions may be gone when the result comes', () => {
  const call = new VirtualCall({
    answers: [
      {
        document: {
          actions: [
            detect({ background: true }, { on_live_person: [goto('A')] }),
            { type: 'LABEL', name: 'A' },
            say('One.'),
          ],
        },
      },
      { document: { actions: [say('Two.'), TOLD, HANGUP] } },
    ],
    world: { party: { is: 'live_person', afterMs: 1_500 } },
  }).toEnd();
  expect(call.heard).toEqual(['One.', 'Two.', 'live_person']);
  expect(call.messages('error')).toEqual(['the list that this GOTO leads to is not running any more']);
});

test('in the background: the beep of a machine is waited for longer than its greeting takes to be known, not for ever', () => {
  const actions = [
    detect({ background: true, timeout: 5_000 }, { on_beep: [goto('LEAVE')], on_unknown: [say('?')] }),
    { type: 'WAIT', params: { time: 60_000 } },
    say('no beep'),
    HANGUP,
    { type: 'LABEL', name: 'LEAVE' },
    say('Message.'),
    HANGUP,
  ];
  const late = begin(actions, { world: { party: { ...machine, beepMs: 25_000 } } }).toEnd();
  expect([late.heard, late.of('stop_detection').length]).toEqual([['Message.'], 1]);
  const never = begin(actions, { world: { party: { ...machine, beepMs: null } } }).toEnd();
  expect([never.heard, never.of('stop_detection').length]).toEqual([['no beep'], 1]);
  expect(never.events.map(({ message }) => message)).toContain('no beep was heard');
});

test('in the background: the time is over, nothing is known', () => {
  const world = { party: { is: 'fax' as const, afterMs: 60_000 } };
  const call = begin([detect({ background: true, timeout: 500 }), say('x'), TOLD, HANGUP], { world }).toEnd();
  expect([call.heard, call.of('stop_detection').length]).toEqual([['x', 'unknown'], 1]);
});

test('an event speaks in place of the flow, which says again what it could not', () => {
  const actions = [detect({ background: true }, { on_live_person: [say('A'), say('B')] }), say('1'), say('2'), HANGUP];
  const call = begin(actions, { world: { party: { is: 'live_person', afterMs: 500 } } }).toEnd();
  expect(call.heard).toEqual(['1', 'A', 'B', '1', '2']);
  expect(call.inputs.filter((input) => input.type === 'playback_ended').map(({ outcome }) => outcome)).toEqual([
    'stopped',
    'completed',
    'completed',
    'completed',
    'completed',
  ]);
  const between = [
    detect({ background: true }, { on_live_person: [say('A')] }),
    { type: 'WAIT', params: { time: 1_000 } },
  ];
  const waiting = begin([...between, say('1'), HANGUP], {
    world: { party: { is: 'live_person', afterMs: 500 } },
  }).toEnd();
  expect(waiting.heard).toEqual(['A', '1']);
  expect(waiting.of('stop_playback')).toEqual([]);
});

test('on_beep without background is told of', () => {
  expect(
    begin([detect({}, { on_beep: [HANGUP] }), HANGUP])
      .toEnd()
      .messages('warning')[0],
  ).toMatch(/never run/);
});
