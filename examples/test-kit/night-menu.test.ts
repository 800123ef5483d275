// Tests of a call flow written in YAML, with a world beyond the caller: who is rung, and what becomes of it.
import { readFileSync } from 'node:fs';
import { lintDocument, simulate } from '@voxology/callflow';
import { expect, test } from 'vitest';

const flow = readFileSync(new URL('night-menu.yaml', import.meta.url), 'utf8');

test('the linter has nothing to say', () => {
  expect(lintDocument(flow)).toEqual([]);
});

test('one rings the doctor', async () => {
  const call = await simulate(flow, { transfers: [{ outcome: 'answer', talkMs: 60_000 }] });
  call.hears('We are closed').presses('1').ends({ by: 'api' });
  expect(call.elapsedMs).toBeGreaterThan(60_000);
});

test('a doctor who is busy', async () => {
  const call = await simulate(flow, { transfers: [{ no: '+12125550123', outcome: 'busy' }] });
  call.hears('Press one').presses('1').hears('Nobody answers').ends({ by: 'api' });
});

test('no key', async () => {
  const call = await simulate(flow);
  call.pressesNothing().hears('Good night').ends({ by: 'api' });
});
