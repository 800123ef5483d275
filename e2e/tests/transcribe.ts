/** What is said is written down: live, at the end of a call over a crash of the server, and of recordings. */
import { fieldsOf } from '../lib/callback-server.ts';
import { equal, matches, ok } from '../lib/check.ts';
import { needProgram } from '../lib/child.ts';
import { afterPrompt, collect, hangUp, say } from '../lib/flow.ts';
import { numberRunning } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { prompt } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import { ownServer, sharedServer } from '../lib/shared-server.ts';
import type { SippScenario } from '../lib/sipp-scenario.ts';
import { test } from '../lib/suite.ts';
import { FAR, farEnd, pickUpUntilTold, startSpeaking, transfer } from '../lib/transfer-parties.ts';
import { signingServer, WebhookReceiver } from '../lib/webhook-receiver.ts';

const SENTENCE = 'I would like to speak with the people who sell houses.';
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z]+/g) ?? [];
const HINTS = ['sales', 'support', 'letter', 'invoice'];
const PATIENT = { timeoutMs: 60_000, afterAck: (phone: SippScenario) => phone.expectBye(55_000) };

test('transcribe: live beside a COLLECT that listens too, and the whole over a crash of the server', {
  timeoutMs: 90_000,
}, async (t) => {
  needProgram('pocketsphinx_batch');
  const server = await signingServer(t);
  const receiver = await WebhookReceiver.open(t, (request) => fieldsOf(request).type === 'end_transcript');
  const params = {
    tracks: ['caller'],
    hints: HINTS,
    live_transcript_webhook: { url: receiver.url },
    end_transcript_webhook: { url: 'http://127.0.0.1:1/' },
    end_transcript_webhook_failover: { url: receiver.url },
  };
  const { user, number } = await numberRunning(t, server, [
    { type: 'TRANSCRIBE', params },
    collect('team', { input: ['speech'], hints: HINTS, timeout: 15_000 }, say('Sales or support?')),
    collect('go on', { num_digits: 1, timeout: 40_000 }),
    hangUp,
  ]);
  const { media, sipp } = await call(t, server, { to: number, ...PATIENT });
  await afterPrompt(media, await prompt('Sales or support?'));
  await media.say((await prompt('support', 'rms')).samples);
  await receiver.told('live_transcript');
  equal(user.ofType('end_call').length, 0, 'told while the call goes on');
  await media.say((await prompt('invoice', 'rms')).samples);
  await receiver.told('live_transcript', 2);
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
  for (const [i, piece] of receiver.ofType('live_transcript').entries()) {
    receiver.assertSigned(piece);
    const { type, call_id, track, sequence, transcript, is_final } = fieldsOf(piece);
    const wanted = { call_id: end.call_id, track: 'caller', sequence: i + 1, transcript: ['support', 'invoice'][i] };
    equal(
      { type, is_final, call_id, track, sequence, transcript },
      { type: 'live_transcript', is_final: true, ...wanted },
      'a piece',
    );
  }
  await receiver.told('end_transcript');
  const told = await receiver.toldAfterCrash(server, 'end_transcript');
  receiver.assertSigned(told);
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
  const receiver = await WebhookReceiver.open(t);
  const recording = { action: 'start', channels: 2, transcribe: true, recording_webhook: { url: receiver.url } };
  const { number } = await numberRunning(t, server, [
    { type: 'RECORD', name: 'all', params: recording },
    say('Who do you want to speak with?'),
    collect('go on', { num_digits: 1, timeout: 40_000 }),
    hangUp,
  ]);
  const { media, sipp } = await call(t, server, { to: number, ...PATIENT });
  await afterPrompt(media, await prompt('Who do you want to speak with?'));
  await media.say((await prompt(SENTENCE, 'rms')).samples);
  await media.press('1');
  await sipp.succeeded();
  const ready = fieldsOf(await receiver.told('recording_ready'));
  const { id } = ready.recording as { id: string };
  const told = await receiver.told('recording_transcript');
  const { type, app_id, subaccount_id, direction, caller_no, api_no, ...whole } = fieldsOf(told);
  equal(
    [type, whole.recording_id, whole.status, whole.error],
    ['recording_transcript', id, 'ready', null],
    'what is told',
  );
  const said = whole.transcripts as { track: string; transcript: string }[];
  equal([...new Set(said.map(({ track }) => track))].sort(), ['caller', 'heard'], 'the tracks');
  const words = (of: string) => said.flatMap(({ track, transcript }) => (track === of ? [transcript] : [])).join(' ');
  // Dictation without hints is not always understood to the last word.
  const understood = wordsOf(SENTENCE).filter((word) => wordsOf(words('caller')).includes(word));
  ok(understood.length >= wordsOf(SENTENCE).length - 2, `the words of the caller: ${words('caller')}`);
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
  const receiver = await WebhookReceiver.open(t);
  const { user, number } = await numberRunning(t, server, [
    { type: 'TRANSCRIBE', params: { hints: HINTS, end_transcript_webhook: { url: receiver.url } } },
    transfer({ no: FAR }),
    { type: 'TRANSCRIBE', params: { action: 'stop' } },
    collect('go on', { num_digits: 1, timeout: 40_000 }),
    hangUp,
  ]);
  const far = await farEnd(t, pickUpUntilTold, { isSilent: true });
  const near = await call(t, server, { to: number, ...PATIENT });
  await startSpeaking(far.sipp, far.media);
  await far.media.waitForPacket();
  await far.media.say((await prompt('invoice', 'rms')).samples);
  await near.media.say((await prompt('letter', 'rms')).samples);
  await far.sipp.tell();
  await far.sipp.succeeded();
  const told = await receiver.told('end_transcript');
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
