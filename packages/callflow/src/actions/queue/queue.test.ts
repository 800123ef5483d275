import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { VirtualCall, type VirtualCallOptions } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const begin = (actions: JsonObject[], options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: { document: { actions } }, settings: { answerOnRing: true }, ...options });

const queue = (params: JsonObject, more: JsonObject = {}): JsonObject => {
  return { type: 'QUEUE', params: { name: 'support', ...params }, ...more };
};
const TREATMENT = { actions: [say('You are ${queuePosition} of ${queueSize}.')] };
const TOLD = say('${queueStatus} ${queueWait}');

test('waits with its treatment, talks, and goes on', () => {
  const call = begin([queue({ priority: 2, max_size: 5 }, TREATMENT), TOLD, HANGUP], {
    world: { queues: [{ ahead: 1, connectsMs: 4_500 }] },
  }).toEnd();
  expect(call.of('enter_queue')).toMatchObject([{ queueId: 'q1', name: 'support', maxSize: 5, priority: 2 }]);
  expect(call.heard).toEqual([
    'You are 2 of 2.',
    'You are 2 of 2.',
    'You are 2 of 2.',
    'You are 1 of 1.',
    'You are 1 of 1.',
    'connected 4500',
  ]);
  expect(call.of('stop_playback').length).toBe(1);
});

test('on_position tells of another place, in place of the treatment, which says again what it was saying', () => {
  const music = { actions: [say('Music.')] };
  const events = { on_enter: [say('Here.')], on_position: [say('Now ${queuePosition}.')] };
  const call = begin([queue({}, { ...music, events }), HANGUP], {
    world: { queues: [{ ahead: 2, connectsMs: 6_600 }] },
  }).toEnd();
  expect(call.heard.filter((text) => text !== 'Music.')).toEqual(['Here.', 'Now 2.', 'Now 1.']);
  expect(call.of('leave_queue')).toEqual([]);
});

test('nobody connects in time', () => {
  const call = begin([queue({ max_wait: 3_000 }), TOLD, HANGUP], {
    world: { queues: [{ connectsMs: null }] },
  }).toEnd();
  expect([call.heard, call.of('leave_queue').length]).toEqual([['timeout 3000'], 1]);
});

test('full: its event in place of the waiting', () => {
  const events = { on_enter_error_max_size: [say('Full.')], on_exit: [say('no')] };
  const call = begin([queue({ max_size: 2 }, { events }), TOLD, HANGUP], { world: { queues: [{ ahead: 2 }] } }).toEnd();
  expect(call.heard).toEqual(['Full.', 'full 50']);
});

test('an agent connects with the first in line', () => {
  const events = { on_connect: [{ $since: '$queueWait' }], on_exit: [say('Exit.')] };
  const call = begin([queue({ event: 'connect' }, { events }), say('${since}'), HANGUP], {
    world: { queues: [{ connectsMs: 2_000, talkMs: 500 }] },
  }).toEnd();
  expect(call.of('connect_queue')).toMatchObject([{ queueId: 'q1', name: 'support' }]);
  expect(call.heard).toEqual(['Exit.', '2000']);
});

test('a key of the treatment gives up waiting', () => {
  const actions = [
    { type: 'COLLECT', params: { num_digits: 1, timeout: 1_000 }, actions: [say('Press 1 to leave.')] },
    { type: 'IF', condition: "$keyPresses == '1'", then: [queue({ event: 'leave' })] },
  ];
  const call = begin([queue({}, { actions }), TOLD, HANGUP], { world: { queues: [{ connectsMs: null }] } });
  expect(call.advance(2_600).press('1').toEnd().heard.at(-1)).toBe('left 2500');
});

test('a treatment that takes no time does not spin; leaving no queue is a warning', () => {
  const call = begin([queue({ event: 'leave' }), queue({}, { actions: [{ $n: 1 }] }), HANGUP]).toEnd();
  expect(call.messages('warning')).toEqual(['leave: the call is in no queue']);
  expect(call.messages('variable_set').length).toBe(1);
});

test('injected now gives up the place', () => {
  const call = begin([queue({}), TOLD, HANGUP]).advance(2_100);
  call.input({ type: 'inject_actions', when: 'now', actions: [say('In.')], atMs: call.nowMs }).toEnd();
  expect([call.heard, call.of('leave_queue').length]).toEqual([['In.', 'left 2000'], 1]);
});

