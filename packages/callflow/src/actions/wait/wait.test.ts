import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../io.ts';
import { VirtualCall, type VirtualCallOptions } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const wait = (time: Json): JsonObject => ({ type: 'WAIT', params: { time } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const run = (actions: JsonObject[], options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: { document: { actions } }, ...options });

test('waits its time between two sayings', () => {
  const call = run([say('one'), wait(2_500), say('two'), HANGUP]).toEnd();
  const [one, two] = call.of('play').map(({ atMs }) => atMs);
  expect((two ?? 0) - (one ?? 0)).toBe(3_500);
});

test('does not answer the call', () => {
  const call = run([wait(2_000), HANGUP]).toEnd();
  expect(call.effects.map(({ type }) => type)).toEqual(['ring', 'request_callback', 'set_timer', 'hang_up', 'finish']);
});

test('keys pressed meanwhile are ignored', () => {
  const call = run([{ type: 'ANSWER' }, wait(1_000), { type: 'COLLECT', params: { timeout: 100 } }, HANGUP]);
  call.advance(500).press('1').toEnd();
  expect(call.messages('digit_ignored')).toEqual(['no COLLECT took keys when 1 was pressed']);
  expect(call.of('finish')[0]?.body.key_presses).toEqual([{ name: null, digits: '' }]);
});

test.each<[Json, string | null, number]>([
  ['1500', 'params.time is a text, taken as the number 1500', 1_500],
  [-5, 'params.time is -5, outside 0 to 3600000; 0 is used', 0],
  [null, 'params.time is missing', 1_000],
  ['$ms', null, 700],
])('time %j', (time, warning, waited) => {
  const call = run([{ $ms: '700' }, { type: 'ANSWER' }, wait(time), HANGUP]).toEnd();
  expect(call.messages('warning')).toEqual(warning === null ? [] : [warning]);
  expect(call.of('finish')[0]?.record.durationMs).toBe(150 + waited);
});

test('as the prompt of a COLLECT it ends at the first key', () => {
  const collect = { type: 'COLLECT', params: { num_digits: 2, timeout: 1_000 }, actions: [wait(60_000)] };
  const call = run([collect, HANGUP]).advance(500).press('1').advance(900).press('2').toEnd();
  expect(call.of('finish')[0]?.body.key_presses).toEqual([{ name: null, digits: '12' }]);
  expect(call.of('finish')[0]?.record.durationMs).toBe(1_450);
});

test('the end of the call takes the timer back', () => {
  const call = run([wait(60_000)])
    .advance(1_000)
    .callerEnds();
  expect(call.of('cancel_timer').map(({ timerId }) => timerId)).toEqual(
    call.of('set_timer').map(({ timerId }) => timerId),
  );
});

test('a call that only rings is given up after three minutes in all', () => {
  const call = run([wait(50_000)]).toEnd();
  expect(call.of('hang_up')).toMatchObject([
    { reason: 'WAIT: the call was not answered for 180000 ms', sipStatus: 480 },
  ]);
  expect(call.of('answer')).toEqual([]);
  expect(call.of('finish')[0]?.record.durationMs).toBe(180_050);
});

test('a loop over a WAIT of nothing is ended', () => {
  const loop = [{ type: 'LABEL', name: 'L' }, wait(0), { type: 'GOTO', params: { label: 'L' } }];
  const call = run(loop, { settings: { maxStepsWithoutWait: 100, apologyText: '' } }).toEnd();
  expect(call.messages('error')[0]).toMatch(/^endless loop/);
});
