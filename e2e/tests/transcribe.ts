/** What is said is written down: live, at the end of a call over a crash of the server, and of recordings. */
import { createHmac } from 'node:crypto';
import { CallbackServer, fieldsOf, type RecordedRequest } from '../lib/callback-server.ts';
import { equal, matches, ok } from '../lib/check.ts';
import { needProgram } from '../lib/child.ts';
import { actions, afterPrompt, collect, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { prompt } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import { ownServer, sharedServer } from '../lib/shared-server.ts';
import type { SippScenario } from '../lib/sipp-scenario.ts';
import { test } from '../lib/suite.ts';
import { FAR, farEnd, pickUp, transfer, transferringNumber } from '../lib/transfer-parties.ts';

const KEY = 'a key for signatures';
const HINTS = ['sales', 'support', 'letter', 'invoice'];
const PATIENT = { timeoutMs: 60_000, afterAck: (phone: SippScenario) => phone.expectBye(55_000) };

function isSigned({ method, headers, bodyText }: RecordedRequest, url: string): boolean {
  const text = `${headers['x-voxology-timestamp']}.${method}.${url}.${bodyText}`;
  return headers['x-voxology-signature'] === `v1=${createHmac('sha256', KEY).update(text).digest('hex')}`;
}

test('transcribe: live beside a COLLECT that listens too, and the whole over a crash of the server', {
  timeoutMs: 90_000,
}, async (t) => {
  needProgram('pocketsphinx_batch');
  const server = await ownServer(t, { config: { callbacks: { retries: 1, signature_key: KEY } } });
  let isWell = false;
  const receiver = await CallbackServer.open(t, ({ bodyText }) => ({
    status: isWell || bodyText.includes('"live_transcript"') ? 204 : 503,
  }));
  const params = {
    tracks: ['caller'],
    hints: HINTS,
    live_transcript_webhook: { url: receiver.url },
    end_transcript_webhook: { url: 'http://127.0.0.1:1/' },
    end_transcript_webhook_failover: { url: receiver.url },
  };
  const user = await CallbackServer.open(t, [
    actions(
      { type: 'TRANSCRIBE', params },
      collect('team', { input: ['speech'], hints: HINTS, timeout: 15_000 }, say('Sales or support?')),
      collect('go on', { num_digits: 1, timeout: 40_000 }),
      hangUp,
    ),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const { media, sipp } = await call(t, server, { to: number, ...PATIENT });
  await afterPrompt(media, await prompt('Sales or support?'));
  await media.say((await prompt('support', 'rms')).samples);
  await receiver.waitFor(1, { type: 'live_transcript', timeoutMs: 25_000 });
  equal(user.ofType('end_call').length, 0, 'told while the call goes on');
  await media.say((await prompt('invoice', 'rms')).samples);
  const pieces = await receiver.waitFor(2, { type: 'live_transcript', timeoutMs: 25_000 });
  await media.press('1');
  await sipp.succeeded();
  const end = fieldsOf(await user.first('end_call'));
  equal(
    end.key_presses,
    [
      { name: 'team', digits: '', speech: 'support' },
      { name: 'go on', digits: '1' },
    ],
    'COLLECT understood the caller too',
  );
  for (const [i, piece] of pieces.entries()) {
    ok(isSigned(piece, `${receiver.url}/`), 'a live piece is signed');
    const { type, call_id, track, sequence, transcript, is_final } = fieldsOf(piece);
    const wanted = { call_id: end.call_id, track: 'caller', sequence: i + 1, transcript: ['support', 'invoice'][i] };
    equal(
      { type, is_final, call_id, track, sequence, transcript },
      { type: 'live_transcript', is_final: true, ...wanted },
      'a piece',
    );
  }
  await receiver.waitFor(1, { type: 'end_transcript', timeoutMs: 25_000 });
  await server.kill9();
  isWell = true;
  const refused = receiver.ofType('end_transcript').length;
  await server.start();
  const told = (await receiver.waitFor(refused + 1, { type: 'end_transcript', timeoutMs: 40_000 })).at(-1);
  if (told === undefined) throw new Error('the receiver was not told');
  ok(isSigned(told, `${receiver.url}/`), 'the whole is signed');
  const { type, app_id, subaccount_id, direction, caller_no, api_no, ...whole } = fieldsOf(told);
  equal([type, app_id, subaccount_id, direction], ['end_transcript', end.app_id, '0', 'inbound'], 'the call');
  equal([caller_no, api_no], [server.quickstart.sip_user_no, number], 'the numbers');
  const said = whole.transcripts as Record<string, string>[];
  equal(
    [whole.status, whole.error, said.map(({ transcript }) => transcript)],
    ['ready', null, ['support', 'invoice']],
    'the words',
  );
  for (const { start_time, end_time } of said) {
    const [from, to] = [Date.parse(String(start_time)), Date.parse(String(end_time))];
    ok(to > from && to - from < 2_000, `a word takes ${to - from} ms`);
    ok(from > Date.parse(String(end.start_time)) && to < Date.parse(String(end.end_time)), 'within the call');
  }
  const callId = encodeURIComponent(String(end.call_id));
  const { body } = await new Rest(server).get(`/v1/CallFlows/Transcripts/${callId}`);
  equal(body, { transcripts: [whole] }, 'what the API says');
  ok(!server.output().includes('invoice'), 'no words in the server’s log');
});

test('transcribe: a recording is written down after its end, and its webhook is told', {
  timeoutMs: 90_000,
}, async (t) => {
  needProgram('pocketsphinx_batch');
  const server = await ownServer(t, {});
  const receiver = await CallbackServer.open(t, () => ({ status: 204 }));
  const recording = { action: 'start', channels: 2, transcribe: true, recording_webhook: { url: receiver.url } };
  const user = await CallbackServer.open(t, [
    actions(
      { type: 'RECORD', name: 'all', params: recording },
      say('Who do you want to speak with?'),
      collect('go on', { num_digits: 1, timeout: 40_000 }),
      hangUp,
    ),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const { media, sipp } = await call(t, server, { to: number, ...PATIENT });
  await afterPrompt(media, await prompt('Who do you want to speak with?'));
  await media.say((await prompt('I would like to speak with the people who sell houses.', 'rms')).samples);
  await media.press('1');
  await sipp.succeeded();
  const ready = fieldsOf(await receiver.first('recording_ready'));
  const { id } = ready.recording as { id: string };
  const [told] = await receiver.waitFor(1, { type: 'recording_transcript', timeoutMs: 40_000 });
  if (told === undefined) throw new Error('the receiver was not told');
  const { type, app_id, subaccount_id, direction, caller_no, api_no, ...whole } = fieldsOf(told);
  equal(
    [type, whole.recording_id, whole.status, whole.error],
    ['recording_transcript', id, 'ready', null],
    'what is told',
  );
  const said = whole.transcripts as { track: string; transcript: string }[];
  equal([...new Set(said.map(({ track }) => track))].sort(), ['caller', 'heard'], 'the tracks');
  const words = (of: string) => said.flatMap(({ track, transcript }) => (track === of ? [transcript] : [])).join(' ');
  matches(words('caller'), /people who sell houses/, 'the words of the caller');
  matches(words('heard'), /want to|speak/, 'the words that the caller heard');
  const rest = new Rest(server);
  const path = `/v1/Recordings/${encodeURIComponent(id)}/Transcript`;
  equal((await rest.get(path)).body, whole, 'what the API says of it');
});

test('transcribe: caller and who a transfer reaches are tracks of their own, until it is stopped', {
  uses: ['trunk'],
  timeoutMs: 60_000,
}, async (t) => {
  needProgram('pocketsphinx_batch');
  const server = await sharedServer();
  const receiver = await CallbackServer.open(t, () => ({ status: 204 }));
  const { user, number } = await transferringNumber(t, server, [
    { type: 'TRANSCRIBE', params: { hints: HINTS, end_transcript_webhook: { url: receiver.url } } },
    transfer({ no: FAR }),
    { type: 'TRANSCRIBE', params: { action: 'stop' } },
    collect('go on', { num_digits: 1, timeout: 40_000 }),
    hangUp,
  ]);
  const far = await farEnd(t, pickUp(8_000), { isSilent: true });
  const near = await call(t, server, { to: number, ...PATIENT });
  const { words } = await far.sipp.event('media', 25_000);
  far.media.start(words[0] ?? '', Number(words[1]));
  await far.media.waitForPacket();
  await far.media.say((await prompt('invoice', 'rms')).samples);
  await near.media.say((await prompt('letter', 'rms')).samples);
  await far.sipp.succeeded();
  const [told] = await receiver.waitFor(1, { type: 'end_transcript', timeoutMs: 25_000 });
  if (told === undefined) throw new Error('the receiver was not told');
  equal(user.ofType('end_call').length, 0, 'told while the call goes on');
  await near.media.press('1');
  await near.sipp.succeeded();
  const said = fieldsOf(told).transcripts as { track: string; transcript: string }[];
  const wanted = [
    { track: 'transfer', transcript: 'invoice' },
    { track: 'caller', transcript: 'letter' },
  ];
  equal(
    said.map(({ track, transcript }) => ({ track, transcript })),
    wanted,
    'who said what',
  );
});
