/** Keys: before, during and after a prompt, on a bad network, as tones. */
import { assertHeard, assertNotHeard, findPrompt, LINE_RATE_HZ } from '../lib/audio.ts';
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { between, equal, ok } from '../lib/check.ts';
import type { TestContext } from '../lib/context.ts';
import { actions, afterPrompt, collect, fill, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { type CallOptions, call, type PhoneCall } from '../lib/phone.ts';
import { prompt, prompts } from '../lib/prompts.ts';
import { assertContinuous } from '../lib/rtp-received.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

const LONG = 'This is a long question which goes on for quite some time before it comes to its end.';

interface Collected {
  phone: PhoneCall;
  user: CallbackServer;
}

/** A call to a flow whose first list is this; the second hangs up. */
async function collecting(t: TestContext, options: Partial<CallOptions>, ...list: unknown[]): Promise<Collected> {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [actions(...list), actions(hangUp), { status: 200 }]);
  const number = await newNumber(server, { url: user.url });
  return { phone: await call(t, server, { to: number, ...options }), user };
}

async function keyPresses(user: CallbackServer): Promise<unknown> {
  return fieldsOf(await user.first('live_call')).key_presses;
}

test('digits: a key during the prompt cuts it short', async (t) => {
  const { phone, user } = await collecting(
    t,
    {},
    collect('k', { num_digits: 1, timeout: 5_000 }, say(LONG)),
    say(`You pressed ${fill('keyPresses')}.`),
  );
  const start = await phone.media.waitForSpeech();
  await phone.media.waitForHeard(start + LINE_RATE_HZ);
  await phone.media.press('5');
  await phone.sipp.succeeded();
  equal(await keyPresses(user), [{ name: 'k', digits: '5' }], 'key_presses');
  const question = await prompt(LONG);
  const beginning = { text: 'the question’s beginning', samples: question.samples.subarray(0, LINE_RATE_HZ) };
  const answer = await prompt('You pressed 5.');
  assertHeard(phone.media.heard(), [beginning, answer], { allowOther: true });
  const tail = { text: 'the question’s end', samples: question.samples.subarray(-1.5 * LINE_RATE_HZ) };
  assertNotHeard(phone.media.heard(), tail);
  const gap = findPrompt(phone.media.heard(), answer.samples).offset - (start + LINE_RATE_HZ);
  const rest = question.samples.length - LINE_RATE_HZ;
  ok(gap < rest, `the answer began before the question would have ended (${Math.round(gap / 8)} ms after the key)`);
  assertContinuous(phone.media.continuity());
});

test('digits: keys pressed while no COLLECT runs are ignored', async (t) => {
  const { phone, user } = await collecting(
    t,
    {},
    say('Listen first, then press.'),
    collect('k', { num_digits: 1, timeout: 4_000 }, say('Now press.')),
  );
  const start = await phone.media.waitForSpeech();
  await phone.media.press('7');
  const sentences = await prompts('Listen first, then press.', 'Now press.');
  const total = sentences.reduce((sum, { samples }) => sum + samples.length, 0);
  await phone.media.waitForHeard(start + total + LINE_RATE_HZ / 2);
  await phone.media.press('8');
  await phone.sipp.succeeded();
  equal(await keyPresses(user), [{ name: 'k', digits: '8' }], 'key_presses');
  assertHeard(phone.media.heard(), sentences);
});

test('digits: after the prompt, finish key, time-out of the next key', async (t) => {
  const { phone, user } = await collecting(
    t,
    {},
    collect('pound', { num_digits: 9, finish_on_key: 'pound', timeout: 5_000 }, say('Type and press pound.')),
    collect('star', { num_digits: 9, finish_on_key: '*', timeout: 5_000 }),
    collect('time', { num_digits: 9, timeout: 700 }),
    collect('none', { num_digits: 1, timeout: 500 }),
  );
  await afterPrompt(phone.media, await prompt('Type and press pound.'));
  await phone.media.pressAll('12*34#', { pauseMs: 150 });
  await phone.media.pressAll('0#9*', { pauseMs: 150 });
  await phone.media.pressAll('65', { pauseMs: 150 });
  await phone.sipp.succeeded();
  equal(
    await keyPresses(user),
    [
      { name: 'pound', digits: '12*34' },
      { name: 'star', digits: '0#9' },
      { name: 'time', digits: '65' },
      { name: 'none', digits: '' },
    ],
    'key_presses',
  );
});

