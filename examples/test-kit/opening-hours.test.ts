// Tests of a call flow that is a file. Nothing of it is bound to Vitest: a step that fails throws an Error.
import { readFileSync } from 'node:fs';
import { lintDocument, simulate } from '@voxology/callflow';
import { expect, test } from 'vitest';

const flow = readFileSync(new URL('opening-hours.json', import.meta.url), 'utf8');
const OPEN = '2026-03-02T10:00:00Z';
const CLOSED = '2026-03-02T20:00:00Z';

test('the linter has nothing to say', () => {
  expect(lintDocument(flow)).toEqual([]);
});

test('one leads to sales', async () => {
  const call = await simulate(flow, { at: OPEN, sessionData: { name: 'Ann' } });
  call.hears('Press one for sales').presses('1').hears('Hello Ann, this is sales').ends({ by: 'api' });
});

test('two leads to support, and may be pressed during the prompt', async () => {
  const call = await simulate(flow, { at: OPEN, callerNo: '+12125550199' });
  call.presses('2').hears('1 2 1 2 5 5 5 0 1 9 9').ends();
});

test('three wrong tries', async () => {
  const call = await simulate(flow, { at: OPEN });
  call.hears('Press one').presses('7').hears('Sorry');
  call.hears('Press one').pressesNothing().hears('Sorry');
  call.hears('Press one').presses('#').hears('Good bye').ends();
  expect(call.variables.tries).toBe(3);
});

test('closed in the evening', async () => {
  const call = await simulate(flow, { at: CLOSED });
  call.hears(/^We are closed/).ends({ status: 'completed' });
});

test('a caller who hangs up', async () => {
  const call = await simulate(flow, { at: OPEN });
  call.waits(1_000).hangsUp();
  expect(call.outcome?.hangupEnd).toBe('caller');
});
