import { expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { VirtualCall, type VirtualCallOptions } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const begin = (actions: JsonObject[], options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: { document: { actions } }, settings: { answerOnRing: true }, ...options });

const URL = 'https://example.com/x';
const http = (params: JsonObject): JsonObject => ({ type: 'HTTP', params: { url: URL, ...params } });

test('fire and forget: the flow goes on at once', () => {
  const call = begin([http({ body: { who: '$callerNo', n: 1 }, headers: { 'X-A': 'b' } }), HANGUP]).toEnd();
  expect(call.of('http_request')).toMatchObject([
    {
      httpId: 'h1',
      method: 'POST',
      url: URL,
      headers: { 'x-a': 'b', 'content-type': 'application/json' },
      body: '{"who":"+19495550101","n":1}',
      timeoutMs: 10_000,
      wantsAnswer: false,
    },
  ]);
  expect(call.inputs.some(({ type }) => type === 'http_answered')).toBe(false);
});

test('the answer in a variable: JSON or text; the status', () => {
  const actions = [
    http({ method: 'GET', result: 'order', body: 'x' }),
    http({ method: 'put', body: 'plain', result: 'sessionData.answer' }),
    { $second: '$order.items[1]' },
    say('${second} ${sessionData.answer} ${httpStatus}'),
    HANGUP,
  ];
  const answer = ({ method }: { method: string }) =>
    method === 'GET' ? { body: { items: ['a', 'b'] } } : { status: 404, body: 'none' };
  const call = begin(actions, { world: { http: answer } }).toEnd();
  expect(call.of('http_request').map(({ method, body, headers }) => [method, body, headers])).toEqual([
    ['GET', null, {}],
    ['PUT', 'plain', {}],
  ]);
  expect(call.heard).toEqual(['b none 404']);
  expect(call.messages('warning')).toEqual([]);
});

test('it fails: status 0, an empty result, a loop around it ends', () => {
  const answer = () => {
    throw new Error('refused');
  };
  const world = { http: answer };
  const call = begin([{ $r: '1' }, http({ result: 'r' }), say('${httpStatus} ${r}.'), HANGUP], { world }).toEnd();
  expect([call.heard, call.messages('error')]).toEqual([['0 .'], ['the request failed: refused']]);
  const loop = [{ type: 'LABEL', name: 'A' }, http({ wait: true }), { type: 'GOTO', params: { label: 'A' } }];
  expect(begin(loop, { world }).toEnd().of('http_request').length).toBeLessThan(60);
});

test('a call that is only asked about rings no longer than any other', () => {
  const actions = [http({ wait: true })];
  const call = new VirtualCall({ answers: { document: { actions } } }).toEnd();
  expect(call.of('hang_up')).toMatchObject([
    { sipStatus: 480, reason: 'HTTP: the call was not answered for 180000 ms' },
  ]);
});

test('no address, a header that would be two, a result that is no name', () => {
  const call = begin([
    http({ url: 'ftp://x' }),
    http({ headers: { a: 'x\ny', 'b c': 'x', d: {} }, result: '1x' }),
    HANGUP,
  ]);
  call.toEnd();
  expect(call.of('http_request')).toMatchObject([{ headers: {}, wantsAnswer: false }]);
  expect(call.messages('error')).toEqual(['"ftp://x" is no http(s) address; HTTP is passed over']);
  expect(call.messages('warning').length).toBe(5);
});

test('headers that are no object, or too many, are told of', () => {
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`h${index}`, index]));
  const call = begin([http({ headers: ['a: b'] }), http({ headers: many }), HANGUP]).toEnd();
  expect(call.of('http_request').map(({ headers }) => Object.keys(headers).length)).toEqual([0, 50]);
  expect(call.messages('warning')).toEqual([
    'params.headers is a list; an object is expected, none is used',
    'there are 51 headers; 50 are sent',
  ]);
});