test('injected now gives up the place whatever the treatment says, and may join something else', () => {
  const call = begin([queue({}, TREATMENT), TOLD, HANGUP], { world: { queues: [{ connectsMs: null }] } }).advance(
    2_100,
  );
  const actions = [{ type: 'CONFERENCE', params: { name: 'a' } }];
  call.input({ type: 'inject_actions', when: 'now', actions, atMs: call.nowMs }).toEnd();
  expect(call.messages('error')).toEqual([]);
  expect([call.of('leave_queue').length, call.of('join_conference').length]).toEqual([1, 1]);
  expect(call.heard.at(-1)).toBe('left 2000');
});

describe('agents of its own', () => {
  const agents = ['alice', ' bob ', '', 'alice', '+12125550111'];
  const ringing = (params: JsonObject, world: NonNullable<VirtualCallOptions['world']>) =>
    begin([queue({ agents, ...params }), say('${queueStatus} ${queueNo}'), HANGUP], { world }).toEnd();

  test('are rung when it is the first in line, and the one who answers is known', () => {
    const call = ringing(
      { wrap_up_time: 5_000 },
      { queues: [{ ahead: 1, connectsMs: 4_000 }], agents: [{ talkMs: 500 }] },
    );
    const how = { order: 'round_robin', callerIdNo: null, ringTimeoutMs: 20_000, wrapUpMs: 5_000, retryMs: 10_000 };
    expect(call.of('enter_queue')).toMatchObject([{ agents: { targets: ['alice', 'bob', '+12125550111'], ...how } }]);
    expect(call.heard).toEqual(['connected alice']);
    expect(call.messages('progress')).toEqual([
      'in the queue support: 2 of 2',
      'in the queue support: 1 of 1',
      'alice: ringing',
      'connected with alice',
      'out of the queue support',
    ]);
  });

  test('one does not answer: the next; all at once: the quickest', () => {
    const world = {
      queues: [{ ahead: 0 }],
      agents: [
        { no: 'alice', outcome: 'busy' as const },
        { no: 'bob', afterMs: 900 },
      ],
    };
    expect(ringing({ order: 'sequential' }, world).heard).toEqual(['connected bob']);
    const call = ringing({ order: 'simultaneous' }, world);
    expect(call.heard).toEqual(['connected bob']);
    expect(call.messages('progress')).toContain('alice: busy');
  });

  test('nobody answers: the flow goes on when it has waited long enough', () => {
    const world = { queues: [{ ahead: 0 }], agents: [{ outcome: 'no-answer' as const }] };
    const call = ringing({ max_wait: 90_000, ring_timeout: 3_000 }, world);
    expect(call.heard).toEqual(['timeout ']);
    expect(call.messages('progress').filter((message) => message.endsWith('no-answer'))).toHaveLength(3);
  });

  test('are at most fifty, and of no use to who connects', () => {
    const many = Array.from({ length: 60 }, (_, index) => `agent-${index}`);
    const call = begin([queue({ agents: many }), HANGUP]).toEnd();
    expect(call.messages('warning')).toEqual(['there are 60 agents; 50 are rung']);
    const connecting = begin([queue({ event: 'connect', agents: ['alice'] }), HANGUP]).toEnd();
    expect(connecting.messages('warning')).toEqual([
      'params.agents is of no use to connect: agents are rung for calls that enter',
    ]);
  });
});

