import { MediaPortsExhausted } from '@voxology/media';
import { StoreError } from '@voxology/store';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeEmpty } from '../testing/close-empty.ts';
import { Exchange, SERVER } from '../testing/exchange.ts';
import { BAD_SDP } from '../testing/fake-session.ts';
import { CONFIGURATION, DOMAIN, NUMBER, numberRow, PASSWORD, USER_NO } from '../testing/memory-store.ts';

let exchange: Exchange;
let phone: Awaited<ReturnType<Exchange['phoneAt']>>;

beforeEach(async () => {
  exchange = await Exchange.open();
  phone = await exchange.phoneAt('10.0.0.2');
});
afterEach(() => closeEmpty(exchange));

const say = { actions: [{ type: 'SAY', params: { text: 'Hello' } }] };

describe('a call that comes in', () => {
  test('rings while the callback is pending, is answered for audio and ends with the caller', async () => {
    exchange.script = [say];
    const call = exchange.call(phone);
    await exchange.settle();
    expect([call.progress, call.final]).toEqual([[180], 200]);
    expect(exchange.callbacks[0]).toMatchObject({ type: 'init_call', caller_no: USER_NO, api_no: NUMBER });
    expect(exchange.session.acts.slice(0, 1)).toEqual(['start']);
    expect(exchange.telephony.switchboard.live(exchange.store.row.appId)).toHaveLength(1);
    void call.dialog?.bye();
    await exchange.settle();
    expect(exchange.store.row).toMatchObject({
      status: 'completed',
      hangupEnd: 'caller',
      endCallbackState: 'delivered',
    });
    expect(exchange.callbackTypes()).toEqual(['init_call', 'end_call']);
    expect(exchange.store.logged('effect')).toContain('finish');
    expect(exchange.store.logged('media')).toEqual(['session_ended']);
  });

  test('HANGUP before the answer: 603, canceled by us', async () => {
    const call = exchange.call(phone);
    await exchange.settle();
    expect(call.final).toBe(603);
    expect(exchange.store.row).toMatchObject({ status: 'canceled', hangupEnd: 'api', connectTimeSec: 0 });
  });

  test('CANCEL while the callback is pending: 487, and the request is given up', async () => {
    exchange.script = ['never'];
    const call = exchange.call(phone);
    await exchange.settle();
    call.outgoing.cancel();
    await exchange.settle();
    expect(call.final).toBe(487);
    expect(exchange.store.row).toMatchObject({ status: 'canceled', hangupEnd: 'caller' });
    expect(exchange.callbackTypes()).toEqual(['init_call', 'end_call']);
    expect(exchange.aborted).toBe(1);
  });

  test('CANCEL while the number is looked up still leaves a record', async () => {
    const { get } = exchange.store.numbers;
    exchange.store.numbers.get = async (no) => {
      call.outgoing.cancel();
      exchange.clock.advance(20);
      return await get(no);
    };
    const call = exchange.call(phone);
    await exchange.settle();
    expect(call.final).toBe(487);
    expect(exchange.store.row).toMatchObject({ status: 'canceled', hangupEnd: 'caller' });
    expect(exchange.callbackTypes().at(-1)).toBe('end_call');
  });

  test('BYE during a later callback ends it; the late answer changes nothing', async () => {
    const next = { type: 'REDIRECT', params: { url: 'http://flow.example/next' } };
    exchange.script = [{ actions: [{ type: 'COLLECT', params: { num_digits: 1 } }, next] }, 'never'];
    const call = exchange.call(phone);
    await exchange.settle();
    exchange.session.emit('digit', { digit: '7', durationMs: 100, method: 'rtp-event' });
    await exchange.settle();
    expect(exchange.callbacks[1]).toMatchObject({ type: 'live_call', key_presses: [{ digits: '7' }] });
    void call.dialog?.bye();
    await exchange.settle();
    expect(exchange.store.row).toMatchObject({ status: 'completed', hangupEnd: 'caller' });
    expect(exchange.aborted).toBe(1);
  });

  test('hung up by the API, twice: one BYE, one record', async () => {
    exchange.script = [say];
    const call = exchange.call(phone);
    await exchange.settle();
    const { callId, appId } = exchange.store.row;
    const { switchboard } = exchange.telephony;
    expect(switchboard.command('another application', callId, { type: 'hang_up', reason: 'x' })).toBe(false);
    expect(switchboard.command(appId, callId, { type: 'hang_up', reason: 'x' })).toBe(true);
    expect(switchboard.command(appId, callId, { type: 'hang_up', reason: 'x' })).toBe(false);
    await exchange.settle();
    expect(call.hungUp).toBe(true);
    expect(exchange.sentFrom('10.0.0.1').filter((line) => line === 'BYE')).toHaveLength(1);
    expect(exchange.store.row).toMatchObject({ status: 'completed', hangupEnd: 'api' });
  });

  test('no ACK: failed', async () => {
    exchange.script = [say];
    exchange.network.weather = ({ text }) => (text.startsWith('ACK') ? [] : [1]);
    exchange.call(phone);
    await exchange.settle(70_000);
    expect(exchange.store.row).toMatchObject({ status: 'failed', error: expect.stringContaining('ACK') });
    exchange.network.weather = () => [1];
    await exchange.settle(1000);
  });

  test.each([
    ['before the answer', ['never'], 500],
    ['after it', [say], 200],
  ] as const)('media that fails %s ends the call', async (_when, script, final) => {
    exchange.script = [...script];
    const call = exchange.call(phone);
    await exchange.settle();
    exchange.session.emit('failed', { reason: 'worker died' });
    await exchange.settle();
    expect([call.final, call.hungUp]).toEqual([final, final === 200]);
    expect(exchange.store.row).toMatchObject({ status: 'failed', hangupEnd: 'api' });
    expect(exchange.store.row.error).toContain('worker died');
  });

  test('an offer of ours that the ACK does not answer ends the call', async () => {
    exchange.script = [say];
    const call = exchange.call(phone, { sdp: undefined } as never);
    call.outgoing.on('answered', ({ acknowledge }) => acknowledge?.(BAD_SDP));
    await exchange.settle();
    expect(call.hungUp).toBe(true);
    expect(exchange.store.row).toMatchObject({ status: 'failed', hangupEnd: 'api', connectTimeSec: 0 });
  });

  test('a row that is refused: 500 and no answer, and the end opens it again', async () => {
    exchange.script = [say];
    exchange.store.refuse.open = new StoreError('overloaded', 'full');
    const call = exchange.call(phone);
    await exchange.settle();
    expect(call.final).toBe(500);
    delete exchange.store.refuse.open;
    await expect.poll(() => exchange.store.rows.size, { timeout: 3000 }).toBe(1);
    await expect.poll(() => exchange.callbackTypes()).toEqual(['init_call', 'end_call']);
    expect(exchange.store.row).toMatchObject({ status: 'failed', error: expect.stringContaining('full') });
  });
});

