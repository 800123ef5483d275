import { expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { VirtualCall, type VirtualCallOptions } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const begin = (actions: JsonObject[], options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: { document: { actions } }, settings: { answerOnRing: true }, ...options });

const sms = (params: JsonObject): JsonObject => ({ type: 'SMS', params });

test('handed over with defaults; the result is told in the log', () => {
  const actions = [
    sms({ message: 'Hi, ${callerNo}.' }),
    sms({ no: 'a', caller_id_no: 'b', text_message: 'x', media_urls: ['https://example.com/a.png', 'no'] }),
    say('Said.'),
    HANGUP,
  ];
  const call = new VirtualCall({ answers: { document: { actions } } }).toEnd();
  expect(call.of('send_message')).toMatchObject([
    { messageId: 'm1', no: '+19495550101', callerIdNo: '+12125550123', text: 'Hi, +19495550101.', mediaUrls: [] },
    { messageId: 'm2', no: 'a', callerIdNo: 'b', text: 'x', mediaUrls: ['https://example.com/a.png'] },
  ]);
  expect(call.effects.findIndex(({ type }) => type === 'answer')).toBeGreaterThan(3);
  expect(call.messages('progress').filter((message) => message === 'the message is sent').length).toBe(2);
});

test('not sent, or nothing to send', () => {
  const call = begin([sms({ message: 'x' }), sms({ message: ' ' }), sms({}), say('x'), HANGUP], {
    world: { messageError: 'opt-out' },
  }).toEnd();
  expect(call.messages('error')).toEqual([
    'the message is empty; nothing is sent',
    'the message is empty; nothing is sent',
    'the message could not be sent: opt-out',
  ]);
  expect(call.messages('warning')).toEqual(['there is no params.message to send']);
});

test('addresses of media that are none, or too many, are told of', () => {
  const many = Array.from({ length: 11 }, (_, index) => `https://example.com/${index}`);
  const actions = [
    sms({ media_urls: ['ftp://x/a.png'], message: 'x' }),
    sms({ media_urls: '$sessionData.many' }),
    HANGUP,
  ];
  const call = begin(actions, { sessionData: { many } }).toEnd();
  expect(call.of('send_message').map(({ mediaUrls }) => mediaUrls.length)).toEqual([0, 10]);
  expect(call.messages('warning')).toEqual([
    'params.media_urls: "ftp://x/a.png" is no http(s) address',
    'there is no params.message to send',
    'params.media_urls: "ftp://x/a.png" is no http(s) address; it is left out',
    'there are 11 media_urls; 10 are sent',
  ]);
});
