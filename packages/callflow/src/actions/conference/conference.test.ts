import { expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { lintDocument } from '../../lint/lint.ts';
import { simulate } from '../../simulate/simulate.ts';
import { VirtualCall, type VirtualCallOptions } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const room = (params: JsonObject = {}, events?: JsonObject): JsonObject => {
  return { type: 'CONFERENCE', params: { name: 'room', ...params }, ...(events && { events }) };
};
const begin = (actions: JsonObject[], options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: { document: { actions } }, settings: { answerOnRing: true }, ...options });

test('answers, enters with what is written, stays until it is over', () => {
  const params = { max_participants: 3, end_on_exit: 'true', muted: true, hold_music: 'https://example.com/a.mp3' };
  const call = begin([room(params), say('Out.'), HANGUP]).toEnd();
  expect(call.of('join_conference')).toMatchObject([
    {
      joinId: 'c1',
      name: 'room',
      maxParticipants: 3,
      endOnExit: true,
      startOnEnter: true,
      muted: true,
      coach: null,
      holdMusic: { kind: 'url', url: 'https://example.com/a.mp3' },
      announce: 'none',
    },
  ]);
  expect(call.messages('warning')).toEqual([]);
  expect(call.heard).toEqual(['Out.']);
  expect(call.messages('progress')).toEqual([
    'in the conference room: alone',
    '+12125550199 entered: 2 participants',
    'out of the conference room: the conference is over',
  ]);
});

test.each([
  [6, 6],
  ['-30', -30],
  [0, undefined],
  [31, 30],
])('gain %j', (gain, gainDb) => {
  const [joined] = begin([room({ gain }), HANGUP])
    .toEnd()
    .of('join_conference');
  expect(joined?.gainDb).toBe(gainDb);
});

test('record: from entering to leaving, told of afterwards; not of a room that cannot be entered', () => {
  const call = begin([room({ record: true }), say('${recordings}'), HANGUP]).toEnd();
  expect(call.of('start_recording')).toMatchObject([
    { recordingId: expect.stringMatching(/\.1$/), name: 'conference', format: 'wav', channels: 1, callerOnly: false },
  ]);
  expect(call.of('stop_recording').length).toBe(1);
  expect(call.heard.at(-1)).toContain('conference');
  const full = begin([room({ record: true, max_participants: 1 }), HANGUP], {
    world: { conferences: [{ participants: 1 }] },
  }).toEnd();
  expect(full.of('start_recording')).toEqual([]);
});

test.each([
  [undefined, { kind: 'default' }],
  [true, { kind: 'default' }],
  [false, { kind: 'none' }],
  ['none', { kind: 'none' }],
  ['Please wait, ${callerNo}.', { kind: 'say', text: 'Please wait, +19495550101.' }],
  [7, { kind: 'default' }],
])('hold music %j', (hold_music, expected) => {
  const call = begin([room(hold_music === undefined ? {} : { hold_music }), HANGUP]).toEnd();
  expect(call.of('join_conference')[0]?.holdMusic).toMatchObject(expected);
});

test('events of this call and of the others, in order, with what they are about', () => {
  const events = {
    on_enter: [say('In with ${participants}.')],
    on_participant_enter: [say('${participant} in: ${participants}.')],
    on_participant_exit: [say('${participant} out: ${participants}.')],
    on_end: [say('Over.')],
    on_exit: [say('Exit.')],
  };
  const others = [
    { no: 'a', entersMs: 100, leavesMs: 5_000 },
    { no: 'b', entersMs: 200 },
  ];
  const call = begin([room({}, events), say('Next.'), HANGUP], {
    world: { conferences: [{ participants: 1, others, endsMs: 9_000 }] },
  }).toEnd();
  expect(call.heard).toEqual(['In with 2.', 'a in: 3.', 'b in: 4.', 'a out: 3.', 'Over.', 'Exit.', 'Next.']);
});

test('what an event says ends with the conference', () => {
  const call = begin([room({}, { on_enter: [say('A'), say('B')] }), say('Next.'), HANGUP], {
    world: { conferences: [{ endsMs: 500, kicked: true }] },
  }).toEnd();
  expect(call.heard).toEqual(['A', 'Next.']);
  const types = call.effects.map(({ type }) => type);
  expect(types.indexOf('stop_playback')).toBeLessThan(types.lastIndexOf('play'));
});

test('a full room: its event in place of the conference; another refusal is reported', () => {
  const events = { on_enter_error_max_participants: [say('Full.')], on_exit: [say('no')] };
  const world = { conferences: [{ participants: 2 }] };
  expect(begin([room({ max_participants: 2 }, events), say('Next.'), HANGUP], { world }).toEnd().heard).toEqual([
    'Full.',
    'Next.',
  ]);
  const call = begin([room({}, events), HANGUP]).advance(110);
  call.input({ type: 'conference_refused', joinId: 'c1', reason: 'no media', atMs: call.nowMs }).toEnd();
  expect(call.messages('progress')).toEqual(['not in the conference room: no media']);
});

