import { describe, expect, test } from 'vitest';
import { callback, FREE, NO, PATH, serveApi } from '../testing/served-api.ts';

const tested = serveApi();
const { ask } = tested;

describe('phone numbers', () => {
  test.each([`PhoneNumbers/${NO}`, 'PhoneNumbers/%2B14155550100', 'PhoneNumbers/14155550100'])(
    'GET %s',
    async (url) => {
      const { status, body } = await ask('GET', url);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        no: NO,
        inbound_api: 'CallFlows',
        app_id: tested.appId,
        capabilities: expect.any(Array),
      });
    },
  );

  test("another application's number is not there", async () => {
    for (const [method, url] of [
      ['GET', `PhoneNumbers/${NO}`],
      ['GET', PATH],
      ['DELETE', PATH],
    ] as const) {
      expect((await ask(method, url, undefined, { 'x-api-key': tested.otherKey })).status).toBe(404);
    }
    expect((await ask('PUT', PATH, { callback }, { 'x-api-key': tested.otherKey })).status).toBe(404);
    expect(
      (await ask('GET', 'PhoneNumbers/CallFlows', undefined, { 'x-api-key': tested.otherKey })).body.phone_numbers,
    ).toEqual([]);
  });

  test('what is neither a number nor an API is named', async () => {
    expect((await ask('GET', 'PhoneNumbers/Foo')).status).toBe(404);
    expect((await ask('GET', 'PhoneNumbers/12')).status).toBe(404);
    const { status, body } = await ask('POST', 'PhoneNumbers/Foo', { phone_numbers: [{ no: FREE }] });
    expect([status, body.message]).toEqual([400, 'params.name must be one of "CallFlows", "ParkingLot"']);
  });

  test('are found, and one that is for sale is never active in the future', async () => {
    const { body } = await ask('GET', 'PhoneNumbers/Available?search_by=area-code&search_on=415');
    expect(body.phone_numbers).toMatchObject([{ no: FREE, formatted: FREE }]);
    const [{ estimated_active_date: date }] = body.phone_numbers as unknown as [{ estimated_active_date: string }];
    expect(Date.parse(date)).toBeLessThan(Date.now() + 1);
    const free = await ask('GET', 'PhoneNumbers/Available?search_by=toll-free');
    expect(free.body.phone_numbers).toMatchObject([{ no: '+18005550100' }]);
  });

  test.each([
    ['search_by=area-code', /needs search_on/],
    ['search_by=x&search_on=1', /querystring.search_by must be one of "rate-center"/],
    ['max_results=0', /querystring.max_results must be >= 1/],
    ['search_by=region&search_on=%00', /querystring.search_on/],
  ])('a search by ?%s is refused', async (query, message) => {
    const { status, body } = await ask('GET', `PhoneNumbers/Available?${query}`);
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
  });

  test('each one provisioned succeeds or fails on its own', async () => {
    const numbers = [NO, FREE, '+19995550000', 'x'].map((no) => ({ no }));
    const { status, body } = await ask('POST', 'PhoneNumbers/CallFlows', { phone_numbers: numbers });
    expect(status).toBe(200);
    expect((body.phone_numbers as { status: string }[]).map((number) => number.status)).toEqual([
      'success',
      'success',
      'error',
      'error',
    ]);
    const other = await ask(
      'POST',
      'PhoneNumbers/CallFlows',
      { phone_numbers: [{ no: FREE }] },
      { 'x-api-key': tested.otherKey },
    );
    expect(other.body.phone_numbers).toMatchObject([{ status: 'error', message: expect.stringContaining('another') }]);
  });
});

describe('a configuration', () => {
  test('is set, read and taken away', async () => {
    const custom_data = { tenant: 7, nested: { deep: [null, true] } };
    const put = await ask('PUT', PATH, { callback, custom_data, answer_on_ring: 1 });
    const expected = {
      no: NO,
      inherited: false,
      callback: { ...callback, content_type: 'application/json' },
      callback_failover: null,
      answer_on_ring: 1,
      custom_data,
    };
    expect(put).toEqual({ status: 200, body: expected });
    expect(await ask('GET', PATH)).toEqual(put);
    expect((await ask('DELETE', PATH)).body).toMatchObject({ inherited: true, callback: null });
  });

  test.each(['application/json; charset=utf-8', 'text/xml', 'application/x-www-form-urlencoded'])(
    'sends %s when asked to',
    async (content_type) => {
      const { body } = await ask('PUT', PATH, { callback: { ...callback, content_type } });
      expect(body.callback).toMatchObject({ content_type });
    },
  );

  test('a key that would change the prototype is named', async () => {
    const headers = { 'content-type': 'application/json' };
    const { status, body } = await ask('PUT', PATH, '{"callback":null,"custom_data":{"__proto__":1}}', headers);
    expect([status, body.message]).toEqual([400, expect.stringContaining('`__proto__`')]);
  });

  test.each([
    [{}, /body must have required propert/],
    [{ callback: { url: 'ftp://x/y' } }, /body.callback.url/],
    [{ callback: { url: 'https://x/', method: 'PUT' } }, /body.callback.method must be one of "GET", "POST"/],
    [{ callback, answer_on_ring: 2 }, /body.answer_on_ring/],
    [{ callback: 'https://x/' }, /body.callback must be object/],
    [{ callback: { ...callback, content_type: 'text/csv' } }, /body.callback.content_type "text\/csv" is not/],
    [{ callback, callback_failover: { url: 'http://10.0.0.1/' } }, /body.callback_failover.url: 10.0.0.1 is refused/],
  ])('%j is refused', async (payload, message) => {
    const { status, body } = await ask('PUT', PATH, payload);
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
  });
});
