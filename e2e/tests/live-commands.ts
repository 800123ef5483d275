/** Commands to live calls by REST: the named ones, and lists of actions in the middle of what a call is doing. */
import { assertNotHeard, LINE_RATE_HZ } from '../lib/audio.ts';
import { audioFile } from '../lib/audio-file.ts';
import { fieldsOf } from '../lib/callback-server.ts';
import { equal, ok } from '../lib/check.ts';
import { type CommandedCall, commandedCall } from '../lib/commanded-call.ts';
import type { TestContext } from '../lib/context.ts';
import { fill, hangUp, say } from '../lib/flow.ts';
import { files } from '../lib/heard-call.ts';
import { prompt } from '../lib/prompts.ts';
import { fetchRecording } from '../lib/recordings.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { assertHearsTones, levelDb, TONES_HZ, tone, waitForTone } from '../lib/tones.ts';
import { CALLER_HZ, ended, FAR, FAR_HZ, farEnd, pickUpUntilTold } from '../lib/transfer-parties.ts';

const BEEP_HZ = 1000;
const [, , , MUSIC_HZ, ROOM_HZ, LINE_HZ] = TONES_HZ;
// WAIT does not answer the call.
const answer = { type: 'ANSWER' };
const waitLong = { type: 'WAIT', params: { time: 60_000 } };
const room = (params: object) => ({ type: 'CONFERENCE', params: { hold_music: false, ...params } });

test('live commands: into a conference, told something there, out of it again', { timeoutMs: 90_000 }, async (t) => {
  const server = await sharedServer();
  const host = await commandedCall(t, server, [room({ name: 'fetched' }), hangUp], 'host');
  const guest = await commandedCall(t, server, [answer, waitLong, say('You are back.'), hangUp], 'guest');
  const [HOST_HZ, GUEST_HZ] = TONES_HZ;
  void host.phone.media.say(tone(HOST_HZ, 50_000));
  void guest.phone.media.say(tone(GUEST_HZ, 50_000));

  await guest.post('Actions/JoinConference', { conference_name: 'fetched', message: 'You are put through.' });
  await guest.hears('You are put through.');
  await Promise.all([waitForTone(guest.phone.media, HOST_HZ), waitForTone(host.phone.media, GUEST_HZ)]);
  const told = ['You have been here for five minutes.', 'There are ten left.'];
  await guest.post('Actions/Tell', { message: told });
  for (const text of told) await guest.hears(text);
  await Promise.all([
    waitForTone(guest.phone.media, HOST_HZ, guest.phone.media.heard().length),
    waitForTone(host.phone.media, GUEST_HZ, host.phone.media.heard().length),
  ]);
  await guest.post('Actions/MuteConferenceParticipant', { message: 'You are muted.' });
  await guest.hears('You are muted.');
  await assertHearsTones(host.phone.media, 'the host', []);
  await guest.post('Actions/LeaveConference', { message: 'Your time is over.' });
  await guest.hears('Your time is over.');
  await guest.hears('You are back.');
  await guest.phone.sipp.succeeded();
  for (const text of told) assertNotHeard(host.phone.media.heard(), await prompt(text));
  await host.post('Actions/HangUp', {});
  await host.phone.sipp.succeeded();
});