test('mute, hold and leave, from an event and from outside', () => {
  const change = (event: string): JsonObject => ({ type: 'CONFERENCE', params: { event } });
  const on_enter = [change('mute'), change('hold'), change('resume'), change('unmute'), change('leave')];
  const call = begin([change('mute'), room({}, { on_enter }), say('Next.'), HANGUP]).toEnd();
  expect(call.of('update_conference').map(({ atMs: _, type: __, ...rest }) => rest)).toEqual([
    { joinId: 'c1', muted: true },
    { joinId: 'c1', held: true },
    { joinId: 'c1', held: false },
    { joinId: 'c1', muted: false },
  ]);
  expect(call.of('leave_conference').length).toBe(1);
  expect(call.heard).toEqual(['Next.']);
  expect(call.messages('warning')).toEqual(['mute: the call is in no conference']);
  const commanded = begin([room(), say('Next.'), HANGUP]).advance(1_000);
  const command = (command: 'hold' | 'leave') =>
    commanded.input({ type: 'conference_command', command, atMs: commanded.nowMs });
  command('hold');
  command('leave');
  commanded.advance(500);
  command('hold');
  expect(commanded.of('update_conference')).toMatchObject([{ joinId: 'c1', held: true }]);
  commanded.toEnd();
  expect(commanded.heard).toEqual(['Next.']);
  expect(commanded.messages('warning')).toEqual(['hold: the call is in no conference']);
});

test('kick needs a name, not a room', () => {
  const kick = (params: JsonObject): JsonObject => ({ type: 'CONFERENCE', params: { event: 'kick', ...params } });
  const call = begin([kick({ name: 'room', participant: '+12125550100' }), kick({}), HANGUP]).toEnd();
  expect(call.of('kick_participant')).toMatchObject([{ name: 'room', participant: '+12125550100' }]);
  expect(call.messages('warning')).toEqual(['kick needs params.name']);
});

test('GOTO out of an event leaves the room; HANGUP in it ends the call', () => {
  const on_participant_enter = [{ type: 'GOTO', params: { label: 'OUT' } }, say('no')];
  const actions = [room({}, { on_participant_enter }), say('no'), { type: 'LABEL', name: 'OUT' }, say('Out.'), HANGUP];
  const call = begin(actions).toEnd();
  expect(call.heard).toEqual(['Out.']);
  expect(call.of('leave_conference').length).toBe(1);
  const ended = begin([room({}, { on_enter: [HANGUP] }), say('no')]).toEnd();
  expect(ended.effects.slice(-4).map(({ type }) => type)).toEqual([
    'leave_conference',
    'cancel_timer',
    'hang_up',
    'finish',
  ]);
});

test('a COLLECT of an event takes the keys', () => {
  const on_enter = [
    { type: 'COLLECT', params: { num_digits: 1 } },
    { type: 'IF', condition: "$keyPresses == '9'", then: [{ type: 'CONFERENCE', params: { event: 'leave' } }] },
  ];
  const call = begin([room({}, { on_enter }), HANGUP])
    .advance(1_000)
    .press('1')
    .advance(10)
    .press('2')
    .toEnd();
  expect(call.messages('digit_ignored')).toEqual(['2 goes into the conference']);
  expect(call.of('leave_conference').length).toBe(0);
  expect(
    begin([room({}, { on_enter }), HANGUP])
      .advance(1_000)
      .press('9')
      .toEnd()
      .of('leave_conference').length,
  ).toBe(1);
});

test('the events of a list that is long over cannot be reached; too many waiting ones are dropped', () => {
  const call = begin([room({}, { on_enter: [say('In.')], on_participant_enter: [say('x')] }), HANGUP]).advance(500);
  for (let index = 0; index < 150; index += 1) {
    const who = { callId: '', callerNo: 'a', participants: 2 };
    call.input({ type: 'conference_participants', joinId: 'c1', change: 'enter', ...who, atMs: call.nowMs });
  }
  expect(call.messages('warning').length).toBe(50);
});

/** Two legs as they are in the field: the customer waits in a room, agents are dialled from it. */
const CUSTOMER = [
  { '$sessionData.conference_name': '$callId', $agentNumbers: "['+12125550100','+12125550111']" },
  say('Please hold.'),
  {
    type: 'CONFERENCE',
    params: { name: '${sessionData.conference_name}', max_participants: 2, end_on_exit: 'true' },
    events: {
      on_enter: [
        {
          type: 'FOREACH',
          params: { iterator: '$agentNumbers' },
          then: [
            { type: 'DIAL', params: { no: '${val}', caller_id_no: '+12125550199' }, session_data: '$sessionData' },
          ],
        },
      ],
    },
  },
  say('You have left the conference.'),
  HANGUP,
];

test('a customer who waits for agents: every agent is rung with the name of the room', async () => {
  const call = await simulate({ actions: CUSTOMER });
  call.hears('Please hold.', 'You have left').ends({ by: 'api' });
  expect(call.text).toContain('dials +12125550111 from +12125550199');
  const virtual = begin(CUSTOMER).toEnd();
  expect(virtual.of('dial').map(({ no, sessionData }) => [no, sessionData?.conference_name])).toEqual([
    ['+12125550100', '17@3423993409'],
    ['+12125550111', '17@3423993409'],
  ]);
  expect(virtual.messages('warning')).toEqual([]);
  expect(lintDocument(JSON.stringify({ actions: CUSTOMER }))).toEqual([]);
});

test('an agent who comes too late', () => {
  const agent = {
    type: 'CONFERENCE',
    params: { event: 'join', name: '${sessionData.conference_name}', max_participants: 2, end_on_exit: 'true' },
    events: { on_enter_error_max_participants: [say('Somebody else took the call.'), HANGUP] },
  };
  const call = begin([agent], {
    sessionData: { conference_name: 'x' },
    world: { conferences: [{ participants: 2 }] },
  }).toEnd();
  expect(call.heard).toEqual(['Somebody else took the call.']);
});
