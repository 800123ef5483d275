import { expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { simulate } from '../../simulate/simulate.ts';
import { EPOCH_MS, VirtualCall, type VirtualCallOptions } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const transfer = (params: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'TRANSFER', params, ...more });
const TOLD = say('${transferStatus} ${transferNo} ${transferTime}');
const begin = (actions: JsonObject[], options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: { document: { actions } }, ...options });
const types = (call: VirtualCall) => call.effects.map(({ type }) => type);

test('an unanswered call is answered when the far side answers; the flow goes on when that hangs up', () => {
  const call = begin([transfer({ no: '+12125550100' }), TOLD, HANGUP]);
  call.advance(1_000);
  expect(types(call)).toEqual(['ring', 'request_callback', 'transfer']);
  expect(call.of('transfer')).toMatchObject([
    { transferId: 'x1', targets: ['+12125550100'], callerIdNo: null, ringTimeoutMs: 30_000 },
  ]);
  call.toEnd();
  expect(types(call).slice(3)).toEqual(['answer', 'set_timer', 'play', 'cancel_timer', 'hang_up', 'finish']);
  expect(call.heard).toEqual(['completed +12125550100 10000']);
  expect(call.messages('progress')).toEqual([
    'calling +12125550100',
    '+12125550100: ringing',
    '+12125550100 answered',
    '+12125550100 is not connected any more',
  ]);
});

test.each([
  ['busy', 'busy'],
  ['no-answer', 'no-answer'],
  ['failed', 'failed'],
] as const)('%s: the flow goes on, and the call is answered only for what it says', (outcome, status) => {
  const call = begin([transfer({ no: 'anna', timeout: 5 }), say('${transferStatus}.'), HANGUP], {
    world: { transfers: [{ outcome }] },
  }).toEnd();
  expect(call.heard).toEqual([`${status}.`]);
  expect(types(call).indexOf('answer')).toBeGreaterThan(types(call).indexOf('transfer'));
});

test('several at once: all in one effect, the first that answers counts; the best of the refusals', () => {
  const no = ['+12125550100', ' sip:anna@example.com ', '+12125550100', ''];
  const answered = begin([transfer({ no }), TOLD, HANGUP], {
    world: { transfers: [{ no: '+12125550100', outcome: 'busy' }, { talkMs: 500 }] },
  }).toEnd();
  expect(answered.of('transfer').map(({ targets }) => targets)).toEqual([['+12125550100', 'sip:anna@example.com']]);
  expect(answered.heard).toEqual(['completed sip:anna@example.com 500']);
  const refused = begin([transfer({ no }), TOLD, HANGUP], {
    world: { transfers: [{ no: '+12125550100', outcome: 'busy' }, { outcome: 'no-answer' }] },
  }).toEnd();
  expect(refused.heard).toEqual(['busy  0']);
});

test('one after the other: each rings for the whole timeout, the rest is left out when one answers', () => {
  const call = begin([transfer({ no: ['a', 'b', 'c'], order: 'sequential', timeout: 7 }), TOLD, HANGUP], {
    world: { transfers: [{ no: 'a', outcome: 'no-answer' }, { talkMs: 1_000 }] },
  }).toEnd();
  expect(call.of('transfer').map(({ transferId, targets, atMs }) => [transferId, targets, atMs - EPOCH_MS])).toEqual([
    ['x1', ['a'], 50],
    ['x2', ['b'], 7_050],
  ]);
  expect(call.heard).toEqual(['completed b 1000']);
});

test('a caller who is not answered does not ring for ever, however many numbers are tried', () => {
  const no = ['a', 'b', 'c', 'd'];
  const call = begin([transfer({ no, order: 'sequential', timeout: 100 }), HANGUP], {
    world: { transfers: [{ outcome: 'no-answer' }] },
  }).toEnd();
  expect(call.of('transfer').map(({ ringTimeoutMs }) => ringTimeoutMs)).toEqual([100_000, 79_950]);
  const again = begin([transfer({ no: 'a', timeout: 600 }), transfer({ no: 'b' })], {
    world: { transfers: [{ outcome: 'no-answer' }] },
  }).toEnd();
  expect(again.of('hang_up')).toMatchObject([{ sipStatus: 480 }]);
});

test('the key * ends it when asked for; other keys go to the far side', () => {
  const call = begin([transfer({ no: 'a', hangup_on_star: true }), TOLD, HANGUP])
    .advance(5_050)
    .press('1*')
    .toEnd();
  expect(call.of('end_transfer').map(({ transferId }) => transferId)).toEqual(['x1']);
  expect(call.messages('digit_ignored')).toEqual(['1 goes into the transfer']);
  expect(call.heard).toEqual(['completed a 3000']);
  const plain = begin([transfer({ no: 'a' }), TOLD, HANGUP])
    .advance(5_050)
    .press('*')
    .toEnd();
  expect(plain.heard).toEqual(['completed a 10000']);
});

