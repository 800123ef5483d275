import { expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { VirtualCall } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const redirect = (params: JsonObject): JsonObject => ({ type: 'REDIRECT', params });

test('asks its address at once; the configured one is asked again after that', () => {
  const call = new VirtualCall({
    answers: [
      {
        document: {
          actions: [say('one'), redirect({ url: 'https://other.example/next', method: 'get' }), say('left out')],
        },
      },
      { document: { actions: [say('two')] } },
      { document: { actions: [say('three'), { type: 'HANGUP' }] } },
    ],
  }).toEnd();
  expect(call.heard).toEqual(['one', 'two', 'three']);
  expect(call.of('request_callback').map(({ target, body }) => [target.method, target.url, body.type])).toEqual([
    ['POST', 'https://example.com/flow', 'init_call'],
    ['GET', 'https://other.example/next', 'live_call'],
    ['POST', 'https://example.com/flow', 'live_call'],
  ]);
});

test('the method and the content type are the configured ones when not given or unknown', () => {
  const call = new VirtualCall({
    answers: [
      { document: { actions: [redirect({ url: 'http://a.example/${callId}', method: 'PATCH' })] } },
      { document: { actions: [{ type: 'HANGUP' }] } },
    ],
  }).toEnd();
  expect(call.of('request_callback')[1]?.target).toEqual({
    url: 'http://a.example/17@3423993409',
    method: 'POST',
    contentType: 'application/json',
  });
  expect(call.messages('warning')).toEqual([
    'params.method is "PATCH"; GET or POST is expected, the configured one is used',
    'the method is neither GET nor POST; POST is used',
  ]);
});

test('an address that is none is an error and the list goes on', () => {
  const call = new VirtualCall({
    answers: { document: { actions: [redirect({ url: '/next' }), say('on'), { type: 'HANGUP' }] } },
  });
  expect(call.toEnd().heard).toEqual(['on']);
  expect(call.messages('error')).toEqual(['"/next" is no absolute http(s) address']);
});

test('a document that only redirects to itself is ended', () => {
  const document = { actions: [redirect({ url: 'https://example.com/flow' })] };
  const call = new VirtualCall({ answers: { document }, settings: { maxIdleCallbacks: 5 } }).toEnd();
  expect(call.of('request_callback').length).toBe(5);
  expect(call.messages('error')[0]).toMatch(/^5 callbacks in a row/);
  expect(call.of('finish').length).toBe(1);
});
