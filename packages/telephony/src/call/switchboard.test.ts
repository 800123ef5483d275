import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Exchange } from '../testing/exchange.ts';
import { APP_ID } from '../testing/memory-store.ts';

let exchange: Exchange;
let phone: Awaited<ReturnType<Exchange['phoneAt']>>;

beforeEach(async () => {
  exchange = await Exchange.open({ maxCalls: 1 });
  phone = await exchange.phoneAt('10.0.0.2');
});
afterEach(async () => {
  await exchange.close();
  expect(exchange.errors).toEqual([]);
});

const say = { actions: [{ type: 'SAY', params: { text: 'Hello' } }] };

describe('lines', () => {
  test('more calls than lines get 503; calls in the making count', async () => {
    exchange.script = ['never'];
    const [first, second] = [exchange.call(phone), exchange.call(phone)];
    await exchange.settle();
    expect([first.final, second.final].sort()).toEqual([503, undefined]);
    for (const call of [first, second]) call.outgoing.cancel();
    await exchange.settle();
    expect(exchange.telephony.switchboard.size).toBe(0);
  });

  test('a last callback that hangs keeps no line', async () => {
    exchange.endCallAnswer = 'never';
    exchange.call(phone);
    await exchange.settle();
    expect(exchange.store.row.status).toBe('canceled');
    expect(exchange.telephony.switchboard.size).toBe(0);
    expect(exchange.telephony.switchboard.live(APP_ID)).toEqual([]);
  });
});

describe('draining', () => {
  test.each([
    ['ringing', ['never'], 603, 'canceled'],
    ['up', [say], 200, 'completed'],
  ] as const)(
    'hangs up a call that is %s after the grace, and waits for its record',
    async (_s, script, final, status) => {
      exchange.script = [...script];
      const call = exchange.call(phone);
      await exchange.settle();
      const drained = exchange.telephony.switchboard.drain(1, 2000);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await exchange.settle();
      await drained;
      expect([call.final, call.hungUp]).toEqual([final, final === 200]);
      expect(exchange.store.row).toMatchObject({ status, endCallbackState: 'delivered' });
      const late = exchange.call(phone);
      await exchange.settle();
      expect(late.final).toBe(503);
    },
  );

  test('waits for a call that is still being looked up, and ends it', async () => {
    const { promise, resolve: lookedUp } = Promise.withResolvers<void>();
    exchange.beforeSession = promise;
    exchange.script = ['never'];
    const call = exchange.call(phone);
    await exchange.settle();
    const drained = exchange.telephony.switchboard.drain(1, 2000);
    await new Promise((resolve) => setTimeout(resolve, 5));
    lookedUp();
    await exchange.settle();
    await drained;
    expect(call.final).toBe(603);
    expect(exchange.store.row.status).toBe('canceled');
  });

  test('nothing to wait for', async () => {
    await exchange.telephony.switchboard.drain(10_000, 10_000);
  });
});