describe('a call that is refused', () => {
  test.each([
    ['unknown number', { uri: `sip:+14155559999@${DOMAIN}` }, 404],
    ['emergency number', { uri: `sip:911@${DOMAIN}` }, 403],
    ['emergency number with parameters', { uri: `sip:112;phone-context=+1@${DOMAIN}` }, 403],
  ])('%s', async (_name, options, status) => {
    const call = exchange.call(phone, options);
    await exchange.settle();
    expect(call.final).toBe(status);
    expect(exchange.store.rows.size).toBe(0);
  });

  test('who shows no credentials is challenged whatever the number, and banned after wrong ones', async () => {
    const finals: unknown[] = [];
    for (const uri of [`sip:${NUMBER}@${DOMAIN}`, `sip:nobody@${DOMAIN}`, `sip:911@${DOMAIN}`]) {
      const call = exchange.call(phone, { uri, credentials: undefined } as never);
      await exchange.settle();
      finals.push(call.final);
    }
    expect(finals).toEqual([401, 401, 401]);
    for (const final of [401, 401, 403, 403]) {
      const call = exchange.call(phone, { credentials: { username: 'alice', password: 'wrong' } });
      await exchange.settle();
      expect(call.final).toBe(final);
    }
    const right = exchange.call(phone, { credentials: { username: 'alice', password: PASSWORD } });
    await exchange.settle();
    expect(right.final).toBe(403);
  });

  test('a number without a callback: 480, a row, no end_call', async () => {
    exchange.store.numberRows.set(NUMBER, numberRow(NUMBER, null));
    const call = exchange.call(phone);
    await exchange.settle();
    expect(call.final).toBe(480);
    expect(exchange.store.row).toMatchObject({ status: 'failed', hangupEnd: 'api', endCallbackState: 'none' });
    expect(exchange.callbacks).toEqual([]);
  });

  test('SDP without a codec of ours: 488, a row and an end_call', async () => {
    const call = exchange.call(phone, { sdp: BAD_SDP });
    await exchange.settle();
    expect(call.final).toBe(488);
    expect(exchange.store.row).toMatchObject({ status: 'failed', endCallbackState: 'delivered' });
    expect(exchange.callbackTypes()).toEqual(['end_call']);
  });

  test('no RTP port: 503, and the line is free again', async () => {
    exchange.noPort = new MediaPortsExhausted(10_000, 10_001);
    const call = exchange.call(phone);
    await exchange.settle();
    expect(call.final).toBe(503);
  });

  test('a store that is away: 500', async () => {
    exchange.store.numbers.get = async () => {
      throw new Error('no database');
    };
    const call = exchange.call(phone);
    await exchange.settle();
    expect(call.final).toBe(500);
    expect(exchange.errors.splice(0)).toHaveLength(1);
  });
});

