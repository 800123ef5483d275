/** Callers who speak: their words, recognised by pocketsphinx or by a server of the user's, decide how the flow goes on. */
import { assertHeard, assertNotHeard, findPrompt, LINE_RATE_HZ } from '../lib/audio.ts';
import { until } from '../lib/bounded.ts';
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { equal, matches, ok } from '../lib/check.ts';
import { needProgram } from '../lib/child.ts';
import type { TestContext } from '../lib/context.ts';
import { ffmpeg } from '../lib/ffmpeg.ts';
import { actions, collect, fill, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { type CallOptions, call, type PhoneCall } from '../lib/phone.ts';
import { prompt, prompts, wideSpeech } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import type { RtpPeer } from '../lib/rtp-peer.ts';
import type { Server } from '../lib/server.ts';
import { ownServer, sharedServer } from '../lib/shared-server.ts';
import type { SippScenario } from '../lib/sipp-scenario.ts';
import { test } from '../lib/suite.ts';

const WIDE_RATE_HZ = 16_000;
const LONG =
  'You can reach the people who sell things, or those who help with things that were sold, at any time of the day.';
const SPEECH = { input: ['speech'], hints: ['Sales', 'Support', 'yes', 'no'], timeout: 15_000 };
/** Recognition takes a second on an idle machine. */
const PATIENT = { timeoutMs: 55_000, afterAck: (phone: SippScenario) => phone.expectBye(50_000) };

interface Listened {
  phone: PhoneCall;
  user: CallbackServer;
}

/** A call to a flow that gets these lists, one after the other, and then hangs up. */
async function listened(
  t: TestContext,
  server: Server,
  options: Partial<CallOptions>,
  ...lists: unknown[][]
): Promise<Listened> {
  const answers = lists.map((list) => actions(...list));
  const user = await CallbackServer.open(t, [...answers, actions(hangUp), { status: 200 }]);
  const number = await newNumber(server, { url: user.url });
  return { phone: await call(t, server, { to: number, ...options }), user };
}

/** The shared server, which understands English where pocketsphinx is installed. */
function understandingServer(): Promise<Server> {
  needProgram('pocketsphinx_batch');
  return sharedServer();
}

/** The caller says something with a voice that is not that of our prompts. */
async function speak(media: RtpPeer, text: string, voice = 'rms'): Promise<void> {
  await media.say((await prompt(text, voice)).samples);
}

/** Waits until a prompt was heard to its end, from this sample on; gives where it ends. */
async function promptHeard(media: RtpPeer, text: string, from = 0): Promise<number> {
  const { samples } = await prompt(text);
  const ends = () => {
    const heard = media.heard();
    const { offset, correlation } = findPrompt(heard, samples, from);
    const end = offset + samples.length;
    return correlation > 0.9 && heard.length > end ? end : undefined;
  };
  return until(`the prompt "${text}"`, ends, 25_000, 200);
}

/** `key_presses` of the callback after the list with this index. */
async function entries(user: CallbackServer, list = 0): Promise<unknown> {
  const callbacks = await user.waitFor(list + 1, { type: 'live_call', timeoutMs: 25_000 });
  const callback = callbacks[list];
  return callback === undefined ? undefined : fieldsOf(callback).key_presses;
}

const ifSaid = (word: string, then: string, otherwise: string) => ({
  type: 'IF',
  condition: `$speech == '${word}'`,
  // biome-ignore lint/suspicious/noThenProperty: that is what IF calls it.
  then: [say(then)],
  orElse: [say(otherwise)],
});

test('speech: what a caller says, in two voices, decides how the flow goes on', { timeoutMs: 60_000 }, async (t) => {
  const server = await understandingServer();
  const { phone, user } = await listened(
    t,
    server,
    PATIENT,
    [collect('team', SPEECH, say('Sales or support?'))],
    [
      ifSaid('Sales', 'You want to buy.', 'You want something else.'),
      collect('sure', SPEECH, say('Are you sure?')),
      ifSaid('no', 'Then good bye.', 'Then we go on.'),
    ],
  );
  const asked = await promptHeard(phone.media, 'Sales or support?');
  await speak(phone.media, 'sales');
  await promptHeard(phone.media, 'Are you sure?', asked);
  await speak(phone.media, 'no', 'awb');
  equal(await entries(user), [{ name: 'team', digits: '', speech: 'Sales' }], 'the first answer');
  equal(await entries(user, 1), [{ name: 'sure', digits: '', speech: 'no' }], 'the second answer');
  await phone.sipp.succeeded();
  assertHeard(
    phone.media.heard(),
    await prompts('Sales or support?', 'You want to buy.', 'Are you sure?', 'Then good bye.'),
  );
  // The words are in the call's own log and nowhere else.
  const callId = String(fieldsOf(await user.first('end_call')).call_id);
  matches(await new Rest(server).flowLogText(callId), /speech_recognized/, 'the event log');
  ok(!server.output().includes('speech_recognized'), 'the server’s log has nothing of it');
});

test('speech: digits said in G.722', { timeoutMs: 60_000 }, async (t) => {
  const server = await understandingServer();
  const hints = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'zero'];
  const digit = (name: string) => [collect(name, { input: ['speech'], hints, timeout: 15_000 })];
  const g722 = { ...PATIENT, media: { codecs: ['G722' as const] } };
  const { phone, user } = await listened(t, server, g722, digit('first'), digit('second'));
  await phone.media.waitForPacket();
  await phone.media.sayEncoded(await inG722('three'), 9);
  equal(await entries(user), [{ name: 'first', digits: '', speech: 'three' }], 'the first digit');
  await phone.media.sayEncoded(await inG722('nine'), 9);
  equal(await entries(user, 1), [{ name: 'second', digits: '', speech: 'nine' }], 'the second digit');
  await phone.sipp.succeeded();
});

