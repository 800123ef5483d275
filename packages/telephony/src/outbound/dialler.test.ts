import { MediaPortsExhausted } from '@voxology/media';
import type { IncomingCall, SipEndpoint } from '@voxology/sip';
import { StoreError } from '@voxology/store';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { closeEmpty } from '../testing/close-empty.ts';
import { Exchange } from '../testing/exchange.ts';
import { BAD_SDP, SDP } from '../testing/fake-session.ts';
import { APP_ID, NUMBER, numberRow, USER_NO } from '../testing/memory-store.ts';
import type { DialRequest } from './dialler.ts';

let exchange: Exchange;
let phone: SipEndpoint;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  exchange = await Exchange.open();
  phone = await exchange.phoneAt('10.0.0.2');
});
afterEach(() => closeEmpty(exchange));

const dial = (request: Partial<DialRequest> = {}) =>
  exchange.telephony.dialler.dial({
    appId: APP_ID,
    no: USER_NO,
    callerIdNo: NUMBER,
    sessionData: { a: 1 },
    ringTimeoutMs: 20_000,
    maxCallTimeMs: null,
    ...request,
  });

describe('Make Call', () => {
  test('runs the flow on the answer and hangs up', async () => {
    await exchange.register(phone, '10.0.0.2');
    phone.on('invite', (call) => call.answer(SDP));
    await dial();
    await exchange.settle();
    expect(exchange.callbacks[0]).toMatchObject({ type: 'init_call', direction: 'outbound', session_data: { a: 1 } });
    expect(exchange.store.row).toMatchObject({ status: 'completed', hangupEnd: 'api', callerNo: USER_NO });
    expect(exchange.store.row.answerTimeMs).toBeTypeOf('number');
    expect(exchange.store.logged('sip')).toEqual([]);
  });

  test.each([
    [486, 'busy', null],
    [600, 'busy', null],
    [480, 'no-answer', null],
    [408, 'no-answer', null],
    [487, 'canceled', null],
    [603, 'failed', 'SIP 603'],
    [503, 'failed', 'SIP 503'],
    [302, 'failed', 'SIP 302'],
  ])('%i: %s', async (status, expected, error) => {
    await exchange.register(phone, '10.0.0.2');
    phone.on('invite', (call) => call.reject(status));
    await dial();
    await exchange.settle();
    expect(exchange.store.row).toMatchObject({ status: expected, hangupEnd: 'caller', connectTimeSec: 0 });
    if (error === null) expect(exchange.store.row.error).toBeNull();
    else expect(exchange.store.row.error).toContain(error);
    expect(exchange.callbackTypes()).toEqual(['end_call']);
  });

  test('no answer within the ring time: CANCEL, no-answer', async () => {
    await exchange.register(phone, '10.0.0.2');
    phone.on('invite', (call) => call.ring());
    await dial({ ringTimeoutMs: 5000 });
    await exchange.settle();
    vi.advanceTimersByTime(5000);
    await exchange.settle();
    expect(exchange.sentFrom('10.0.0.1')).toContain('CANCEL');
    expect(exchange.store.row).toMatchObject({ status: 'no-answer', hangupEnd: 'api' });
  });

  test('a dead phone is given up three seconds after the ring time', async () => {
    await exchange.register(phone, '10.0.0.2');
    exchange.network.weather = ({ to }) => (to.startsWith('10.0.0.2') ? [] : [1]);
    await dial({ ringTimeoutMs: 1000 });
    vi.advanceTimersByTime(4000);
    await exchange.settle();
    expect(exchange.store.row).toMatchObject({ status: 'no-answer', hangupEnd: 'api' });
  });

  test('an answer that crosses our CANCEL: canceled', async () => {
    await exchange.register(phone, '10.0.0.2');
    exchange.network.weather = ({ text }) => (text.startsWith('CANCEL') ? [] : [1]);
    let answer: (() => void) | undefined;
    phone.on('invite', (call) => {
      call.ring();
      answer = () => call.answer(SDP);
    });
    const { callId } = await dial();
    await exchange.settle();
    exchange.telephony.switchboard.command(APP_ID, callId, { type: 'hang_up', reason: 'enough' });
    answer?.();
    await exchange.settle();
    expect(exchange.sentFrom('10.0.0.1').slice(-2)).toContain('BYE');
    expect(exchange.store.row).toMatchObject({ status: 'canceled', hangupEnd: 'api' });
  });

  test('media that fails while it rings cancels the call', async () => {
    await exchange.register(phone, '10.0.0.2');
    phone.on('invite', (call) => call.ring());
    await dial();
    await exchange.settle();
    exchange.session.emit('failed', { reason: 'worker died' });
    await exchange.settle();
    expect(exchange.sentFrom('10.0.0.1')).toContain('CANCEL');
    expect(exchange.store.row).toMatchObject({ status: 'failed', hangupEnd: 'api' });
  });

  test('an answer without a codec in common is hung up', async () => {
    await exchange.register(phone, '10.0.0.2');
    phone.on('invite', (call) => call.answer(BAD_SDP));
    await dial();
    await exchange.settle();
    expect(exchange.sentFrom('10.0.0.1')).toContain('BYE');
    expect(exchange.store.row).toMatchObject({ status: 'failed', hangupEnd: 'api', connectTimeSec: 0 });
  });

  test('nobody registered, no trunk: a call that ends at once, with its end_call', async () => {
    await dial();
    await exchange.settle();
    expect(exchange.store.row).toMatchObject({ status: 'no-answer', hangupEnd: 'api' });
    expect(exchange.callbackTypes()).toEqual(['end_call']);
  });

  test('rings a phone the way it registered by, and says whom it is for', async () => {
    const path = '<sip:edge.example;lr>';
    await exchange.register(phone, '10.0.0.2', [['Path', path]]);
    let seen: (string | undefined)[] = [];
    phone.on('invite', ({ request, reject }) => {
      seen = [request.headers.get('Route'), request.headers.get('To')];
      void reject;
    });
    phone.on('invite', (call) => call.reject(486));
    await dial();
    await exchange.settle();
    expect(seen).toEqual([path, '<sip:alice@one.example>']);
  });

  test('rings all phones: the first answer wins, the other is canceled', async () => {
    const other = await exchange.phoneAt('10.0.0.4');
    await exchange.register(phone, '10.0.0.2');
    await exchange.register(other, '10.0.0.4');
    let canceled = 0;
    other.on('invite', (call) => {
      call.ring();
      call.on('canceled', () => canceled++);
    });
    phone.on('invite', (call) => setImmediate(() => call.answer(SDP)));
    exchange.script = ['never'];
    const { callId } = await dial();
    await exchange.settle();
    expect(canceled).toBe(1);
    exchange.telephony.switchboard.command(APP_ID, callId, { type: 'hang_up', reason: 'enough' });
    await exchange.settle();
    expect(exchange.store.row.status).toBe('completed');
  });

  test.each([
    ['the browser', 0],
    ['the desk phone', 1],
  ])('a desk phone and a browser both ring, each with an offer of its own; %s answers', async (_who, answering) => {
    const browser = await exchange.phoneAt('10.0.0.4', 'ws');
    expect(await exchange.register(phone, '10.0.0.2')).toBe(200);
    expect(await exchange.register(browser, '10.0.0.4')).toBe(200);
    const rung: IncomingCall[] = [];
    for (const one of [phone, browser]) one.on('invite', (call) => rung.push(call));
    exchange.script = ['never'];
    const { callId } = await dial();
    await exchange.settle();
    expect(exchange.sessions.map(({ security }) => security)).toEqual(['dtls', 'none']);
    for (const call of rung) call.ring();
    rung[answering]?.answer(SDP);
    await exchange.settle();
    expect(rung[1 - answering]?.isEnded).toBe(true);
    expect(exchange.sessions.map(({ closed }) => closed)).toEqual([answering !== 0, answering !== 1]);
    exchange.sessions[answering]?.emit('health', { issue: 'not_heard', raised: true } as never);
    expect(exchange.store.log.some(({ type }) => type === 'health')).toBe(true);
    exchange.telephony.switchboard.command(APP_ID, callId, { type: 'hang_up', reason: 'enough' });
    await exchange.settle();
    expect(exchange.store.row.status).toBe('completed');
  });

  test('a phone that declines for all ends the call though another is dead', async () => {
    const other = await exchange.phoneAt('10.0.0.4');
    await exchange.register(phone, '10.0.0.2');
    await exchange.register(other, '10.0.0.4');
    exchange.network.weather = ({ to }) => (to.startsWith('10.0.0.4') ? [] : [1]);
    phone.on('invite', (call) => call.reject(603));
    await dial();
    await exchange.settle();
    expect(exchange.store.row).toMatchObject({ status: 'failed', error: 'SIP 603 Decline' });
  });

  test('one phone busy, one unavailable: busy', async () => {
    const other = await exchange.phoneAt('10.0.0.4');
    await exchange.register(phone, '10.0.0.2');
    await exchange.register(other, '10.0.0.4');
    phone.on('invite', (call) => call.reject(486));
    other.on('invite', (call) => call.reject(480));
    await dial();
    await exchange.settle();
    expect(exchange.store.row.status).toBe('busy');
  });

  test('a number of ours is called on-net, with a token that works once', async () => {
    const called = '+14155550111';
    exchange.store.numberRows.set(
      called,
      numberRow(called, exchange.store.numberRows.get(NUMBER)?.configuration ?? null),
    );
    await dial({ no: called });
    await exchange.settle();
    const rows = [...exchange.store.rows.values()];
    expect(rows.map(({ direction, status }) => [direction, status])).toEqual([
      ['outbound', 'failed'],
      ['inbound', 'canceled'],
    ]);
    expect(rows[1]?.callerNo).toBe(NUMBER);
    const invite = exchange.network.passages.find(({ text }) => text.includes('X-Voxology-On-Net'));
    const token = /X-Voxology-On-Net: (.*)\r/.exec(invite?.text ?? '')?.[1] ?? '';
    const thief = exchange.call(phone, { headers: [['X-Voxology-On-Net', token]], credentials: undefined } as never);
    await exchange.settle();
    expect(thief.final).toBe(401);
  });
});

