/** RECORD: messages and whole calls, read back through the API. */
import { assertHeard, assertNotHeard } from '../lib/audio.ts';
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { equal, ok } from '../lib/check.ts';
import { actions, afterPrompt, collect, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { prompt, prompts } from '../lib/prompts.ts';
import { fetchRecording, type RecordingEntry } from '../lib/recordings.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { levelDb, tone, waitForTone } from '../lib/tones.ts';

const [CALLER_HZ, GUEST_HZ] = [560, 1750];
const BEEP_HZ = 1000;
/** Of 2, 5, 8 and 0. */
const COLUMN_OF_KEYS_HZ = 1336;

for (const format of ['wav', 'mp3']) {
  test(`record: a message after the beep, ended by a key (${format})`, { timeoutMs: 50_000 }, async (t) => {
    const server = await sharedServer();
    const user = await CallbackServer.open(t, [
      actions({
        type: 'RECORD',
        name: 'message',
        params: { max_time: 20_000, finish_on_key: '#', format },
        actions: [say('Leave a message.')],
      }),
      actions(say('Thank you.'), hangUp),
      { status: 200 },
    ]);
    const number = await newNumber(server, { url: user.url });
    const phone = await call(t, server, { to: number, timeoutMs: 45_000 });
    const message = await prompt('This is my message to you, please call me back.');
    const beepAt = await waitForTone(phone.media, BEEP_HZ);
    await phone.media.say(new Int16Array(4_800));
    await phone.media.say(message.samples);
    await phone.media.press('#');
    await phone.sipp.succeeded();
    const heard = phone.media.heard();
    assertHeard(heard.subarray(0, beepAt), await prompts('Leave a message.'));
    assertHeard(heard.subarray(beepAt + 4_000), await prompts('Thank you.'));
    const [entry] = fieldsOf(await user.first('live_call')).recordings as RecordingEntry[];
    equal(entry?.name, 'message', 'name of the recording');
    const { facts, contentType, channels } = await fetchRecording(t, server, entry?.id ?? '');
    equal([facts.status, facts.format, facts.channels], ['ready', format, 1], 'facts');
    equal(contentType, format === 'wav' ? 'audio/wav' : 'audio/mpeg', 'content type');
    const [sound = new Int16Array(0)] = channels;
    const lengthMs = message.samples.length / 8;
    ok(
      facts.duration > lengthMs - 900 && facts.duration < lengthMs + 1_500,
      `duration ${facts.duration} ms of ${lengthMs} ms`,
    );
    // On its way through the jitter buffer the sound may be stretched a little, and MP3 leaves things out.
    assertHeard(sound, [message], { inPieces: true, sameFrom: 0.85 });
    ok(levelDb(sound, BEEP_HZ) < -35, 'the beep is not');
  });
}

test('record: a whole call in two channels, played back by the flow itself', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [
    actions(
      { type: 'RECORD', name: 'all', params: { action: 'start', channels: 2 } },
      say('Everything you say is recorded.'),
      { type: 'RECORD', name: 'all', params: { action: 'stop' } },
      say('No more.'),
      hangUp,
    ),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, { to: number });
  void phone.media.say(tone(CALLER_HZ, 10_000));
  await phone.sipp.succeeded();
  const [entry] = fieldsOf(await user.first('end_call')).recordings as RecordingEntry[];
  const { facts, channels } = await fetchRecording(t, server, entry?.id ?? '');
  equal(facts.channels, 2, 'channels');
  const [far = new Int16Array(0), near = new Int16Array(0)] = channels;
  ok(Math.abs(levelDb(far.subarray(4_000, 12_000), CALLER_HZ)) < 1, 'the caller is on the left');
  assertHeard(near, await prompts('Everything you say is recorded.'));
  ok(levelDb(near, CALLER_HZ) < -25, 'and not on the right');
});

test('record: keys are not heard where that is asked for', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const begin = (name: string, mask_digits: boolean) => ({
    type: 'RECORD',
    name,
    params: { action: 'start', channels: 2, mask_digits },
  });
  const user = await CallbackServer.open(t, [
    actions(begin('plain', false), begin('masked', true), {
      type: 'COLLECT',
      params: { num_digits: 4, timeout: 10_000 },
      actions: [say('Your card, please.')],
    }),
    actions(hangUp),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, { to: number, media: { telephoneEvent: false } });
  await phone.media.waitForSpeech();
  for (const key of '2580') {
    await phone.media.pressInBand(key);
    await phone.media.say(new Int16Array(800));
  }
  await phone.sipp.succeeded();
  equal(fieldsOf(await user.first('live_call')).key_presses, [{ name: null, digits: '2580' }], 'key presses');
  const entries = fieldsOf(await user.first('end_call')).recordings as RecordingEntry[];
  const levelOf = async (name: string) => {
    const { channels } = await fetchRecording(t, server, entries.find((entry) => entry.name === name)?.id ?? '');
    return levelDb(channels[0] ?? new Int16Array(0), COLUMN_OF_KEYS_HZ);
  };
  const [plain, masked] = [await levelOf('plain'), await levelOf('masked')];
  ok(plain - masked > 20, `keys at ${plain} dB, where they are masked at ${masked} dB`);
});

