import { expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { simulate } from '../../simulate/simulate.ts';
import { VirtualCall, type VirtualCallOptions } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const TOLD = say('${recordingId} ${recordingTime}');
const ID = '17@3423993409.1';
const record = (params: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'RECORD', params, ...more });
const begin = (actions: JsonObject[], options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: { document: { actions } }, settings: { answerOnRing: true }, ...options });

test('a message: prompt, beep, the caller’s silence ends it', () => {
  const call = begin([record({ timeout: 3_000 }, { name: 'message', actions: [say('Speak.')] }), TOLD, HANGUP]).toEnd();
  expect(call.of('start_recording')).toMatchObject([
    {
      recordingId: ID,
      name: 'message',
      format: 'wav',
      channels: 1,
      beep: true,
      callerOnly: true,
      maskDigits: false,
      silenceMs: 3_000,
      transcribe: false,
    },
  ]);
  expect(call.heard).toEqual(['Speak.', `${ID} 8000`]);
  expect(call.of('finish')[0]?.body.recordings).toEqual([{ name: 'message', id: ID }]);
  expect(call.of('stop_recording')).toEqual([]);
});

test.each([
  ['the finish key', {}, '1#', 2_000],
  ['a key of its own', { finish_on_key: '*' }, '#*', 2_000],
  ['its longest time', { max_time: 4_000, finish_on_key: 'none' }, '#', 3_700],
])('a message ends by %s', (_what, params, keys, lengthMs) => {
  const call = begin([record({ timeout: 0, ...params }), TOLD, HANGUP])
    .advance(2_400)
    .press(keys)
    .toEnd();
  expect(call.of('stop_recording').length).toBe(1);
  expect(call.heard).toEqual([`${ID} ${lengthMs}`]);
});

test('a key during the prompt cuts it short', () => {
  const call = begin([record({}, { actions: [say('Long.')] }), HANGUP])
    .advance(500)
    .press('5')
    .advance(100);
  expect(call.effects.slice(-2).map(({ type }) => type)).toEqual(['start_recording', 'set_timer']);
  expect(call.of('stop_playback').length).toBe(1);
});

test('the caller hangs up in the message: the last callback tells of it', () => {
  const call = begin([record({}, { name: 'm' }), HANGUP])
    .advance(2_000)
    .callerEnds();
  expect(call.of('finish')[0]?.body.recordings).toEqual([{ name: 'm', id: ID }]);
  expect(call.of('stop_recording')).toEqual([]);
});

test('injected now ends the message; what came before is kept', () => {
  const call = begin([record({}), say('Next.'), HANGUP]).advance(2_000);
  call.input({ type: 'inject_actions', when: 'now', actions: [say('In.')], atMs: call.nowMs }).toEnd();
  expect(call.heard).toEqual(['In.', 'Next.']);
  expect([call.of('stop_recording').length, call.of('finish')[0]?.body.recordings.length]).toEqual([1, 1]);
});

test('a recorder that does not work is reported; a loop around it ends', () => {
  const world = { recordings: [{ failure: 'disk full' }] };
  const once = begin([record({}), say('Next.'), HANGUP], { world }).toEnd();
  expect(once.messages('error')).toEqual(['the recording failed: disk full']);
  expect([once.heard, once.of('finish')[0]?.body.recordings]).toEqual([['Next.'], []]);
  const actions = [{ type: 'LABEL', name: 'A' }, record({}), { type: 'GOTO', params: { label: 'A' } }];
  const loop = begin(actions, { world, settings: { apologyText: '' } }).toEnd();
  expect(loop.of('start_recording').length).toBeLessThan(60);
});

