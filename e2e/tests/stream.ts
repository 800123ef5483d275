/** STREAM: the call's sound to a voice agent over a WebSocket, and back. */
import { assertHeard } from '../lib/audio.ts';
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { equal, matches, ok } from '../lib/check.ts';
import { actions, afterPrompt, fill, hangUp, say } from '../lib/flow.ts';
import { ulawDecode, ulawEncode } from '../lib/g711.ts';
import { newNumber } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { prompt, prompts } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { type StreamMessage, StreamServer } from '../lib/stream-server.ts';
import { test } from '../lib/suite.ts';
import { assertHearsTones, assertTones, levelDb, listen, tone, waitForTone } from '../lib/tones.ts';

const CALLER_HZ = 560;
const AGENT_HZ = 1060;

const stream = (params: Record<string, unknown>) => ({ type: 'STREAM', params });

function base64Of(samples: Int16Array): string {
  return Buffer.from(Uint8Array.from(samples, (sample) => ulawEncode(sample))).toString('base64');
}

function samplesOf(payloads: readonly unknown[]): Int16Array {
  const bytes = Buffer.concat(payloads.map((payload) => Buffer.from(String(payload), 'base64')));
  return Int16Array.from(bytes, (octet) => ulawDecode(octet));
}

test('stream: a voice agent made for Twilio Media Streams talks with the caller', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const agent = await StreamServer.open(t);
  const user = await CallbackServer.open(t, [
    actions(
      stream({ url: agent.url, protocol: 'twilio', bidirectional: true, stream_data: { tenant: 'acme' } }),
      say(`The agent said ${fill('streamStatus')}.`),
      hangUp,
    ),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, { to: number, timeoutMs: 50_000, afterAck: (s) => s.expectBye(45_000) });
  void phone.media.say(tone(CALLER_HZ, 6_000));
  const { start } = await agent.waitFor('event', 'start');
  const init = fieldsOf(await user.first('init_call'));
  const { callSid, tracks, customParameters, mediaFormat } = start as StreamMessage;
  equal(
    [callSid, tracks, customParameters, mediaFormat],
    [init.call_id, ['inbound'], { tenant: 'acme' }, { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 }],
    'start',
  );
  await agent.waitFor('event', 'media', 75);
  const media = agent.of('event', 'media').slice(25, 75);
  const heard = samplesOf(media.map((message) => (message.media as StreamMessage).payload));
  assertTones('the agent', heard, [CALLER_HZ]);
  const times = media.map((message) => Number((message.media as StreamMessage).timestamp));
  ok(
    times.every((time, i) => i === 0 || Math.abs(time - (times[i - 1] ?? 0) - 20) <= 1),
    `20 ms between the timestamps: ${times}`,
  );
  const { streamSid } = media[0] ?? {};
  const speak = (ms: number) =>
    agent.send({ event: 'media', streamSid, media: { payload: base64Of(tone(AGENT_HZ, ms)) } });
  for (let i = 0; i < 6; i++) speak(500);
  agent.send({ event: 'mark', streamSid, mark: { name: 'end of turn' } });
  await waitForTone(phone.media, AGENT_HZ);
  await assertHearsTones(phone.media, 'the caller', [AGENT_HZ], 400);
  equal((await agent.waitFor('event', 'mark')).mark, { name: 'end of turn' }, 'the mark comes back');
  speak(20_000);
  await waitForTone(phone.media, AGENT_HZ, phone.media.heard().length);
  agent.send({ event: 'clear', streamSid });
  await listen(phone.media, 200);
  const after = await listen(phone.media, 400);
  ok(levelDb(after, AGENT_HZ) < -60, 'clear silences the agent');
  await phone.media.press('7');
  equal((await agent.waitFor('event', 'dtmf')).dtmf, { track: 'inbound_track', digit: '7' }, 'the key');
  const from = phone.media.heard().length;
  agent.close();
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard().subarray(from), await prompts('The agent said completed.'));
});

