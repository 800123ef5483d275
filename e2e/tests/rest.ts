/** The REST methods as a client program sees them. */

import { assertHeard } from '../lib/audio.ts';
import { CallbackServer } from '../lib/callback-server.ts';
import { equal, matches, ok } from '../lib/check.ts';
import { actions, hangUp, say } from '../lib/flow.ts';
import { newNumber, unusedNumber } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { prompts } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

test('rest: search, buy, read and configure a number, raw + and %2B, then call it', async (t) => {
  const server = await sharedServer();
  const rest = new Rest(server);
  const found = await rest.get('/v1/PhoneNumbers/Available?capabilities=voice&max_results=5&state');
  equal(found.status, 200, 'search');
  equal(found.body.error, undefined, 'no error key');
  ok(found.body.phone_numbers.length > 0 && found.body.phone_numbers.length <= 5, 'one to five numbers');
  for (const row of found.body.phone_numbers) {
    matches(row.no, /^\+1\d{3}55501\d\d$/, 'no (sandbox range)');
    matches(row.formatted, /^\(\d{3}\) 555-01\d\d$/, 'formatted');
    ok(!Number.isNaN(Date.parse(row.estimated_active_date)), 'estimated_active_date is a date');
  }
  const no = await unusedNumber(server);
  const bought = await rest.post('/v1/PhoneNumbers/CallFlows', { phone_numbers: [{ no }, { no: '+19999999999' }] });
  equal(bought.status, 200, 'buying, one of two does not exist');
  equal(
    bought.body.phone_numbers.map((row: { no: string; status: string }) => [row.no, row.status]),
    [
      [no, 'success'],
      ['+19999999999', 'error'],
    ],
    'per number',
  );
  for (const path of [`/v1/PhoneNumbers/${no}`, `/v1/PhoneNumbers/${encodeURIComponent(no)}`]) {
    const read = await rest.get(path);
    equal(read.status, 200, path);
    ok(Array.isArray(read.body.capabilities), 'capabilities is a list');
    ok(
      read.body.capabilities.some((one: string) => one.startsWith('voice')),
      'voice is one of them',
    );
  }
  const left = await rest.get('/v1/PhoneNumbers/Available?max_results=200');
  ok(!left.body.phone_numbers.some((row: { no: string }) => row.no === no), 'a bought number is for sale no more');

  const user = await CallbackServer.open(t, [
    actions(say('First.'), hangUp),
    { status: 200 },
    actions(say('Second.'), hangUp),
    { status: 200 },
  ]);
  const body = { callback: { url: user.url, method: 'POST', content_type: 'application/json' }, answer_on_ring: 0 };
  for (const [segment, sentence] of [
    [no, 'First.'],
    [encodeURIComponent(no), 'Second.'],
  ] as const) {
    const put = await rest.put(`/v1/CallFlows/Configurations/PhoneNumbers/${segment}`, body);
    equal(put.status, 200, `PUT with ${segment}`);
    const phone = await call(t, server, { to: no });
    await phone.sipp.succeeded();
    assertHeard(phone.media.heard(), await prompts(sentence));
  }
});

test('rest: errors have a status and a message, keys are asked for', async () => {
  const server = await sharedServer();
  const rest = new Rest(server);
  const missing = '/v1/CallFlows/Configurations/PhoneNumbers/%2B19999999999';
  const body = { callback: { url: 'http://127.0.0.1:9/', method: 'POST' } };
  for (const [what, answer, status] of [
    ['unknown number', await rest.put(missing, body), 404],
    ['unknown call', await rest.get('/v1/History/Logs/Calls/nobody@nowhere'), 404],
    ['unknown call’s flow log', await rest.get('/v1/CallFlows/Logs/nobody@nowhere'), 404],
    ['no such path', await rest.get('/v1/Nothing'), 404],
    ['wrong key', await new Rest(server, 'wrong').get('/v1/PhoneNumbers/Available'), 401],
  ] as const) {
    equal(answer.status, status, what);
    equal(answer.body.status, status, `${what}: status in the body`);
    matches(answer.body.message, /./, `${what}: message`);
  }
  const broken = await fetch(`${server.quickstart.http_url.replace(/\/$/, '')}/v1/Dials/Connect`, {
    method: 'POST',
    headers: { 'X-API-Key': server.quickstart.api_key, 'content-type': 'application/json' },
    body: '{"call":',
  });
  equal(broken.status, 400, 'broken JSON');
  matches(((await broken.json()) as { message?: string }).message, /JSON/i, 'broken JSON: message');
});

test('rest: the start page, OpenAPI document and reference are served', async () => {
  const { http_url: base } = (await sharedServer()).quickstart;
  const document = (await (await fetch(new URL('/openapi.json', base))).json()) as { paths?: Record<string, unknown> };
  for (const path of ['/v1/Dials/Connect', '/v1/PhoneNumbers/Available', '/v1/History/Logs/Calls/{call_id}']) {
    ok(Object.keys(document.paths ?? {}).includes(path), `${path} is documented`);
  }
  for (const path of ['/', '/reference']) {
    const page = await fetch(new URL(path, base));
    equal(page.status, 200, path);
    matches(page.headers.get('content-type') ?? '', /html/, `${path} is a page`);
  }
});

test('rest: how the sound of a call is, while it is up, in its record and for Prometheus', async (t) => {
  const server = await sharedServer();
  const rest = new Rest(server);
  const user = await CallbackServer.open(t, [actions(say('Hello.'), { type: 'WAIT', params: { time: 20 } })]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, { to: number, afterAck: (scenario) => scenario.untilTold().bye() });
  await phone.media.waitForHeard(8_000);
  const { live_calls: calls } = (await rest.get('/v1/LiveCalls')).body;
  const { call_id: id } = calls.find((one: { api_no: string }) => one.api_no === number);
  const path = encodeURIComponent(id);
  const live = await rest.get(`/v1/LiveCalls/${path}`);
  equal([live.status, live.body.streams], [200, []], 'the live call');
  const { packets_sent: sent, packets_received: received } = live.body.audio;
  ok(sent > 25 && received > 25, `after a second ${sent} packets are sent and ${received} received`);
  await phone.media.waitForHeard(2 * 8_000);
  await phone.sipp.tell();
  await phone.sipp.succeeded();
  const { audio } = (await rest.callLog(id)) as { audio: typeof live.body.audio };
  ok(audio.packets_sent > sent && audio.packets_received > received, 'there are more at the end');
  equal([audio.packets_lost, audio.loss_percent, audio.one_way, audio.issues], [0, 0, false, []], 'nothing is wrong');
  ok(audio.mos > 4 && audio.mos <= 4.5, `MOS of G.711 without loss: ${audio.mos}`);
  ok(audio.silence_ratio_in > 0.9, 'the phone was silent');
  ok(audio.first_packet_out_ms < 200, 'we spoke at once');
  equal((await rest.get(`/v1/LiveCalls/${path}`)).status, 404, 'it is live no more');
  const metrics = await (await fetch(new URL('/metrics', server.quickstart.http_url))).text();
  matches(metrics, /voxology_call_mos_count [1-9]/, 'calls by MOS');
  matches(metrics, /voxology_calls_one_way_audio_total \d/, 'calls with one-way audio');
});