test('live commands: Collect, Transfer, LeaveVoiceMail and HangUp with a message, one after the other', {
  timeoutMs: 90_000,
  uses: ['trunk'],
}, async (t) => {
  const server = await sharedServer();
  const one = await commandedCall(t, server, [
    answer,
    waitLong,
    say(`You typed ${fill('keyPresses')}.`),
    waitLong,
    say('They have gone.'),
    waitLong,
    say('The message is left.'),
    waitLong,
    say('This is said to nobody.'),
  ]);
  const { media, sipp } = one.phone;
  await one.post('Actions/Collect', { num_digits: 2, timeout: 15_000, message: ['Your code', 'please.'] });
  for (const text of ['Your code', 'please.']) await one.hears(text);
  await media.pressAll('42');
  await one.hears('You typed 42.');

  const far = await farEnd(t, pickUpUntilTold);
  await one.post('Actions/Transfer', { no: FAR, message: 'I put you through.' });
  await one.hears('I put you through.');
  void media.say(tone(CALLER_HZ, 20_000));
  await Promise.all([waitForTone(media, FAR_HZ), waitForTone(far.media, CALLER_HZ)]);
  await far.sipp.tell();
  await ended(far);
  await one.hears('They have gone.');

  media.hush();
  await one.post('Actions/LeaveVoiceMail', { message: 'Please call us back.' });
  const quietFrom = media.heard().length;
  await media.say(new Int16Array(LINE_RATE_HZ / 2));
  assertNotHeard(media.heard().subarray(quietFrom), await prompt('Please call us back.'));
  let isLeft = false;
  const left = one.hears('Please call us back.').finally(() => {
    isLeft = true;
  });
  // Its failure is told below.
  left.catch(() => undefined);
  // A machine that stands still tears a beep to pieces: then another comes.
  for (let beeps = 0; beeps < 4 && !isLeft; beeps++) {
    await media.say(tone(BEEP_HZ, 600));
    await media.say(new Int16Array(LINE_RATE_HZ * 3));
  }
  await left;
  await one.hears('The message is left.');

  await one.post('Actions/HangUp', { message: ['That was all.', 'Good bye.'] });
  for (const text of ['That was all.', 'Good bye.']) await one.hears(text);
  await sipp.succeeded();
  assertNotHeard(media.heard(), await prompt('This is said to nobody.'));
  equal(fieldsOf(await one.user.first('end_call')).key_presses, [{ name: null, digits: '42' }], 'key presses');
});

/** What a call is in the middle of, how it is heard, and how it ends by itself. */
interface Doing {
  name: string;
  toneHz: number;
  action(web: string): unknown;
  end(one: CommandedCall): Promise<unknown>;
}

const DOINGS: readonly Doing[] = [
  {
    name: 'TRANSFER',
    toneHz: FAR_HZ,
    action: () => ({ type: 'TRANSFER', params: { no: FAR, hangup_on_star: true } }),
    end: (one) => one.phone.media.press('*'),
  },
  {
    name: 'PLAY',
    toneHz: MUSIC_HZ,
    action: (web) => ({ type: 'PLAY', params: { url: `${web}/music`, loop: 0, barge_in: ['digits'] } }),
    end: (one) => one.phone.media.press('1'),
  },
  {
    name: 'RECORD',
    toneHz: BEEP_HZ,
    action: () => ({ type: 'RECORD', name: 'said', params: { timeout: 0 } }),
    end: (one) => one.phone.media.press('#'),
  },
  {
    name: 'CONFERENCE',
    toneHz: ROOM_HZ,
    action: (web) => room({ name: 'alone', hold_music: `${web}/room` }),
    end: (one) => one.post('Actions/LeaveConference', {}),
  },
];

const put = (name: string) => `This is put into ${name.toLowerCase()}.`;
const behind = (name: string) => `Behind ${name.toLowerCase()}.`;

/** A call that does each of these in turn, and then waits in a queue. */
async function callDoingAll(t: TestContext) {
  const server = await sharedServer();
  const sound = async (toneHz: number) => audioFile(t, 'WAV, 8 kHz mono', tone(toneHz, 2_000));
  const web = await files(t, {
    '/music': await sound(MUSIC_HZ),
    '/room': await sound(ROOM_HZ),
    '/line': await sound(LINE_HZ),
  });
  const line = { type: 'PLAY', params: { url: `${web.url}/line` } };
  const list = [
    answer,
    ...DOINGS.flatMap(({ name, action }) => [action(web.url), say(behind(name))]),
    { type: 'QUEUE', params: { name: 'commanded' }, actions: [line] },
    say(behind('QUEUE')),
  ];
  const far = await farEnd(t, (phone, answer) =>
    phone.expectInvite().reply(200, { body: answer }).expectAck().expectBye(40_000),
  );
  return { server, far, one: await commandedCall(t, server, [...list, hangUp]) };
}

