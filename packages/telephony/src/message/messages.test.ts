import type { SipEndpoint } from '@voxology/sip';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Exchange, MESSAGE_PROVIDER } from '../testing/exchange.ts';
import { APP_ID, DOMAIN, NUMBER, USER_NO } from '../testing/memory-store.ts';
import { MessageNotSent } from './message-provider.ts';
import type { MessageRequest } from './messages.ts';

const FAR = '+13105550142';
const KEY = 'key-of-the-provider';

let exchange: Exchange;
let phone: SipEndpoint;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  exchange = await Exchange.open({
    messages: { url: MESSAGE_PROVIDER, header: { name: 'X-Api-Key', value: KEY } },
  });
  phone = await exchange.phoneAt('10.0.0.2');
});
afterEach(async () => {
  await exchange.settle();
  vi.useRealTimers();
  await exchange.close();
  expect(exchange.errors).toEqual([]);
});

/** The numbers used, or why it was not sent. */
async function send(request: Partial<MessageRequest>, waitMs = 50): Promise<object | string> {
  const sent = exchange.telephony.messages
    .send({ appId: APP_ID, from: NUMBER, to: FAR, text: 'Hello', mediaUrls: [], ...request })
    .catch((error: unknown) => {
      if (!(error instanceof MessageNotSent)) throw error;
      return `${error.kind}: ${error.message}`;
    });
  await exchange.settle(waitMs);
  return await sent;
}
const log = () => JSON.stringify(exchange.store.log);

describe('to a number', () => {
  test('is handed to the provider, with its secret', async () => {
    const mediaUrls = ['https://example.com/cat.png'];
    expect(await send({ text: 'Grüße', mediaUrls })).toEqual({ from: NUMBER, to: FAR });
    expect(exchange.handedOver).toMatchObject([
      {
        method: 'POST',
        url: MESSAGE_PROVIDER,
        headers: { 'Content-Type': 'application/json', 'X-Api-Key': KEY },
        retries: 0,
        maxRedirects: 0,
      },
    ]);
    expect(JSON.parse(String(exchange.handedOver[0]?.body))).toEqual({
      from: NUMBER,
      to: FAR,
      text: 'Grüße',
      media_urls: mediaUrls,
    });
  });

  test('the provider refuses: what it says is told, without the secret', async () => {
    exchange.providerAnswers = [{ status: 403, body: `wrong key\n ${KEY}` }];
    expect(await send({})).toBe('not-taken: the message provider answered 403: wrong key …');
    exchange.providerAnswers = [{ status: 302, body: '' }];
    expect(await send({})).toBe('not-taken: the message provider answered 302');
  });

  test.each([
    ['911', 'is neither an E.164 number'],
    ['nobody', 'is neither an E.164 number'],
    ['anonymous', 'is neither an E.164 number'],
    ['+442079460000', 'are not permitted'],
    ['sip:bob@elsewhere.example', 'is no SIP user of this server'],
  ])('%s is refused', async (to, why) => {
    expect(await send({ to })).toMatch(new RegExp(`^recipient: .*${why}`));
    expect(exchange.handedOver).toEqual([]);
  });

  test('from a number of somebody else is refused', async () => {
    expect(await send({ from: '+14155550199' })).toBe('sender: +14155550199 is not a number of this application');
    expect(await send({ appId: 'other' })).toMatch(/^sender: /);
  });
});

test('too many in a minute are refused, of this application', async () => {
  const sent: unknown[] = [];
  // Of recipients that are refused anyway, too.
  for (let count = 0; count < 11; count++) sent.push(await send({ to: count < 5 ? 'nobody' : FAR }, 5));
  expect(sent.filter((outcome) => typeof outcome !== 'string').length).toBe(5);
  expect(sent.at(-1)).toBe('rate: More than 10 messages in a minute (setting limits.max_messages_per_minute)');
  expect(exchange.handedOver.length).toBe(5);
});

