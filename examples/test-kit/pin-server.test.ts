// Tests of a callback server: first its logic alone, then over HTTP as in production. With a server, steps are awaited.
import type { AddressInfo } from 'node:net';
import { type SimulatedRequest, simulate } from '@voxology/callflow';
import { expect, test } from 'vitest';
import { nextActions, pinServer } from './pin-server.ts';

test('a wrong PIN, then the right one', async () => {
  const call = await simulate(({ body }) => nextActions(body));
  await call.hears('Please enter your PIN');
  await call.presses('9999');
  await call.hears('try again');
  await call.presses('1234');
  await call.hears('You have 50 dollars.');
  await call.ends({ by: 'api' });
});

test('the same over HTTP', async () => {
  const server = pinServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const ask = async ({ body }: SimulatedRequest) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return await response.text();
  };
  try {
    const call = await simulate(ask, { presses: ['1234'] });
    await call.ends({ by: 'api' });
    expect(call.heard.at(-1)).toBe('You have 50 dollars.');
    expect(call.callbacks.map(({ request }) => request.body.type)).toEqual(['init_call', 'live_call', 'end_call']);
  } finally {
    server.close();
  }
});
