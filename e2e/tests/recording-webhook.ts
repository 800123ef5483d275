/** The webhook of a recording: told until it is taken, over a crash of the server too. */
import { createHash, createHmac } from 'node:crypto';
import { CallbackServer, fieldsOf, type RecordedRequest } from '../lib/callback-server.ts';
import { equal, ok } from '../lib/check.ts';
import { actions, collect, hangUp } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { Rest } from '../lib/rest.ts';
import { ownServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { tone } from '../lib/tones.ts';

const KEY = 'a key for signatures';

function isSigned({ method, headers, bodyText }: RecordedRequest, url: string): boolean {
  const text = `${headers['x-voxology-timestamp']}.${method}.${url}.${bodyText}`;
  return headers['x-voxology-signature'] === `v1=${createHmac('sha256', KEY).update(text).digest('hex')}`;
}

test('recording webhook: the receiver fails, the server is killed, both come back and it is told once', {
  timeoutMs: 75_000,
}, async (t) => {
  const server = await ownServer(t, { config: { callbacks: { retries: 1, signature_key: KEY } } });
  let isWell = false;
  const receiver = await CallbackServer.open(t, () => ({ status: isWell ? 204 : 503 }));
  const user = await CallbackServer.open(t, [
    actions(
      {
        type: 'RECORD',
        name: 'all',
        params: { action: 'start', channels: 2, recording_webhook: { url: receiver.url } },
      },
      { type: 'WAIT', params: { duration: 1_500 } },
      { type: 'RECORD', name: 'all', params: { action: 'stop' } },
      collect('go on', { num_digits: 1, timeout: 40_000 }),
      hangUp,
    ),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, { to: number });
  void phone.media.say(tone(560, 10_000));
  const [first] = await receiver.waitFor(1, { type: 'recording_ready', timeoutMs: 25_000 });
  equal(user.ofType('end_call').length, 0, 'told while the call goes on');
  await phone.media.press('1');
  await phone.sipp.succeeded();
  const end = fieldsOf(await user.first('end_call'));
  await server.kill9();
  isWell = true;
  const refused = receiver.requests.length;
  await server.start();
  const told = (await receiver.waitFor(refused + 1, { timeoutMs: 30_000 })).at(-1);
  if (told === undefined || first === undefined) throw new Error('the receiver was not told');
  equal(told.bodyText, first.bodyText, 'every attempt says the same');
  ok(isSigned(told, `${receiver.url}/`), 'it is signed');
  const { recording, ...facts } = fieldsOf(told);
  equal(
    facts,
    {
      type: 'recording_ready',
      app_id: end.app_id,
      subaccount_id: '0',
      call_id: end.call_id,
      direction: 'inbound',
      caller_no: server.quickstart.sip_user_no,
      api_no: number,
    },
    'what is told of the call',
  );
  const { http_url: base, api_key: key } = server.quickstart;
  const { id, name, sha256, bytes, duration, channels, audio } = recording as Record<string, unknown>;
  equal([{ name, id }], end.recordings, 'which recording');
  equal(channels, 2, 'channels');
  ok(Number(duration) > 500 && Number(duration) < 5_000, `duration ${duration} ms`);
  const sound = await fetch(`${base}${audio}`, { headers: { 'X-API-Key': key } });
  const file = Buffer.from(await sound.arrayBuffer());
  equal([file.length, createHash('sha256').update(file).digest('hex')], [bytes, sha256], 'the file at the link');
  const callId = String(end.call_id);
  const rest = new Rest(server);
  const { body: known } = await rest.get(`/v1/Recordings/${encodeURIComponent(String(id))}`);
  equal(known, recording, 'what the API says of it');
  const { events } = (await rest.get(`/v1/CallFlows/Logs/${encodeURIComponent(callId)}`)).body;
  const attempts = events.filter(({ data }: { data: { callback?: string } }) => data.callback === 'recording_ready');
  ok(attempts.length >= 2, `${attempts.length} attempts are in the log of the call`);
  equal(
    events.map(({ seq }: { seq: number }) => seq),
    events.map((_: unknown, index: number) => index + 1),
    'numbers of the log',
  );
  equal(receiver.requests.length, refused + 1, 'told once');
});
