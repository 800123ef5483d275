/** The inventory of numbers: every search of the API, and what can go wrong in buying. */
import { equal, matches, ok } from '../lib/check.ts';
import { unusedNumber } from '../lib/numbers.ts';
import { Rest } from '../lib/rest.ts';
import { ownServer, sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

interface Row {
  no: string;
  formatted: string;
  estimated_active_date: string;
  sandbox: boolean;
  region: string;
  rate_center: string;
}

async function search(rest: Rest, query: string): Promise<Row[]> {
  const { status, body } = await rest.get(`/v1/PhoneNumbers/Available?${query}`);
  equal(status, 200, query);
  equal(body.error, undefined, 'no error key');
  return body.phone_numbers as Row[];
}

test('numbers: every kind of search finds what it should and nothing else', async () => {
  const rest = new Rest(await sharedServer());
  for (const [query, fits] of [
    ['search_by=area-code&search_on=949', ({ no }) => no.startsWith('+1949')],
    ['search_by=prefixes&search_on=312', ({ no }) => no.startsWith('+1312')],
    ['search_by=prefixes&search_on=617555', ({ no }) => no.startsWith('+1617555')],
    ['search_by=region&search_on=NV', ({ region }) => region === 'NV'],
    ['search_by=region&search_on=ca', ({ region }) => region === 'CA'],
    ['search_by=region&search_on=713', ({ no }) => no.startsWith('+1713')],
    ['search_by=rate-center&search_on=NEWPORT BEACH,CA', (row) => row.rate_center === 'NEWPORT BEACH'],
    ['search_by=rate-center&search_on=NEWPORT%20BEACH%2CCA', (row) => row.rate_center === 'NEWPORT BEACH'],
    ['capabilities=voice&search_by=area-code&search_on=206&max_results=200&state', ({ no }) => no.startsWith('+1206')],
  ] as [string, (row: Row) => boolean][]) {
    const rows = await search(rest, query);
    ok(rows.length > 0, `${query} finds something`);
    ok(rows.every(fits), `${query} finds nothing else: ${rows.map(({ no }) => no).join(' ')}`);
    equal(new Set(rows.map(({ no }) => no)).size, rows.length, `${query}: every number once`);
  }
  for (const query of [
    'search_by=area-code&search_on=000',
    'search_by=area-code&search_on=94',
    'search_by=region&search_on=ZZ',
    'search_by=rate-center&search_on=NEWPORT BEACH,NY',
    "search_by=rate-center&search_on=' OR 1=1 --",
    'capabilities=fax',
  ]) {
    equal(await search(rest, query), [], `${query} finds nothing`);
  }
});

test('numbers: how many are given, and over several area codes', async () => {
  const rest = new Rest(await sharedServer());
  equal((await search(rest, '')).length, 10, 'ten without max_results');
  equal((await search(rest, 'max_results=3')).length, 3, 'max_results=3');
  const all = await search(rest, 'max_results=1000');
  ok(new Set(all.map(({ no }) => no.slice(2, 5))).size >= 5, 'several area codes are for sale');
  for (const row of all) {
    matches(row.no, /^\+1\d{3}55501\d\d$/, 'no (fictional)');
    matches(row.formatted, /^\(\d{3}\) 555-01\d\d$/, 'formatted');
    equal(row.sandbox, true, 'marked as sandbox');
    ok(Date.parse(row.estimated_active_date) <= Date.now() + 60_000, 'usable now');
  }
  for (const wrong of ['max_results=0', 'max_results=many', 'search_by=colour&search_on=blue', 'search_by=region']) {
    const { status, body } = await rest.get(`/v1/PhoneNumbers/Available?${wrong}`);
    equal([status, body.status], [400, 400], wrong);
    matches(body.message, /./, `${wrong}: message`);
  }
});

test('numbers: buying twice, what is not for sale, what is no number', async () => {
  const server = await sharedServer();
  const rest = new Rest(server);
  const no = await unusedNumber(server);
  const buy = async (...numbers: string[]) => {
    const answer = await rest.post('/v1/PhoneNumbers/CallFlows', {
      phone_numbers: numbers.map((one) => ({ no: one })),
    });
    equal(answer.status, 200, `buying ${numbers.join(' ')}`);
    return answer.body.phone_numbers as { no: string; status: string; message?: string }[];
  };
  equal(await buy(no), [{ no, status: 'success' }], 'bought');
  equal(await buy(no), [{ no, status: 'success' }], 'bought again: it is ours already');
  const other = await unusedNumber(server);
  const rows = await buy('+12125559999', other, 'nonsense', other);
  equal(
    rows.map((row) => [row.no, row.status]),
    [
      ['+12125559999', 'error'],
      [other, 'success'],
      ['nonsense', 'error'],
      [other, 'success'],
    ],
    'each by itself',
  );
  for (const row of rows.filter(({ status }) => status === 'error')) matches(row.message, /./, `${row.no}: why`);
  ok(
    (await rest.get('/v1/PhoneNumbers/CallFlows')).body.phone_numbers.some((row: { no: string }) => row.no === other),
    'it is in the list of our numbers',
  );
  for (const [what, path, body] of [
    ['an empty list', 'CallFlows', { phone_numbers: [] }],
    ['no list', 'CallFlows', {}],
    ['an inbound API there is not', 'Pigeons', { phone_numbers: [{ no }] }],
  ] as const) {
    equal((await rest.post(`/v1/PhoneNumbers/${path}`, body)).status, 400, what);
  }
});

test('numbers: what was bought and configured is there after a restart', { timeoutMs: 60_000 }, async (t) => {
  const server = await ownServer(t);
  const rest = new Rest(server);
  const no = await unusedNumber(server);
  await rest.post('/v1/PhoneNumbers/CallFlows', { phone_numbers: [{ no }] });
  const path = `/v1/CallFlows/Configurations/PhoneNumbers/${no}`;
  const body = { callback: { url: 'http://127.0.0.1:9/x', method: 'POST' }, answer_on_ring: 1, custom_data: { a: 1 } };
  const configured = (await rest.put(path, body)).body;
  const before = { ...server.quickstart };
  equal(await server.stop(), 0, 'exit code');
  await server.start();
  equal(server.quickstart, before, 'key, account and numbers stay');
  equal((await rest.get(path)).body, configured, 'the configuration stays');
  equal((await search(rest, `search_by=prefixes&search_on=${no.slice(2)}`)).length, 0, 'it is for sale no more');
});