test('in the background: the flow goes on; pause, resume and stop by name', () => {
  const actions = [
    record({ action: 'start', channels: 2, format: 'mp3', transcribe: true }, { name: 'a' }),
    record({ action: 'start', mask_digits: true }, { name: 'b' }),
    say('One.'),
    record({ action: 'pause' }, { name: 'a' }),
    record({ action: 'resume' }),
    record({ action: 'stop' }, { name: 'a' }),
    record({ action: 'stop' }, { name: 'x' }),
    say('Two.'),
    HANGUP,
  ];
  const call = begin(actions).toEnd();
  expect(call.of('start_recording')).toMatchObject([
    { name: 'a', channels: 2, format: 'mp3', beep: false, callerOnly: false, silenceMs: null, transcribe: true },
    { name: 'b', channels: 1, maskDigits: true },
  ]);
  const rest = call.effects.filter(({ type }) => /^(pause|resume|stop)_recording$/.test(type));
  expect(rest.map((effect) => `${effect.type} ${'recordingId' in effect ? effect.recordingId.at(-1) : ''}`)).toEqual([
    'pause_recording 1',
    'resume_recording 1',
    'resume_recording 2',
    'stop_recording 1',
  ]);
  expect(call.messages('warning')).toEqual(['there is no recording to stop']);
  expect(call.of('finish')[0]?.body.recordings.map(({ name }) => name)).toEqual(['a', 'b']);
});

test('a recording of the whole call goes over callbacks, and is told of once', () => {
  const call = new VirtualCall({
    answers: [
      { document: { actions: [record({ action: 'start', max_time: 1_500 }), say('A')] } },
      { document: { actions: [say('B')] } },
      { document: { actions: [HANGUP] } },
    ],
  }).toEnd();
  expect(call.of('request_callback').map(({ body }) => body.recordings.length)).toEqual([0, 0, 1]);
  expect(call.of('finish')[0]?.body.recordings).toEqual([]);
});

test('what another action needs is of no use, and told of', () => {
  const prompt = { actions: [say('Not said.')] };
  const actions = [
    record({ action: 'start', timeout: 3_000, channels: 2 }, prompt),
    record({ action: 'stop', format: 'mp3' }),
    record({ channels: 2 }),
    HANGUP,
  ];
  const call = begin(actions).toEnd();
  expect(call.heard).toEqual([]);
  expect(call.messages('warning')).toEqual([
    'params.timeout is of no use to start',
    'actions is the prompt of a message; start does not run it',
    'params.format is of no use to stop',
    'params.channels is of no use to a message, which has one',
  ]);
});

test('a message that fails leaves nothing of the one before', () => {
  const world = { recordings: [{ name: 'second', failure: 'disk full' }, { speaksMs: 1_000 }] };
  const call = begin([record({}), record({}, { name: 'second' }), say('${recordingId}${recordingTime}.'), HANGUP], {
    world,
  }).toEnd();
  expect(call.heard).toEqual(['.']);
});

test('at most so many at once', () => {
  const each = { type: 'FOREACH', params: { iterator: Array.from({ length: 25 }, (_, index) => index) } };
  const call = begin([{ ...each, then: [record({ action: 'start' })] }, HANGUP]).toEnd();
  expect(call.of('start_recording').length).toBe(20);
  expect(call.messages('error').length).toBe(5);
});

test('in a simulation', async () => {
  const flow = { actions: [record({}, { actions: [say('Speak.')] }), TOLD, HANGUP] };
  const call = await simulate(flow, { recordings: [{ speaksMs: 2_000 }] });
  call.hears('Speak.', '1@simulation.1 7000').ends();
  expect(call.text).toContain('recorded 7000 ms, ended by silence');
});

test('the end of a recording that goes on beside the flow is told of: stopped by the flow, or by the end of the call', async () => {
  const start = (name: string) => record({ action: 'start' }, { name });
  const actions = [start('a'), say('One.'), record({ action: 'stop' }, { name: 'a' }), start('b'), say('Two.'), HANGUP];
  const call = (await simulate({ actions })).ends({ by: 'api' });
  expect(call.text).toMatch(/does +a: recorded \d+ ms, ended by stop\n/);
  expect(call.text).toMatch(/hangs up .*\n.*does +b: recorded to the end of the call {2}actions\[3\]\n.*ended/);
  const message = await simulate({ actions: [record({}, { name: 'm' }), HANGUP] }, { hangupAfterMs: 2_000 });
  expect(message.ends({ by: 'caller' }).text).toContain('m: recorded to the end of the call');
});