describe('a trunk', () => {
  const uris = [
    `tel:${NUMBER}`,
    'tel:+1-415-555-0100',
    'sip:4155550100@10.0.0.1;user=phone',
    'sip:14155550100@10.0.0.1:5060',
    'sip:5550100;phone-context=+1415@10.0.0.1',
    'sip:%2B14155550100@10.0.0.1;transport=udp',
  ];
  test.each(uris)('dials %s', async (uri) => {
    const carrier = await exchange.phoneAt('10.0.0.3');
    const call = exchange.call(carrier, { uri, from: { uri: 'sip:+12125550177@carrier' } });
    await exchange.settle();
    expect(call.final).toBe(603);
    expect(exchange.store.row).toMatchObject({ apiNo: NUMBER, callerNo: '+12125550177' });
  });

  test('may write our contact into the Request-URI and the number into To, and names the caller itself', async () => {
    const carrier = await exchange.phoneAt('10.0.0.3');
    const call = exchange.call(carrier, {
      uri: 'sip:voxology@10.0.0.1',
      to: { uri: `sip:${NUMBER}@carrier` },
      headers: [['P-Asserted-Identity', '<tel:+12125550188>']],
    });
    await exchange.settle();
    expect(call.final).toBe(603);
    expect(exchange.store.row.callerNo).toBe('+12125550188');
  });

  test('keeps a withheld identity withheld', async () => {
    const carrier = await exchange.phoneAt('10.0.0.3');
    exchange.call(carrier, {
      headers: [
        ['P-Asserted-Identity', '<tel:+12125550188>'],
        ['Privacy', 'id'],
      ],
    });
    await exchange.settle();
    expect(exchange.store.row.callerNo).toBe('anonymous');
  });
});

test("a user's P-Asserted-Identity and From are not believed", async () => {
  exchange.call(phone, {
    from: { uri: `sip:+19995550000@${DOMAIN}` },
    headers: [['P-Asserted-Identity', '<tel:+12125550188>']],
  });
  await exchange.settle();
  expect(exchange.store.row.callerNo).toBe(USER_NO);
});

test('answer_on_ring: 200 before the callback', async () => {
  exchange.store.numberRows.set(NUMBER, numberRow(NUMBER, { ...CONFIGURATION, answer_on_ring: 1 }));
  exchange.script = ['never'];
  const call = exchange.call(phone);
  await exchange.settle();
  expect([call.progress, call.final, exchange.callbackTypes()]).toEqual([[], 200, ['init_call']]);
  void call.dialog?.bye();
  await exchange.settle();
});

test('a browser that has connected and registered anew gets the BYE by its new connection', async () => {
  exchange.script = [{ actions: [{ type: 'ANSWER' }, { type: 'WAIT', params: { time: 60 } }] }];
  const byes = (address: string) =>
    exchange.network.passages.filter(({ text, to }) => text.startsWith('BYE') && to.startsWith(address)).length;
  const first = await exchange.phoneAt('10.0.0.7', 'ws');
  expect(await exchange.register(first, '10.0.0.7')).toBe(200);
  const call = exchange.call(first, { destination: { ...SERVER, protocol: 'ws' } });
  await exchange.settle();
  expect(call.final).toBe(200);
  // The old connection is not known to be dead yet.
  const second = await exchange.phoneAt('10.0.0.8', 'ws');
  expect(await exchange.register(second, '10.0.0.7')).toBe(200);
  const { appId, callId } = exchange.store.row;
  exchange.telephony.switchboard.command(appId, callId, { type: 'hang_up', reason: 'by the test' });
  await exchange.settle();
  expect([byes('10.0.0.7'), byes('10.0.0.8')]).toEqual([0, 1]);
});
