import type { Effect } from '@voxology/callflow';
import type { EgressRequest, EgressResponse } from '@voxology/egress';
import { beforeEach, expect, test } from 'vitest';
import { CallLog } from '../call/call-log.ts';
import { HttpRequests } from './http-requests.ts';

let asked: { request: EgressRequest; answer(body: string): void }[];
let noted: string[];
let http: HttpRequests;
const { signal } = new AbortController();
const log = new CallLog('c', {
  append: (_callId, events) => {
    noted.push(...events.map(({ data }) => JSON.stringify(data)));
    return true;
  },
});
beforeEach(() => {
  [asked, noted] = [[], []];
  const request = (request: EgressRequest) =>
    new Promise<EgressResponse>((resolve) => {
      const answer = (body: string) =>
        resolve({ status: 200, headers: {}, body: Buffer.from(body), url: request.url, attempts: [] });
      asked.push({ request, answer });
    });
  http = new HttpRequests({ request }, () => 0, { perCall: 2, total: 3 });
});
const effect = (wantsAnswer: boolean): Extract<Effect, { type: 'http_request' }> => ({
  type: 'http_request',
  httpId: 'h1',
  method: 'POST',
  url: 'http://far.example/',
  headers: {},
  body: null,
  timeoutMs: 1000,
  wantsAnswer,
});
const tell = (callId: string) => http.send(callId, effect(false), log, signal);

test('so many of a call, and so many in all, are under way that nobody waits for', async () => {
  const first = tell('a');
  for (const callId of ['a', 'a', 'b', 'c']) void tell(callId);
  expect(asked).toHaveLength(3);
  expect(noted).toEqual([
    expect.stringContaining('2 requests of this call'),
    expect.stringContaining('is not sent: 3 requests that'),
  ]);
  asked[0]?.answer('');
  expect(await first).toBe(null);
  void tell('a');
  expect(asked).toHaveLength(4);
  expect(asked.every(({ request }) => request.signal === undefined && request.sign === undefined)).toBe(true);
});

test('those that the flow waits for are not counted; no more of an answer is read than a value takes', async () => {
  for (const callId of ['a', 'a', 'b']) void tell(callId);
  const input = http.send('a', effect(true), log, signal);
  asked[3]?.answer('x'.repeat(100_000));
  expect(await input).toMatchObject({ type: 'http_answered', bodyText: 'x'.repeat(65_537) });
});
