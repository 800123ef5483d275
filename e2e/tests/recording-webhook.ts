/** The webhook of a recording: told until it is taken, over a crash of the server too. */
import { assertHeard } from '../lib/audio.ts';
import { fieldsOf } from '../lib/callback-server.ts';
import { equal, ok } from '../lib/check.ts';
import { collect, hangUp, say } from '../lib/flow.ts';
import { numberRunning } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { prompts } from '../lib/prompts.ts';
import { fetchRecording } from '../lib/recordings.ts';
import { Rest } from '../lib/rest.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { tone } from '../lib/tones.ts';
import { signingServer, WebhookReceiver } from '../lib/webhook-receiver.ts';

test('recording webhook: the receiver fails, the server is killed, both come back and it is told once', {
  timeoutMs: 75_000,
}, async (t) => {
  const server = await signingServer(t);
  const receiver = await WebhookReceiver.open(t, () => true);
  const { user, number } = await numberRunning(t, server, [
    { type: 'RECORD', name: 'all', params: { action: 'start', channels: 2, recording_webhook: { url: receiver.url } } },
    { type: 'WAIT', params: { time: 1_500 } },
    { type: 'RECORD', name: 'all', params: { action: 'stop' } },
    collect('go on', { num_digits: 1, timeout: 40_000 }),
    hangUp,
  ]);
  const phone = await call(t, server, { to: number });
  void phone.media.say(tone(560, 10_000));
  const first = await receiver.told('recording_ready');
  equal(user.ofType('end_call').length, 0, 'told while the call goes on');
  await phone.media.press('1');
  await phone.sipp.succeeded();
  const end = fieldsOf(await user.first('end_call'));
  const refused = receiver.ofType('recording_ready').length;
  const told = await receiver.toldAfterCrash(server, 'recording_ready');
  equal(told.bodyText, first.bodyText, 'every attempt says the same');
  receiver.assertSigned(told);
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
  const { id, name, duration, channels } = recording as Record<string, unknown>;
  equal([{ name, id }], end.recordings, 'which recording');
  equal(channels, 2, 'channels');
  ok(Number(duration) > 500 && Number(duration) < 5_000, `duration ${duration} ms`);
  const callId = String(end.call_id);
  const { facts: known } = await fetchRecording(t, server, String(id));
  equal(known, recording, 'what the API says of it');
  const { events } = (await new Rest(server).get(`/v1/CallFlows/Logs/${encodeURIComponent(callId)}`)).body;
  const attempts = events.filter(({ data }: { data: { callback?: string } }) => data.callback === 'recording_ready');
  ok(attempts.length >= 2, `${attempts.length} attempts are in the log of the call`);
  equal(
    events.map(({ seq }: { seq: number }) => seq),
    events.map((_: unknown, index: number) => index + 1),
    'numbers of the log',
  );
  equal(receiver.ofType('recording_ready').length, refused + 1, 'told once');
});

test('recording webhook: the receiver fails, the failover is told the same, and nobody again', {
  timeoutMs: 60_000,
}, async (t) => {
  const server = await sharedServer();
  const first = await WebhookReceiver.open(t, () => true);
  const second = await WebhookReceiver.open(t);
  const webhooks = { recording_webhook: { url: first.url }, recording_webhook_failover: { url: second.url } };
  const { user, number } = await numberRunning(t, server, [
    { type: 'RECORD', name: 'all', params: { action: 'start', ...webhooks } },
    say('This call is recorded.'),
    { type: 'RECORD', name: 'all', params: { action: 'stop' } },
    collect('go on', { num_digits: 1, timeout: 40_000 }),
    hangUp,
  ]);
  const phone = await call(t, server, { to: number });
  const told = await second.told('recording_ready');
  equal(user.ofType('end_call').length, 0, 'told while the call goes on');
  const attempts = first.ofType('recording_ready');
  ok(attempts.length > 0, 'the first receiver was asked before');
  for (const { bodyText } of attempts) equal(told.bodyText, bodyText, 'both are told the same');
  await phone.media.press('1');
  await phone.sipp.succeeded();
  const { recordings } = fieldsOf(await user.first('end_call'));
  const { recording } = fieldsOf(told) as { recording: { id: string } };
  equal(recordings, [{ name: 'all', id: recording.id }], 'which recording');
  const { facts, channels } = await fetchRecording(t, server, recording.id);
  equal(facts, recording, 'what the API says of it');
  assertHeard(channels[0] ?? new Int16Array(), await prompts('This call is recorded.'));
  equal(
    [first.ofType('recording_ready').length, second.ofType('recording_ready').length],
    [attempts.length, 1],
    'nobody is told again',
  );
});