test('digits: inter_digit_timeout counts from the first key on, be it shorter or longer than timeout', {
  timeoutMs: 50_000,
}, async (t) => {
  const { phone, user } = await collecting(
    t,
    { timeoutMs: 45_000 },
    collect('short', { num_digits: 9, timeout: 30_000, inter_digit_timeout: 2_000 }, say('Your number, please.')),
    say(`You typed ${fill('keyPresses')}.`),
    collect('long', { num_digits: 9, finish_on_key: '#', timeout: 1_000, inter_digit_timeout: 20_000 }, say(LONG)),
    say(`And then ${fill('keyPresses')}.`),
  );
  const { media } = phone;
  const typed = await prompt('You typed 42.');
  await afterPrompt(media, await prompt('Your number, please.'));
  await media.pressAll('42', { pauseMs: 150 });
  const pressed = media.heard().length;
  await afterPrompt(media, typed, pressed);
  const waitedMs = (findPrompt(media.heard(), typed.samples, pressed).offset - pressed) / 8;
  between(waitedMs, 1_200, 12_000, 'milliseconds from the last key to the answer');
  // In the middle of the long question.
  const begun = await media.waitForSpeech(10_000, media.heard().length);
  await media.waitForHeard(begun + LINE_RATE_HZ / 2);
  await media.press('7');
  await media.waitForHeard(media.heard().length + 2 * LINE_RATE_HZ);
  await media.pressAll('3#');
  await phone.sipp.succeeded();
  const presses = [
    { name: 'short', digits: '42' },
    { name: 'long', digits: '73' },
  ];
  equal(await keyPresses(user), presses, 'key_presses');
  assertHeard(media.heard(), await prompts('Your number, please.', 'You typed 42.'), { allowOther: true });
  assertHeard(media.heard(), await prompts('And then 73.'), { allowOther: true });
});

test('digits: lost, doubled and reordered RTP packets make one digit of each key', async (t) => {
  const { phone, user } = await collecting(t, {}, collect('k', { num_digits: 12, finish_on_key: '#', timeout: 4_000 }));
  const { media } = phone;
  await media.waitForHeard(LINE_RATE_HZ / 4);
  const gap = () => media.say(new Int16Array(LINE_RATE_HZ / 10));
  await media.press('1', { faults: { drop: [0, 1] } });
  await gap();
  await media.press('2', { faults: { duplicate: [0, 1, 2, 3, 4, 5, 6] } });
  await gap();
  await media.press('3', { faults: { swap: [1, 3] } });
  await gap();
  await media.press('4', { faults: { drop: [4, 5] } });
  await gap();
  await media.press('5', { faults: { drop: [4, 5, 6] } });
  await gap();
  await media.press('5');
  await gap();
  await media.press('6', { faults: { drop: [0, 1, 2, 3, 4, 5] } });
  await gap();
  await media.press('#');
  await phone.sipp.succeeded();
  equal(await keyPresses(user), [{ name: 'k', digits: '1234556' }], 'key_presses');
});

test('digits: tones in the audio where telephone-event was not negotiated', async (t) => {
  const { phone, user } = await collecting(
    t,
    { media: { telephoneEvent: false } },
    collect('k', { num_digits: 16, finish_on_key: '#', timeout: 5_000 }),
  );
  await phone.media.waitForHeard(LINE_RATE_HZ / 4);
  for (const key of '1590*73#') {
    await phone.media.pressInBand(key);
    await phone.media.say(new Int16Array(LINE_RATE_HZ / 8));
  }
  await phone.sipp.succeeded();
  equal(await keyPresses(user), [{ name: 'k', digits: '1590*73' }], 'key_presses');
});

test('digits: tones in the audio count for nothing where telephone-event was negotiated', async (t) => {
  const { phone, user } = await collecting(t, {}, collect('k', { num_digits: 3, finish_on_key: '#', timeout: 5_000 }));
  await phone.media.waitForHeard(LINE_RATE_HZ / 4);
  await phone.media.pressInBand('5');
  await phone.media.say(new Int16Array(LINE_RATE_HZ / 8));
  await phone.media.press('6');
  await phone.media.say(new Int16Array(LINE_RATE_HZ / 8));
  await phone.media.press('#');
  await phone.sipp.succeeded();
  equal(await keyPresses(user), [{ name: 'k', digits: '6' }], 'key_presses');
});