test('record: a card that is said during a pause is in that recording neither, what was before and after is', {
  timeoutMs: 60_000,
}, async (t) => {
  const server = await sharedServer();
  const act = (name: string, action: string) => ({
    type: 'RECORD',
    name,
    params: { action, ...(action === 'start' && { channels: 2 }) },
  });
  const ask = (name: string, question: string) =>
    collect(name, { finish_on_key: '#', timeout: 20_000, num_digits: 9 }, say(question));
  const user = await CallbackServer.open(t, [
    actions(
      act('whole', 'start'),
      act('kept', 'start'),
      ask('name', 'Your name, please.'),
      act('kept', 'pause'),
      ask('card', 'Now your card.'),
      act('kept', 'resume'),
      ask('street', 'And where do you live?'),
      hangUp,
    ),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const questions = await prompts('Your name, please.', 'Now your card.', 'And where do you live?');
  const [name, card, street] = await Promise.all([
    prompt('My name is Ada Lovelace.'),
    prompt('It is four nine two nine.'),
    prompt('In the house by the river.'),
  ]);
  const answers = [name, card, street];
  const { media, sipp } = await call(t, server, { to: number, timeoutMs: 50_000 });
  let from = 0;
  for (const [i, question] of questions.entries()) {
    await afterPrompt(media, question, from);
    from = media.heard().length;
    await media.say(answers[i]?.samples ?? new Int16Array(0));
    await media.pressAll(i === 1 ? '4929#' : '#');
  }
  await sipp.succeeded();
  const end = fieldsOf(await user.first('end_call'));
  equal(
    (end.key_presses as { digits: string }[]).map(({ digits }) => digits),
    ['', '4929', ''],
    'keys',
  );
  const entries = end.recordings as RecordingEntry[];
  const channelsOf = async (name: string) => {
    const id = entries.find((entry) => entry.name === name)?.id ?? '';
    const { channels } = await fetchRecording(t, server, id);
    const [said = new Int16Array(0), heard = new Int16Array(0)] = channels;
    return { said, heard };
  };
  const [whole, kept] = [await channelsOf('whole'), await channelsOf('kept')];
  const loosely = { inPieces: true, sameFrom: 0.85, allowOther: true };
  assertHeard(whole.said, answers, loosely);
  assertHeard(whole.heard, questions, { allowOther: true });
  assertHeard(kept.said, [name, street], loosely);
  assertNotHeard(kept.said, card);
  assertNotHeard(kept.heard, await prompt('Now your card.'));
});

test('record: a conference, everybody in it', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const conference = (params: Record<string, unknown>) => ({
    type: 'CONFERENCE',
    params: { name: 'kept', hold_music: false, ...params },
  });
  const user = await CallbackServer.open(t, [actions(conference({ record: true }), hangUp), { status: 200 }]);
  const other = await CallbackServer.open(t, [actions(conference({ end_on_exit: true }), hangUp), { status: 200 }]);
  const [number, otherNumber] = [
    await newNumber(server, { url: user.url }),
    await newNumber(server, { url: other.url }),
  ];
  const recorded = await call(t, server, { to: number });
  void recorded.media.say(tone(CALLER_HZ, 25_000));
  const guest = await call(t, server, { to: otherNumber, afterAck: (phone) => phone.pause(6_000).bye() });
  void guest.media.say(tone(GUEST_HZ, 25_000));
  await Promise.all([recorded.sipp.succeeded(), guest.sipp.succeeded()]);
  const [entry] = fieldsOf(await user.first('end_call')).recordings as RecordingEntry[];
  equal(entry?.name, 'conference', 'name of the recording');
  const { facts, channels } = await fetchRecording(t, server, entry?.id ?? '');
  equal([facts.status, facts.format, facts.channels], ['ready', 'wav', 1], 'facts');
  const [sound = new Int16Array(0)] = channels;
  // In pieces of 50 ms: where a jitter buffer adapts, a tone's phase jumps.
  const pieces = Array.from({ length: Math.floor(sound.length / 400) }, (_, i) =>
    sound.subarray(i * 400, i * 400 + 400),
  );
  const withBoth = pieces.filter((piece) => [CALLER_HZ, GUEST_HZ].every((hz) => Math.abs(levelDb(piece, hz)) < 2));
  ok(withBoth.length > 40, `both are heard for two seconds: in ${withBoth.length} of ${pieces.length} pieces`);
});
