// Tests of a call flow that understands speech: what is said, what is not understood, and keys instead.
import { readFileSync } from 'node:fs';
import { lintDocument, simulate } from '@voxology/callflow';
import { expect, test } from 'vitest';

const flow = readFileSync(new URL('pizza-order.yaml', import.meta.url), 'utf8');

test('the linter has nothing to say', () => {
  expect(lintDocument(flow)).toEqual([]);
});

test('the caller says it', async () => {
  const call = await simulate(flow);
  call.hears('Welcome', 'Small or large').says('Large!').hears('One large pizza').ends({ by: 'api' });
});

test('who knows the way speaks over the welcome, and is understood', async () => {
  const call = await simulate(flow);
  call.waits(500).says('small').hears('One small pizza').ends({ by: 'api' });
});

test('or presses a key', async () => {
  const call = await simulate(flow);
  call.hears('Welcome', 'Small or large').presses('2').hears('One large pizza').ends({ by: 'api' });
});

test('what is not understood is asked for once more; then a person helps', async () => {
  const call = await simulate(flow);
  call.hears('Welcome', 'Small or large').says('').hears('Sorry').says('').hears('A colleague').ends({ by: 'api' });
});

test('silence', async () => {
  const call = await simulate(flow);
  call.hears('Welcome', 'Small or large').silent().hears('Sorry').silent().hears('A colleague').ends({ by: 'api' });
});

test('something else than the hints', async () => {
  const call = await simulate(flow);
  call.hears('Welcome', 'Small or large').says('a calzone').hears('A colleague').ends({ by: 'api' });
});

test('without speech recognition there are still the keys', async () => {
  const call = await simulate(flow, { speechError: 'none' });
  call.hears('Welcome', 'Small or large').presses('1').hears('One small pizza').ends({ by: 'api' });
});
