/** `record` of TRANSFER and CONFERENCE: who spoke is in whose channel, and what was said is written down with hints. */
import { fieldsOf } from '../lib/callback-server.ts';
import { equal, matches, ok } from '../lib/check.ts';
import { needProgram } from '../lib/child.ts';
import { hangUp } from '../lib/flow.ts';
import { numberRunning } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { prompt } from '../lib/prompts.ts';
import { fetchAudio, fetchRecording, type RecordingEntry } from '../lib/recordings.ts';
import { Rest } from '../lib/rest.ts';
import type { RtpPeer } from '../lib/rtp-peer.ts';
import type { Server } from '../lib/server.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { levelDb, tone } from '../lib/tones.ts';
import { CALLER_HZ, ended, FAR, FAR_HZ, farEnd, startSpeaking, transfer } from '../lib/transfer-parties.ts';
import { WebhookReceiver } from '../lib/webhook-receiver.ts';

const HINTS = ['letter', 'invoice'];
const PIECE_SAMPLES = 400;
const PATIENT_MS = 60_000;

/** A word, a pause that ends it, a tone. */
async function speaks(media: RtpPeer, word: string, frequencyHz: number): Promise<void> {
  await media.say((await prompt(word, 'rms')).samples);
  await media.say(new Int16Array(8_000));
  await media.say(tone(frequencyHz, 2_000));
}

/** This tone is in the channel for most of the time it was sent, the other is not: words sound like it for a moment only. */
function assertTone(who: string, channel: Int16Array | undefined, frequencyHz: number, otherHz: number): void {
  const samples = channel ?? new Int16Array(0);
  const pieces = Array.from({ length: Math.floor(samples.length / PIECE_SAMPLES) }, (_, i) =>
    samples.subarray(i * PIECE_SAMPLES, (i + 1) * PIECE_SAMPLES),
  );
  const heard = pieces.filter((piece) => Math.abs(levelDb(piece, frequencyHz)) < 2).length;
  ok(heard > 25, `${frequencyHz} Hz is on the channel of ${who}: in ${heard} of ${pieces.length} pieces of 50 ms`);
  const strange = pieces.filter((piece) => levelDb(piece, otherHz) > -20).length;
  ok(strange < 5, `${otherHz} Hz is not on the channel of ${who}: in ${strange} of ${pieces.length} pieces of 50 ms`);
}

/** The recording is ready, the right party in the right channel, and its transcript says who said what. */
async function assertRecorded(
  t: Parameters<typeof fetchRecording>[0],
  server: Server,
  receiver: WebhookReceiver,
  { name, format }: { name: string; format: string },
): Promise<RecordingEntry> {
  const { id, audio } = fieldsOf(await receiver.told('recording_ready')).recording as { id: string; audio: string };
  const { facts, channels } = await fetchRecording(t, server, id);
  equal([facts.name, facts.status, facts.format, facts.channels], [name, 'ready', format, 2], 'facts');
  equal(channels.length, 2, 'channels of the file');
  assertTone('the caller', channels[0], CALLER_HZ, FAR_HZ);
  assertTone('the other party', channels[1], FAR_HZ, CALLER_HZ);
  const part = await fetchAudio(server, audio, { range: 'bytes=100-199' });
  equal(
    [part.status, part.file.length, part.headers.get('content-range')],
    [206, 100, `bytes 100-199/${facts.bytes}`],
    'a part of the file',
  );
  const told = fieldsOf(await receiver.told('recording_transcript'));
  equal([told.recording_id, told.status, told.error], [id, 'ready', null], 'the transcript');
  const said = told.transcripts as { track: string; transcript: string }[];
  const words = (of: string) => said.flatMap(({ track, transcript }) => (track === of ? [transcript] : [])).join(' ');
  matches(words('caller'), /letter/, 'the words of the caller');
  matches(words('heard'), /invoice/, 'the words of the other party');
  const { body } = await new Rest(server).get(`/v1/Recordings/${encodeURIComponent(id)}/Transcript`);
  equal(body.transcripts, said, 'what the API says of it');
  return { name, id };
}

for (const format of ['wav', 'mp3']) {
  test(`recorded transfer: both parties, each in a channel of its own, written down (${format})`, {
    uses: ['trunk'],
    timeoutMs: 90_000,
  }, async (t) => {
    needProgram('pocketsphinx_batch');
    const server = await sharedServer();
    const receiver = await WebhookReceiver.open(t);
    const record = { name: 'sale', format, transcribe: true, hints: HINTS, recording_webhook: { url: receiver.url } };
    const { user, number } = await numberRunning(t, server, [
      transfer({ no: FAR, hangup_on_star: true, record }),
      hangUp,
    ]);
    const answers = (phone: Parameters<Parameters<typeof farEnd>[1]>[0], answer: string) =>
      phone.expectInvite().reply(200, { body: answer }).expectAck().expectBye(PATIENT_MS);
    const far = await farEnd(t, answers, { isSilent: true });
    const near = await call(t, server, {
      to: number,
      timeoutMs: PATIENT_MS,
      afterAck: (phone) => phone.expectBye(PATIENT_MS - 5_000),
    });
    await startSpeaking(far.sipp, far.media);
    await Promise.all([far.media.waitForPacket(), near.media.waitForPacket()]);
    await speaks(far.media, 'invoice', FAR_HZ);
    await speaks(near.media, 'letter', CALLER_HZ);
    await near.media.pressAll('*');
    await ended(far, near);
    const entry = await assertRecorded(t, server, receiver, { name: 'sale', format });
    equal(fieldsOf(await user.first('end_call')).recordings, [entry], 'what the last callback says');
  });
}

test('recorded conference: this call left, the room right, written down', { timeoutMs: 90_000 }, async (t) => {
  needProgram('pocketsphinx_batch');
  const server = await sharedServer();
  const receiver = await WebhookReceiver.open(t);
  const room = (params: Record<string, unknown>) => [
    { type: 'CONFERENCE', params: { name: 'minutes', hold_music: false, ...params } },
    hangUp,
  ];
  const record = { channels: 2, transcribe: true, hints: HINTS, recording_webhook: { url: receiver.url } };
  const recorded = await numberRunning(t, server, room({ record }));
  const others = await numberRunning(t, server, room({ end_on_exit: true }));
  const phone = (to: string, name: string) =>
    call(t, server, {
      to,
      name,
      timeoutMs: PATIENT_MS,
      afterAck: (scenario) => scenario.expectBye(PATIENT_MS - 5_000),
    });
  const near = await phone(recorded.number, 'near');
  const guest = await phone(others.number, 'guest');
  await Promise.all([near.media.waitForPacket(), guest.media.waitForPacket()]);
  await speaks(guest.media, 'invoice', FAR_HZ);
  await speaks(near.media, 'letter', CALLER_HZ);
  const { call_id: guestId } = fieldsOf(await others.user.first('init_call'));
  await new Rest(server).post(`/v1/LiveCalls/${encodeURIComponent(String(guestId))}/Actions/HangUp`, {});
  await ended(near, guest);
  const entry = await assertRecorded(t, server, receiver, { name: 'conference', format: 'wav' });
  equal(fieldsOf(await recorded.user.first('end_call')).recordings, [entry], 'what the last callback says');
});
