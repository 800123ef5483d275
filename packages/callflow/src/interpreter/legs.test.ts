import { expect, test } from 'vitest';
import type { JsonObject } from '../io.ts';
import type { TranscriptEntry } from '../simulate/script.ts';
import { simulate } from '../simulate/simulate.ts';
import { simulateMessage } from '../simulate/simulate-message.ts';

const LABEL: JsonObject = { type: 'LABEL', name: 'again' };
const AGAIN: JsonObject = { type: 'GOTO', params: { label: 'again' } };
const HANGUP: JsonObject = { type: 'HANGUP' };
const dial = (no: string): JsonObject => ({ type: 'DIAL', params: { no } });
const transfer = (no: string | string[], params: JsonObject = {}, extra: JsonObject = {}): JsonObject => ({
  type: 'TRANSFER',
  params: { no, ...params },
  ...extra,
});
const refusal = (most: number, ...refused: string[]) =>
  `the flow has rung ${most} phones, as many as it may (limits.max_legs_per_call); not rung: ${refused.join(', ')}`;
const errors = (entries: readonly TranscriptEntry[]) =>
  entries.filter(({ type }) => type === 'error').map(({ text }) => text);
const rung = (entries: readonly TranscriptEntry[]) =>
  entries.filter(({ text }) => /^calling |^dials /.test(text)).map(({ text }) => text);

test('a loop around a callee who declines at once rings two hundred phones, and then ends', async () => {
  const confirm = [
    { type: 'COLLECT', params: { num_digits: 1 }, actions: [{ type: 'SAY', params: { text: 'Well?' } }] },
  ];
  const asking = transfer('+12125550111', { confirm_key: '1' }, { confirm });
  const call = await simulate(
    { actions: [{ type: 'ANSWER' }, LABEL, asking, AGAIN] },
    { transfers: [{ declines: true }] },
  );
  const { transcript, outcome } = call.ends();
  expect(rung(transcript)).toHaveLength(200);
  expect(errors(transcript)[0]).toBe(refusal(200, '+12125550111'));
  expect(outcome?.error).toMatch(/^endless loop/);
  expect(errors(transcript).length).toBeLessThan(100);
});

test('a loop that waits goes on, and rings nobody any more', async () => {
  const wait: JsonObject = { type: 'WAIT', params: { time: 1_000 } };
  const script = { settings: { maxLegs: 3 }, hangupAfterMs: 6_500 };
  const { transcript, outcome } = (await simulate({ actions: [LABEL, dial('+1'), wait, AGAIN] }, script)).ends();
  expect(rung(transcript)).toHaveLength(3);
  expect(new Set(errors(transcript))).toEqual(new Set([refusal(3, '+1')]));
  expect(outcome).toMatchObject({ hangupEnd: 'caller', error: null });
});

test('a flow hears that nobody was rung, and goes on', async () => {
  const actions = [dial('+1'), transfer('+2'), { type: 'SAY', params: { text: '${transferStatus}' } }, HANGUP];
  const call = await simulate({ actions }, { settings: { maxLegs: 1 } });
  const { transcript, heard } = call.ends();
  expect(rung(transcript)).toHaveLength(1);
  expect(errors(transcript)).toEqual([refusal(1, '+2')]);
  expect(heard).toEqual(['failed']);
});

test('of numbers that ring at once as many as may, of those one after the other the first', async () => {
  const settings = { maxLegs: 2 };
  const transfers = [{ outcome: 'busy' as const }];
  const atOnce = (await simulate({ actions: [transfer(['+1', '+2', '+3']), HANGUP] }, { settings, transfers })).ends();
  expect(rung(atOnce.transcript)).toEqual(['calling +1, +2']);
  const inTurn = transfer(['+1', '+2', '+3'], { order: 'sequential' }, { events: { on_end: [{ $ended: 'true' }] } });
  const oneByOne = (await simulate({ actions: [inTurn, HANGUP] }, { settings, transfers })).ends();
  expect(rung(oneByOne.transcript)).toEqual(['calling +1', 'calling +2']);
  for (const { transcript } of [atOnce, oneByOne]) expect(errors(transcript)).toEqual([refusal(2, '+3')]);
  expect(oneByOne.variables).toEqual({ ended: true });
});

test('the flow of a message, too', async () => {
  const actions = [dial('+1'), dial('+2'), { type: 'SMS', params: { message: 'x' } }];
  const message = await simulateMessage({ actions }, { text: 'Hi', settings: { maxLegs: 1 } });
  expect([rung(message.transcript), errors(message.transcript)]).toEqual([
    ['dials +1 from +12125550123'],
    [refusal(1, '+2')],
  ]);
  message.replies('x');
});