test('speech: the caller’s voice cuts a long prompt short', { timeoutMs: 60_000 }, async (t) => {
  const server = await understandingServer();
  const { phone, user } = await listened(t, server, PATIENT, [
    collect('team', SPEECH, say(LONG)),
    say(`That was ${fill('speech')}.`),
  ]);
  const { media } = phone;
  const start = await media.waitForSpeech(25_000);
  await media.waitForHeard(start + 1.5 * LINE_RATE_HZ);
  const word = await prompt('support', 'rms');
  const quietAt = await silenceAfter(media, () => media.say(word.samples));
  ok(quietAt < 900, `the prompt ended ${quietAt} ms after the caller began to speak`);
  equal(await entries(user), [{ name: 'team', digits: '', speech: 'Support' }], 'key_presses');
  await phone.sipp.succeeded();
  const question = await prompt(LONG);
  assertNotHeard(media.heard(), { text: 'its end', samples: question.samples.subarray(-1.5 * LINE_RATE_HZ) });
  assertHeard(media.heard(), [await prompt('That was Support.')], { allowOther: true });
});

test('speech: keys count while speech is listened for, and silence runs into the time-out', {
  timeoutMs: 60_000,
}, async (t) => {
  const server = await understandingServer();
  const both = { ...SPEECH, input: ['digits', 'speech'], num_digits: 1, timeout: 1_500 };
  const { phone, user } = await listened(t, server, PATIENT, [
    collect('key', { ...both, timeout: 10_000 }, say('Speak or press.')),
    collect('nothing', both),
    ifSaid('', 'Nothing was said.', 'Something was said.'),
  ]);
  await promptHeard(phone.media, 'Speak or press.');
  await phone.media.press('5');
  equal(
    await entries(user),
    [
      { name: 'key', digits: '5', speech: '' },
      { name: 'nothing', digits: '', speech: '' },
    ],
    'key_presses',
  );
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts('Speak or press.', 'Nothing was said.'));
});

test('speech: a recogniser over HTTP, and a flow that goes on with keys when it is dead', {
  timeoutMs: 60_000,
}, async (t) => {
  const recogniser = await CallbackServer.open(t, [{ json: { text: 'Billing!', confidence: 0.8 } }, { reset: true }]);
  const server = await ownServer(t, {
    config: {
      speech: { recognition: { provider: 'http', url: `${recogniser.url}/asr`, header_value: 'Bearer secret' } },
    },
  });
  const both = {
    input: ['digits', 'speech'],
    hints: ['billing', 'sales'],
    num_digits: 1,
    timeout: 10_000,
    language: 'de',
  };
  const { phone, user } = await listened(
    t,
    server,
    PATIENT,
    [collect('said', { ...both, speech_end_silence: 400 }, say('What is it about?'))],
    [collect('pressed', both, say('And now?'))],
  );
  const asked = await promptHeard(phone.media, 'What is it about?');
  await speak(phone.media, 'something about my bills');
  await promptHeard(phone.media, 'And now?', asked);
  await speak(phone.media, 'nobody will understand this');
  await recogniser.waitFor(3, { timeoutMs: 25_000 });
  await phone.media.press('7');
  equal(await entries(user), [{ name: 'said', digits: '', speech: 'billing' }], 'what was said');
  equal(await entries(user, 1), [{ name: 'pressed', digits: '7', speech: '' }], 'what was pressed');
  await phone.sipp.succeeded();
  const [request] = recogniser.requests;
  equal(
    [request?.path, request?.headers['content-type'], request?.headers.authorization],
    ['/asr', 'audio/wav', 'Bearer secret'],
    'the request',
  );
  equal([request?.query.get('language'), request?.query.getAll('hint')], ['de', ['billing', 'sales']], 'the query');
  const callId = String(fieldsOf(await user.first('end_call')).call_id);
  matches(await new Rest(server).flowLogText(callId), /listening_failed/, 'the event log tells of the dead recogniser');
  ok(!server.output().includes('secret'), 'no secret in the log');
});

/** A word, with what a telephone of 8 kHz would lack, and the silence around it, in G.722. */
async function inG722(text: string): Promise<Uint8Array> {
  const samples = await wideSpeech(text, 'rms');
  const padded = new Int16Array(samples.length + 1.6 * WIDE_RATE_HZ);
  padded.set(samples, 0.4 * WIDE_RATE_HZ);
  const raw = ['-f', 's16le', '-ac', '1', '-ar', String(WIDE_RATE_HZ)];
  return ffmpeg(raw, padded, ['-c:a', 'g722', '-f', 'g722', 'pipe:1']);
}

/** Milliseconds from the beginning of `act` to the last loud sound of what is played at that time. */
async function silenceAfter(media: RtpPeer, act: () => Promise<void>): Promise<number> {
  const begin = media.heard().length;
  void act();
  await media.waitForHeard(begin + 1.2 * LINE_RATE_HZ);
  const heard = media.heard().subarray(begin);
  const frame = LINE_RATE_HZ / 50;
  for (let at = 0; at + 20 * frame <= heard.length; at += frame) {
    // A pause between words is shorter.
    if (heard.subarray(at, at + 20 * frame).every((sample) => Math.abs(sample) < 400))
      return (at / LINE_RATE_HZ) * 1000;
  }
  return Number.POSITIVE_INFINITY;
}