test('live commands: actions put in now cut short what the call does, whatever it is', {
  timeoutMs: 90_000,
  uses: ['trunk'],
}, async (t) => {
  const { server, far, one } = await callDoingAll(t);
  const { media, sipp } = one.phone;
  const spoken = await prompt('This is what the caller says, after the beep and until somebody cuts it short.', 'rms');
  let at = 0;
  for (const { name, toneHz } of [...DOINGS, { name: 'QUEUE', toneHz: LINE_HZ }]) {
    await waitForTone(media, toneHz, at);
    if (name === 'RECORD') await media.say(spoken.samples);
    await one.post('Actions', { actions: [say(put(name))] });
    const from = await one.hears(put(name));
    at = await one.hears(behind(name));
    ok(levelDb(media.heard().subarray(from, at), toneHz) < -30, `${name} is heard no more`);
  }
  await ended(far);
  await sipp.succeeded();
  const end = fieldsOf(await one.user.first('end_call'));
  const [recording] = end.recordings as { name: string; id: string }[];
  equal(recording?.name, 'said', 'the recording that was cut short');
  const { facts } = await fetchRecording(t, server, String(recording?.id));
  // Silence at the end is left out of it: this is what was said.
  ok(facts.duration > 1_000, `it has ${facts.duration} ms`);
});

test('live commands: actions put in after the current one wait for its end, whatever it is', {
  timeoutMs: 90_000,
  uses: ['trunk'],
}, async (t) => {
  const { far, one } = await callDoingAll(t);
  const { media, sipp } = one.phone;
  let at = 0;
  for (const { name, toneHz, end } of DOINGS) {
    await waitForTone(media, toneHz, at);
    const from = media.heard().length;
    await one.post('Actions', { actions: [say(put(name))], when: 'after_current' });
    if (name === 'RECORD') await media.waitForHeard(from + LINE_RATE_HZ);
    else await waitForTone(media, toneHz, from + LINE_RATE_HZ);
    assertNotHeard(media.heard().subarray(from), await prompt(put(name)));
    await end(one);
    await one.hears(put(name));
    at = await one.hears(behind(name));
  }
  // Of a queue the list inside is what is under way: the call hears it in the line, and stays there.
  await waitForTone(media, LINE_HZ, at);
  await one.post('Actions', { actions: [say(put('QUEUE'))], when: 'after_current' });
  await waitForTone(media, LINE_HZ, await one.hears(put('QUEUE')));
  await one.post('Actions', { actions: [{ $fetched: 'true' }] });
  await one.hears(behind('QUEUE'));
  await ended(far);
  await sipp.succeeded();
});

test('live commands: who waits in a queue is told something, and fetched into a conference', {
  timeoutMs: 90_000,
}, async (t) => {
  const server = await sharedServer();
  const treatment = [say('Please hold the line.'), { type: 'WAIT', params: { time: 300 } }];
  const one = await commandedCall(t, server, [
    { type: 'QUEUE', params: { name: 'fetched' }, actions: treatment },
    say(`The queue says ${fill('queueStatus')}.`),
    hangUp,
  ]);
  const host = await commandedCall(t, server, [room({ name: 'fetched-2' }), hangUp], 'host');
  const [HOST_HZ] = TONES_HZ;
  void host.phone.media.say(tone(HOST_HZ, 30_000));
  await one.hears('Please hold the line.');
  await one.post('Actions/Tell', { message: 'It takes a minute.' });
  await one.hears('It takes a minute.');
  await one.hears('Please hold the line.');
  await one.post('Actions/JoinConference', { conference_name: 'fetched-2' });
  await waitForTone(one.phone.media, HOST_HZ);
  await one.post('Actions/LeaveConference', {});
  await one.hears('The queue says left.');
  await one.phone.sipp.succeeded();
  await host.post('Actions/HangUp', {});
  await host.phone.sipp.succeeded();
});