test('* while it rings cancels it, and nobody else is tried', () => {
  const call = begin([transfer({ no: ['a', 'b'], order: 'sequential', hangup_on_star: true }), TOLD, HANGUP]);
  expect(call.advance(1_000).press('**').toEnd().heard).toEqual(['canceled  0']);
});

test('the longest time', () => {
  const call = begin([transfer({ no: 'a', max_time: 4_000 }), TOLD, HANGUP], {
    world: { transfers: [{ talkMs: null }] },
  }).toEnd();
  expect(call.heard).toEqual(['completed a 4000']);
});

test('events: beside the conversation, and after it', () => {
  const events = {
    on_answer: [{ $sawAnswer: '$transferNo' }, say('Connected.')],
    on_end: [say('Over: ${sawAnswer}.')],
  };
  const call = begin([transfer({ no: 'a' }, { events }), say('Next.'), HANGUP]).toEnd();
  expect(call.heard).toEqual(['Connected.', 'Over: a.', 'Next.']);
});

test('injected now: the far side is hung up, the list runs, the flow goes on behind the TRANSFER', () => {
  const call = begin([transfer({ no: 'a' }), say('Next.'), HANGUP]).advance(5_000);
  call.input({ type: 'inject_actions', when: 'now', actions: [TOLD], atMs: call.nowMs }).toEnd();
  expect(call.of('end_transfer').length).toBe(1);
  expect(call.heard).toEqual(['completed a 2950', 'Next.']);
});

test('injected after the current action, hung up from outside, ended by the caller', () => {
  const waiting = begin([transfer({ no: 'a' }), say('Next.'), HANGUP]).advance(5_000);
  waiting.input({ type: 'inject_actions', when: 'after_current', actions: [say('In.')], atMs: waiting.nowMs }).toEnd();
  expect(waiting.heard).toEqual(['In.', 'Next.']);
  const commanded = begin([transfer({ no: 'a' }), HANGUP]).advance(5_000);
  commanded.input({ type: 'hang_up', reason: 'x', atMs: commanded.nowMs }).toEnd();
  expect(types(commanded).slice(-4)).toEqual(['end_transfer', 'cancel_timer', 'hang_up', 'finish']);
  const left = begin([transfer({ no: 'a' }), HANGUP])
    .advance(5_000)
    .callerEnds();
  expect(types(left).slice(-2)).toEqual(['cancel_timer', 'finish']);
});

test('a loop around numbers that cannot be reached is ended', () => {
  const actions = [{ type: 'LABEL', name: 'A' }, transfer({ no: 'a' }), { type: 'GOTO', params: { label: 'A' } }];
  const call = begin(actions, { world: { transfers: [{ outcome: 'failed' }] }, settings: { apologyText: '' } }).toEnd();
  expect(call.of('transfer').length).toBeLessThan(60);
  expect(call.messages('error').at(-1)).toMatch(/^endless loop/);
});

test('record: as long as they talk', () => {
  const call = begin([transfer({ no: 'a', record: true }), TOLD, HANGUP]).toEnd();
  expect(call.of('start_recording')).toMatchObject([{ recordingId: '17@3423993409.1', channels: 2 }]);
  expect(call.of('stop_recording').length).toBe(1);
  expect(call.of('finish')[0]?.body.recordings).toEqual([{ name: 'transfer', id: '17@3423993409.1' }]);
});

test('no number, or a second transfer in an event of the first: reported and passed over', () => {
  const none = begin([transfer({ no: '${nobody}' }), say('${transferStatus}.'), HANGUP]).toEnd();
  expect([none.heard, none.messages('error')]).toEqual([['failed.'], ['there is no number to ring']]);
  const events = { on_answer: [transfer({ no: 'b' })] };
  const twice = begin([transfer({ no: 'a' }, { events }), HANGUP]).toEnd();
  expect(twice.messages('error')).toEqual(['the call is in a transfer already; TRANSFER is passed over']);
});

test('in a simulation', async () => {
  const flow = { actions: [transfer({ no: ['+12125550100', '+12125550111'], hangup_on_star: true }), TOLD, HANGUP] };
  const call = await simulate(flow, { transfers: [{ no: '+12125550100', outcome: 'busy' }] });
  call.waits(6_000).presses('*').hears('completed +12125550111').ends({ by: 'api' });
  expect(call.text).toContain('+12125550111 answered  actions[0]');
});