test('stream: both directions are copied in our own messages while the flow goes on', {
  timeoutMs: 60_000,
}, async (t) => {
  const server = await sharedServer();
  const agent = await StreamServer.open(t);
  const user = await CallbackServer.open(t, [
    actions(
      stream({ url: agent.url, name: 'copy', tracks: ['far', 'near'], codec: 'l16', sample_rate: 16_000 }),
      say('This is copied to somebody else as well.'),
      stream({ action: 'stop', name: 'copy' }),
      say('And this is not.'),
      hangUp,
    ),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, { to: number });
  void phone.media.say(tone(CALLER_HZ, 8_000));
  await phone.sipp.succeeded();
  const text = ['This is copied to somebody else as well.', 'And this is not.'];
  assertHeard(phone.media.heard(), await prompts(...text));
  await agent.waitFor('type', 'end_stream');
  const [begin] = agent.of('type', 'start_stream');
  equal(
    [begin?.stream_name, begin?.tracks, begin?.media_format],
    ['copy', ['far', 'near'], { codec: 'l16', sample_rate: 16_000, channels: 1 }],
    'start_stream',
  );
  const track = (name: string) => {
    const payloads = agent.of('type', 'live_track').filter((message) => message.name === name);
    const bytes = Buffer.concat(payloads.map(({ media }) => Buffer.from(String(media), 'base64')));
    // Every second sample: 8 kHz again.
    return Int16Array.from({ length: bytes.length >> 2 }, (_, i) => bytes.readInt16LE(i * 4));
  };
  const far = track('far');
  assertTones('the copy', far.subarray(4_000, 12_000), [CALLER_HZ]);
  assertHeard(track('near'), await prompts(text[0] ?? ''));
  ok(agent.closed, 'the WebSocket is closed');
});

test('stream: a key ends it, or its longest time; events tell of its start, its end and what went wrong', async (t) => {
  const server = await sharedServer();
  const agent = await StreamServer.open(t);
  const bidirectional = { url: agent.url, bidirectional: true };
  const keep = (name: string) => ({ [`$sessionData.${name}`]: '$streamStatus' });
  const user = await CallbackServer.open(t, [
    actions(
      {
        ...stream({ ...bidirectional, name: 'one', finish_on_key: '#' }),
        events: { on_start: [say('Go ahead.')], on_end: [say('One is over.')] },
      },
      keep('one'),
      stream({ ...bidirectional, name: 'two', max_time: 1_000 }),
      keep('two'),
      {
        ...stream({ ...bidirectional, name: 'three', url: 'ws://10.0.0.1/' }),
        events: { on_error: [{ '$sessionData.reason': '$reason' }, say('Nobody is there.')] },
      },
      keep('three'),
      hangUp,
    ),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, { to: number });
  await afterPrompt(phone.media, await prompt('Go ahead.'));
  await phone.media.press('1');
  await phone.media.press('#');
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts('Go ahead.', 'One is over.', 'Nobody is there.'));
  const { reason, ...outcomes } = fieldsOf(await user.first('end_call')).session_data as StreamMessage;
  equal(outcomes, { one: 'completed', two: 'completed', three: 'failed' }, 'how they ended');
  matches(String(reason), /not a public address/, 'why the third failed');
  const began = agent.of('type', 'start_stream').map(({ stream_name: name }) => name);
  equal(began, ['one', 'two'], 'the streams that the agent had');
  await agent.waitFor('type', 'end_stream', 2);
});

test('stream: an address that nobody answers is told in the log, and the flow goes on', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [
    actions(stream({ url: 'ws://10.0.0.1/', bidirectional: true }), say(`It ${fill('streamStatus')}.`), hangUp),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, { to: number });
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts('It failed.'));
  const end = fieldsOf(await user.first('end_call'));
  matches(await new Rest(server).flowLogText(String(end.call_id)), /not a public address/, 'the reason in the log');
});