describe('Make Call refuses', () => {
  test.each([
    ['a foreign caller id', { callerIdNo: '+12125559999' }, /not a number of this application/],
    ['another application', { appId: 'other' }, /not a number of this application/],
    ['an emergency number', { no: '911' }, /emergency/],
    ['an emergency number as a URI', { no: 'sip:911@one.example' }, /emergency/],
    ['an emergency number behind a trunk', { no: 'sip:9%311@10.0.0.3' }, /emergency/],
    ['an emergency number in tel', { no: 'tel:112' }, /emergency/],
    ['a prefix that is not allowed', { no: '+4930123456' }, /not permitted/],
    ['a prefix that is not allowed, as a URI', { no: 'sip:+4930123456@10.0.0.3' }, /not permitted/],
    ['digits that are no number, as a URI', { no: 'sip:9004930123456@10.0.0.3' }, /not permitted/],
    ['TLS to a trunk', { no: 'sips:200@10.0.0.3' }, /TLS/],
    ['a host nobody knows', { no: 'sip:x@elsewhere.example' }, /No trunk leads to/],
    ['another port than the trunk has', { no: 'sip:200@10.0.0.3:9' }, /No trunk leads to/],
    ['words', { no: 'bob' }, /neither/],
    ['a line end', { no: 'sip:200@10.0.0.3\r\nX: y' }, /is not a URI/],
  ])('%s', async (_name, request, message) => {
    await expect(dial(request)).rejects.toThrow(message);
    expect(exchange.store.rows.size).toBe(0);
  });

  test('a number without a callback', async () => {
    exchange.store.numberRows.set(NUMBER, numberRow(NUMBER, null));
    await expect(dial()).rejects.toMatchObject({ kind: 'caller-id' });
  });

  test('when there is no RTP port', async () => {
    exchange.noPort = new MediaPortsExhausted(1, 2);
    await exchange.register(phone, '10.0.0.2');
    await expect(dial()).rejects.toMatchObject({ kind: 'busy' });
  });

  test('when the store has no room, and gives the media back', async () => {
    await exchange.register(phone, '10.0.0.2');
    exchange.store.refuse.open = new StoreError('overloaded', 'full');
    await expect(dial()).rejects.toMatchObject({ kind: 'busy' });
    expect(exchange.session.closed).toBe(true);
  });
});

test('a trunk is called with what belongs into a Request-URI only', async () => {
  const carrier = await exchange.phoneAt('10.0.0.3');
  const uris: string[] = [];
  carrier.on('invite', (call) => {
    uris.push(call.request.uri);
    call.reject(486);
  });
  await dial({ no: 'sip:200:pw@10.0.0.3:5060;x=1?Subject=hi' });
  await dial({ no: '2125550177' });
  await exchange.settle();
  expect(uris.sort()).toEqual(['sip:+12125550177@10.0.0.3:5060;user=phone', 'sip:200@10.0.0.3:5060;x=1']);
});
