/** A phone in a real browser: JsSIP over a WebSocket (RFC 7118), WebRTC for the sound. */
import { writeFileSync } from 'node:fs';
import { findPromptInPieces, LINE_RATE_HZ } from '../lib/audio.ts';
import { until } from '../lib/bounded.ts';
import { BrowserPhone, MICROPHONE_HZ } from '../lib/browser-phone.ts';
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { equal, matches, ok } from '../lib/check.ts';
import type { TestContext } from '../lib/context.ts';
import { ffmpegDecode } from '../lib/ffmpeg.ts';
import { actions, collect, fill, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { prompt } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import type { Server } from '../lib/server.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { shareOf } from '../lib/tone.ts';

/** Through Opus or G.711 and the browser's own jitter buffer, which bends time a little. */
const SAME_SPEECH = 0.8;

async function heardSentence(phone: BrowserPhone, text: string): Promise<void> {
  const { samples } = await prompt(text);
  const { correlation } = findPromptInPieces(await phone.heard(), samples);
  ok(correlation > SAME_SPEECH, `the browser heard "${text}" (correlation ${correlation.toFixed(2)})`);
}

/** What the far side said in a recording, fetched as a user would. */
async function recordedSound(t: TestContext, server: Server, id: string): Promise<Int16Array> {
  const { http_url: base, api_key: key } = server.quickstart;
  await until(
    'the recording is ready',
    async () => {
      const { body } = await new Rest(server).get(`/v1/Recordings/${id}`);
      return body.status === 'ready' || undefined;
    },
    10_000,
  );
  const response = await fetch(`${base}/v1/Recordings/${id}/Audio`, { headers: { 'X-API-Key': key } });
  equal(response.status, 200, 'status of the audio');
  const path = t.file('recording.wav');
  writeFileSync(path, Buffer.from(await response.arrayBuffer()));
  const [sound = new Int16Array(0)] = await ffmpegDecode(path);
  return sound;
}

test('browser: registers, calls hello-world and hears it', { timeoutMs: 90_000, uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const phone = await BrowserPhone.open(t, server);
  await phone.register();
  await phone.call(server.quickstart.number);
  await phone.reaches('confirmed');
  await phone.hears();
  await phone.reaches('ended by remote');
  const expected = ['connected', 'registered', 'progress', 'accepted', 'confirmed', 'ended by remote'];
  equal(await phone.states(), expected, 'states');
  await heardSentence(phone, 'Hello, world.');
  equal(phone.tab.errors, [], 'errors in the page');
});

test('browser: has connected anew, and hears that we hang up', { timeoutMs: 90_000, uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [actions({ type: 'WAIT', params: { time: 60 } }), { status: 200 }]);
  const number = await newNumber(server, { url: user.url });
  const phone = await BrowserPhone.open(t, server);
  await phone.register();
  await phone.call(number);
  await phone.reaches('confirmed');
  await phone.reconnect();
  const rest = new Rest(server);
  const { live_calls: calls } = (await rest.get('/v1/LiveCalls')).body;
  const { call_id: id } = calls.find((one: { api_no: string }) => one.api_no === number);
  equal((await rest.post(`/v1/LiveCalls/${encodeURIComponent(id)}/Actions/HangUp`, {})).status, 200, 'hang up');
  await phone.reaches('ended by remote');
});

for (const how of ['RFC2833', 'INFO'] as const) {
  test(`browser: keys by ${how}, and hangs up`, { timeoutMs: 90_000, uses: ['sip-user'] }, async (t) => {
    const server = await sharedServer();
    const user = await CallbackServer.open(t, [
      actions(collect('k', { num_digits: 2, timeout: 30_000 }), say(`You pressed ${fill('keyPresses')}.`)),
      actions({ type: 'WAIT', params: { time: 60_000 } }),
      { status: 200 },
    ]);
    const phone = await BrowserPhone.open(t, server);
    await phone.register();
    await phone.call(await newNumber(server, { url: user.url }));
    await phone.reaches('confirmed');
    await phone.press('4', how);
    await phone.press('#', how);
    const live = fieldsOf(await user.first('live_call'));
    equal(live.key_presses, [{ name: 'k', digits: '4#' }], 'key_presses');
    await phone.hangUp();
    const end = fieldsOf(await user.first('end_call'));
    const row = await new Rest(server).callLog(String(end.call_id));
    equal([row.status, row.hangup_end], ['completed', 'caller'], 'status and hangup_end');
    equal((await phone.states()).at(-1), 'ended by local', 'the last state');
  });
}

test('browser: is rung by Make Call, answers and is heard', { timeoutMs: 90_000, uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const { sip_user_no: no } = server.quickstart;
  const user = await CallbackServer.open(t, [
    actions(
      { type: 'RECORD', name: 'voice', params: { action: 'start', channels: 2 } },
      say('Good morning.'),
      { type: 'WAIT', params: { time: 1_000 } },
      hangUp,
    ),
    { status: 200 },
  ]);
  const callerIdNo = await newNumber(server, { url: user.url });
  const phone = await BrowserPhone.open(t, server);
  await phone.register();
  const rest = new Rest(server);
  const callId = await rest.makeCall({ call: { no, caller_id_no: callerIdNo } });
  await phone.reaches(`called by \\${callerIdNo}`);
  await phone.answer();
  await phone.reaches('confirmed');
  await phone.hears();
  await phone.reaches('ended by remote');
  await heardSentence(phone, 'Good morning.');
  const row = await rest.callLog(callId);
  equal([row.status, row.hangup_end], ['completed', 'api'], 'status and hangup_end');
  const [recording] = fieldsOf(await user.first('end_call')).recordings as { id: string }[];
  const voice = await recordedSound(t, server, recording?.id ?? '');
  const middle = voice.subarray(LINE_RATE_HZ, LINE_RATE_HZ * 1.5);
  ok(shareOf(MICROPHONE_HZ, middle, LINE_RATE_HZ) > 0.9, 'the microphone is what was recorded');
  equal(phone.tab.errors, [], 'errors in the page');

  // Whoever leaves the page is a phone no more, although its registration has not run out.
  await phone.tab.goTo(server.quickstart.http_url);
  await phone.tab.until('the page is left', `document.title !== 'Phone'`);
  const again = await rest.makeCall({ call: { no, caller_id_no: callerIdNo }, timeout: 10 });
  const missed = await rest.callLog(again, 5_000);
  equal(missed.status, 'no-answer', 'status afterwards');
  // The second when its connection was just about to close.
  matches(String(missed.error), /^(No phone is registered|the request could not be sent)/, 'error afterwards');
});

test('browser: a wrong password does not register', { timeoutMs: 60_000, uses: ['sip-user'] }, async (t) => {
  const phone = await BrowserPhone.open(t, await sharedServer());
  await phone.register('wrong');
  matches((await phone.states()).join(), /^connected,registrationFailed: /, 'states');
});