describe('to a SIP user', () => {
  const taken: string[] = [];
  beforeEach(() => {
    taken.length = 0;
    phone.onRequest('MESSAGE', ({ headers, body }, _source, respond) => {
      taken.push(`${headers.get('From')?.split(';')[0]} ${headers.get('Content-Type')} ${Buffer.from(body)}`);
      respond(200);
    });
  });

  test.each([USER_NO, 'alice', `sip:alice@${DOMAIN}`])('%s: a SIP MESSAGE to its phone', async (to) => {
    await exchange.register(phone, '10.0.0.2');
    expect(await send({ to, text: 'Grüße', mediaUrls: ['https://example.com/a.png'] })).toEqual({
      from: NUMBER,
      to: USER_NO,
    });
    expect(taken).toEqual([`<sip:${NUMBER}@${DOMAIN}> text/plain;charset=utf-8 Grüße\nhttps://example.com/a.png`]);
    expect(exchange.handedOver).toEqual([]);
  });

  test('one phone of several is enough', async () => {
    const other = await exchange.phoneAt('10.0.0.4');
    await exchange.register(phone, '10.0.0.2');
    await exchange.register(other, '10.0.0.4');
    expect(await send({ to: 'alice' })).toEqual({ from: NUMBER, to: USER_NO });
    expect(taken.length).toBe(1);
  });

  test('no phone, one that takes none, one that is gone, a text that UDP does not carry', async () => {
    expect(await send({ to: 'alice' })).toBe('not-taken: No phone is registered for SIP user alice');
    await exchange.register(phone, '10.0.0.2');
    expect(await send({ to: 'alice', text: 'ä'.repeat(426) })).toMatch(/^not-taken: the text has 852 bytes/);
    phone.onRequest('MESSAGE', (_request, _source, respond) => respond(415));
    expect(await send({ to: 'alice' })).toBe('not-taken: the phone answered 415 Unsupported Media Type');
    await phone.close();
    expect(await send({ to: 'alice' }, 40_000)).toBe('not-taken: the phone does not answer');
  });
});

test('without a provider messages stay in the house', async () => {
  const bare = await Exchange.open();
  await expect(
    bare.telephony.messages.send({ appId: APP_ID, from: NUMBER, to: FAR, text: 'Hello', mediaUrls: [] }),
  ).rejects.toMatchObject({ kind: 'no-provider', message: expect.stringContaining('messages.provider') });
  await bare.close();
});

describe('of a flow', () => {
  async function flow(...actions: object[]): Promise<void> {
    exchange.script = [{ actions: [...actions, { type: 'HANGUP' }] }];
    exchange.call(phone);
    await exchange.settle();
  }

  test('is sent from the number called, and its flow goes on at once', async () => {
    await flow({ type: 'SMS', params: { no: FAR, message: 'Thank you.' } }, { type: 'WAIT', params: { duration: 1 } });
    expect(JSON.parse(String(exchange.handedOver[0]?.body))).toMatchObject({
      from: NUMBER,
      to: FAR,
      text: 'Thank you.',
    });
    expect(log()).not.toContain(KEY);
    expect(exchange.store.logged('http')).toContain('attempt');
  });

  test('what could not be sent is in the log, also when the call is over by then', async () => {
    exchange.providerAnswers = [{ status: 500, body: 'out of order' }];
    await flow({ type: 'SMS', params: { no: FAR, message: 'Thank you.' } });
    expect(log()).toContain('the message provider answered 500: out of order');
    expect(exchange.telephony.switchboard.size).toBe(0);
  });
});

test('TRANSCRIBE: the flow is told that nobody writes it down', async () => {
  const events = { on_error: [{ '$sessionData.why': '$reason' }] };
  exchange.script = [
    {
      actions: [
        { type: 'TRANSCRIBE', events },
        { type: 'WAIT', params: { duration: 5 } },
      ],
    },
  ];
  const call = exchange.call(phone);
  await exchange.settle();
  await vi.advanceTimersByTimeAsync(10);
  await exchange.settle();
  expect(log()).toContain('the transcription failed: this server has no speech recognition');
  void call.dialog?.bye();
  await exchange.settle();
  expect(exchange.callbacks.at(-1)).toMatchObject({
    session_data: { why: 'this server has no speech recognition' },
  });
});