describe('agents who are asked first', () => {
  const confirm: JsonObject[] = [
    { type: 'COLLECT', params: { num_digits: 1, timeout: 3_000 }, actions: [say('Press 1.')] },
  ];
  const whisper = [say('${callerNo} has waited ${queueWait} as number ${queuePosition}, ${queueNo}.')];
  const asked = (params: JsonObject, more: JsonObject, world: NonNullable<VirtualCallOptions['world']> = {}) =>
    begin([queue({ agents: ['alice', 'bob'], ...params }, more), say('${queueStatus} ${queueNo}'), HANGUP], {
      world: { queues: [{ ahead: 0 }], ...world },
    });

  test('hear of the caller, who goes on waiting, and get it by the key', () => {
    const call = asked({ confirm_key: '1' }, { whisper, confirm, ...TREATMENT }).advance(4_300);
    expect(call.of('enter_queue')[0]?.agents).toMatchObject({ screened: true });
    expect(call.heardBy('alice')).toEqual(['+19495550101 has waited 2050 as number 1, alice.', 'Press 1.']);
    call.calleePresses('alice', '1').toEnd();
    expect(call.of('connect_callee')).toMatchObject([{ leg: { transferId: 'q1', no: 'alice' } }]);
    expect(call.heard.filter((text) => text.startsWith('You are 1')).length).toBeGreaterThan(2);
    expect(call.heard.at(-1)).toBe('connected alice');
    expect(call.messages('progress')).toContain('alice takes the call');
  });

  test('a voicemail keeps nobody from the next agent; when all decline the flow goes on in the end', () => {
    const call = asked({ order: 'sequential', max_wait: 60_000 }, { confirm }).advance(13_000);
    expect(call.of('hang_up_callee').map(({ leg }) => leg.no)).toEqual(['alice', 'bob']);
    expect(call.messages('progress')).toContain('bob: no-answer');
    expect(call.toEnd().heard.at(-1)).toBe('timeout ');
    expect(call.of('connect_callee')).toEqual([]);
  });

  test('all at once: the first who takes the call gets it, and the others hear no more', () => {
    const call = asked({ order: 'simultaneous', confirm_key: '1' }, { confirm }).advance(4_200);
    expect([call.heardBy('alice'), call.heardBy('bob')]).toEqual([['Press 1.'], ['Press 1.']]);
    call.calleePresses('bob', '1').advance(100);
    expect(call.toEnd().heard.at(-1)).toBe('connected bob');
    expect(call.of('connect_callee').map(({ leg }) => leg.no)).toEqual(['bob']);
  });

  test('an agent hangs up meanwhile: the next is rung', () => {
    const declining = { agents: [{ no: 'alice', declines: true }, { talkMs: 500 }] };
    const call = asked({ order: 'sequential' }, { whisper: [say('Hm.'), say('Hm.')] }, declining).toEnd();
    expect(call.messages('progress')).toContain('alice hung up before it was connected');
    expect(call.heard).toEqual(['connected bob']);
  });

  test.each([
    ['the longest wait is over', { max_wait: 2_700 }, (call: VirtualCall) => call],
    ['the caller leaves by key', {}, (call: VirtualCall) => call.press('9')],
    ['the caller hangs up', {}, (call: VirtualCall) => call.callerEnds()],
    [
      'somebody else connects',
      {},
      (call: VirtualCall) =>
        call.input({
          type: 'queue_connected',
          queueId: 'q1',
          callId: 'other',
          callerNo: '+12125550199',
          waitMs: 1,
          atMs: call.nowMs,
        }),
    ],
  ])('while an agent listens %s: it hears no more, and nothing is left of it', (_why, params, then) => {
    const treatment = [{ type: 'COLLECT', params: { num_digits: 1, timeout: 30_000 } }, queue({ event: 'leave' })];
    const call = asked(params, { whisper: [say('Hm.'), say('Hm.')], actions: treatment }).advance(2_600);
    expect(call.heardBy('alice')).toEqual(['Hm.']);
    then(call).advance(3_000);
    expect(call.heardBy('alice')).toEqual(['Hm.']);
    expect(call.state).toMatchObject({ callees: [] });
    expect(call.of('connect_callee')).toEqual([]);
  });

  test('without agents there is nobody to ask', () => {
    const call = begin([queue({}, { whisper: [say('Hm.')] }), HANGUP]).toEnd();
    expect(call.messages('warning')).toContain(
      'whisper and confirm are of no use without params.agents: nobody is rung',
    );
  });

  test('what is put in from outside meanwhile does not get in the way of the lists', () => {
    const call = asked({}, { whisper, events: { on_connect: [{ $met: '$queueNo' }] }, ...TREATMENT }).advance(1_000);
    const actions = [say('One.'), say('Two.'), say('Three.'), say('Four.')];
    call.input({ type: 'inject_actions', when: 'after_current', actions, atMs: call.nowMs }).advance(3_000);
    expect(call.heard).toContain('Two.');
    expect(call.heardBy('alice')).toHaveLength(1);
    call.toEnd();
    expect(call.events.filter(({ type }) => type === 'variable_set').map(({ data }) => data.value)).toEqual(['alice']);
  });
});
