/** PLAY and SAY as a caller hears them: files of every kind, files that fail, voices, odd texts. */
import { assertHeard } from '../lib/audio.ts';
import { AUDIO_KINDS, audioFile } from '../lib/audio-file.ts';
import { type Answer, CallbackServer, refusingUrl } from '../lib/callback-server.ts';
import { equal, matches, ok } from '../lib/check.ts';
import { actions, hangUp, say } from '../lib/flow.ts';
import { errorsOf, eventsOf, files, hear } from '../lib/heard-call.ts';
import { murmur } from '../lib/murmur.ts';
import { newNumber } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { prompt, prompts } from '../lib/prompts.ts';
import { ownServer, sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { levelDb, tone } from '../lib/tones.ts';

const play = (url: string | string[], loop?: number) => ({
  type: 'PLAY',
  params: { url, ...(loop === undefined ? {} : { loop }) },
});
const goesOn = say('We go on.');

for (const kind of Object.keys(AUDIO_KINDS) as (keyof typeof AUDIO_KINDS)[]) {
  test(`play: ${kind}`, async (t) => {
    const sound = murmur(21, 1_500);
    const web = await files(t, { '/sound': await audioFile(t, kind, sound.samples) });
    const { phone } = await hear(t, await sharedServer(), [play(`${web.url}/sound`)]);
    assertHeard(phone.media.heard(), [sound]);
  });
}

test('play: a list of files, loop, a redirect on the way', { timeoutMs: 40_000 }, async (t) => {
  const [first, second] = [murmur(31, 700), murmur(32, 800)];
  const web = await files(t, {
    '/first': await audioFile(t, 'WAV, 8 kHz mono', first.samples),
    '/moved': { redirect: '/second' },
    '/second': await audioFile(t, 'MP3', second.samples),
  });
  const list = [
    play([`${web.url}/first`, `${web.url}/moved`], 2),
    { type: 'SAY', params: { text: 'Twice.', loop: 2 } },
  ];
  const { phone } = await hear(t, await sharedServer(), list);
  const twice = await prompt('Twice.');
  assertHeard(phone.media.heard(), [first, second, first, second, twice, twice]);
});

test('say and play: a key cuts what takes keys, also what goes round without end', {
  timeoutMs: 40_000,
}, async (t) => {
  const sound = murmur(35, 700);
  const web = await files(t, { '/sound': await audioFile(t, 'WAV, 8 kHz mono', sound.samples) });
  const server = await sharedServer();
  const long = 'This is a long text, so long that nobody wants to hear it to its end, and so they press a key in it.';
  const user = await CallbackServer.open(t, () =>
    actions(
      { type: 'SAY', params: { text: long, barge_in: ['digits'] } },
      { type: 'PLAY', params: { url: `${web.url}/sound`, loop: 0, barge_in: ['digits'] } },
      goesOn,
      hangUp,
    ),
  );
  const { media, sipp } = await call(t, server, { to: await newNumber(server, { url: user.url }), timeoutMs: 30_000 });
  await media.waitForSpeech();
  await media.press('1');
  // Three times round and a part of the fourth.
  await media.waitForHeard(media.heard().length + 3.5 * sound.samples.length);
  await media.press('2');
  await sipp.succeeded();
  assertHeard(media.heard(), [sound, sound, ...(await prompts('We go on.'))], { allowOther: true });
  ok(media.heard().length < (await prompt(long)).samples.length, 'the whole call is shorter than the text alone');
});

test('play: a file that has not changed is not sent again, one that has is heard', async (t) => {
  const [old, changed] = [murmur(41, 700), murmur(42, 700)];
  const [before, after] = [
    { ...(await audioFile(t, 'WAV, 8 kHz mono', old.samples)), etag: '"one"' },
    { ...(await audioFile(t, 'WAV, 8 kHz mono', changed.samples)), etag: '"two"' },
  ];
  let now = before;
  const web = await files(t, { '/sound': () => now });
  const server = await sharedServer();
  const list = [play(`${web.url}/sound`)];
  for (const current of [before, before, after]) {
    now = current;
    const { phone } = await hear(t, server, list);
    assertHeard(phone.media.heard(), [current === before ? old : changed]);
  }
  equal(
    web.requests.map(({ headers }) => headers['if-none-match'] ?? null),
    [null, '"one"', '"one"'],
    'If-None-Match of the three requests',
  );
});

/** A second each; the first three quarters are of the file's `offset` tests. */
const STEPS_HZ = [430, 560, 1060, 1750];
const steps = () => Int16Array.from(STEPS_HZ.flatMap((hz) => [...tone(hz, 1_000)]));

/** The tone of each 100 ms of what was heard, silence at both ends left out; 0 where there is none of them. */
function tonesIn(heard: Int16Array): number[] {
  const pieces = Array.from({ length: Math.floor(heard.length / 800) }, (_, i) =>
    heard.subarray(i * 800, (i + 1) * 800),
  );
  const tones = pieces.map((piece) => STEPS_HZ.find((hz) => levelDb(piece, hz) > -10) ?? 0);
  const first = tones.findIndex((hz) => hz !== 0);
  return tones.slice(first, tones.findLastIndex((hz) => hz !== 0) + 1);
}

for (const kind of ['WAV, 44.1 kHz stereo', 'MP3'] as const) {
  test(`play: ${kind} from an offset, with loop in the first pass only`, async (t) => {
    const web = await files(t, { '/steps': await audioFile(t, kind, steps()) });
    const list = [{ type: 'PLAY', params: { url: `${web.url}/steps`, offset: 2_500, loop: 2 } }];
    const { phone } = await hear(t, await sharedServer(), list);
    const heard = tonesIn(phone.media.heard());
    const lasts = (hz: number) => heard.filter((one) => one === hz).length / 10;
    equal(
      [...new Set(heard.slice(0, 20).filter((hz) => hz !== 0))].slice(0, 3),
      [1060, 1750, 430],
      'it begins with the third tone, and again with the first',
    );
    for (const [hz, seconds] of [
      [430, 1],
      [560, 1],
      [1060, 1.5],
      [1750, 2],
    ] as const) {
      ok(Math.abs(lasts(hz) - seconds) <= 0.21, `${hz} Hz for ${seconds} s, not ${lasts(hz)} s`);
    }
  });
}

test('play: an offset beyond the end is told and the flow goes on', async (t) => {
  const web = await files(t, { '/steps': await audioFile(t, 'WAV, 8 kHz mono', steps()) });
  const { phone, log } = await hear(t, await sharedServer(), [
    { type: 'PLAY', params: { url: `${web.url}/steps`, offset: 4_000 } },
    goesOn,
  ]);
  assertHeard(phone.media.heard(), await prompts('We go on.'));
  ok(
    eventsOf(log).some(({ message }) => /offset of 4000 ms is beyond the end.* 4000 ms/.test(message)),
    'the log tells the offset and the length',
  );
});

interface Unplayable {
  name: string;
  answer: Answer;
  told: RegExp;
}

const UNPLAYABLE: Unplayable[] = [
  { name: 'a missing file (404)', answer: { status: 404 }, told: /404/ },
  {
    name: 'a page instead of audio',
    answer: { text: '<html>Nothing to hear.</html>', contentType: 'text/html' },
    told: /audio|decode|format/i,
  },
  { name: 'a redirect to a forbidden address', answer: { redirect: 'http://0.0.0.0:9/x.wav' }, told: /0\.0\.0\.0/ },
  { name: 'a closed connection', answer: { reset: true }, told: /ECONNRESET|closed|hang up|reset|socket/i },
  { name: 'a server that never answers', answer: { hang: true }, told: /no answer within|time/i },
];

for (const { name, answer, told } of UNPLAYABLE) {
  test(`play: ${name} is logged and the flow goes on`, { timeoutMs: 60_000 }, async (t) => {
    const web = await files(t, { '/bad': answer });
    const { phone, log } = await hear(t, await sharedServer(), [play(`${web.url}/bad`), goesOn], 50_000);
    assertHeard(phone.media.heard(), await prompts('We go on.'));
    const error = errorsOf(log).find(({ message }) => message.includes(`${web.url}/bad`));
    ok(error !== undefined, `an error names the file: ${JSON.stringify(errorsOf(log))}`);
    matches(error?.message, told, 'the error tells why');
  });
}

test('play: nobody answers at the address: logged, the flow goes on', async (t) => {
  const url = await refusingUrl();
  const { phone, log } = await hear(t, await sharedServer(), [play(url), goesOn]);
  assertHeard(phone.media.heard(), await prompts('We go on.'));
  matches(errorsOf(log)[0]?.message, /ECONNREFUSED|refused/i, 'the error tells why');
});

test('play: limits.audio_file_bytes is kept', { timeoutMs: 60_000 }, async (t) => {
  const server = await ownServer(t, { config: { limits: { audio_file_bytes: 20_000 } } });
  const [small, large] = [murmur(51, 1_000), murmur(52, 2_000)];
  const web = await files(t, {
    '/small': await audioFile(t, 'WAV, 8 kHz mono', small.samples),
    '/large': await audioFile(t, 'WAV, 8 kHz mono', large.samples),
  });
  const { phone, log } = await hear(t, server, [play(`${web.url}/large`), play(`${web.url}/small`)]);
  assertHeard(phone.media.heard(), [small]);
  matches(errorsOf(log)[0]?.message, /20000|20 000|20,000|19\.5|large/i, 'the error tells the limit');
});

test('say: emoji are passed over', async (t) => {
  const { phone } = await hear(t, await sharedServer(), [say('Good 🎉 morning 👋🏽.'), say('🎉🇫🇷'), goesOn]);
  assertHeard(phone.media.heard(), await prompts('Good morning .', 'We go on.'));
});

test('say: another voice; one that does not exist is logged and passed over', async (t) => {
  const spoken = (voice: string, text: string) => ({ type: 'SAY', params: { text, voice } });
  const text = 'This is a man speaking.';
  const { phone, log } = await hear(t, await sharedServer(), [spoken('rms', text), spoken('nobody', text), goesOn]);
  assertHeard(phone.media.heard(), [await prompt(text, 'rms'), await prompt('We go on.')]);
  matches(errorsOf(log)[0]?.message, /"nobody".*rms/, 'the error names the voice and those there are');
});

test('say: a very long text begins soon', { timeoutMs: 90_000 }, async (t) => {
  const server = await ownServer(t);
  const sentence = 'This sentence comes again and again until nobody can bear it any more.';
  const user = await CallbackServer.open(t, [actions(say(`${sentence} `.repeat(69)), hangUp), { status: 200 }]);
  const phone = await call(t, server, {
    to: await newNumber(server, { url: user.url }),
    timeoutMs: 80_000,
    afterAck: (scenario) => scenario.expectBye(75_000),
  });
  const start = await phone.media.waitForSpeech(60_000);
  const expected = await prompt(sentence);
  await phone.media.waitForHeard(start + 2 * expected.samples.length);
  assertHeard(phone.media.heard(), [expected], { allowOther: true });
  phone.sipp.kill();
});

test('say: a text over speech.max_text_length is told in the log', { timeoutMs: 60_000 }, async (t) => {
  const server = await ownServer(t, { config: { speech: { max_text_length: 40 } } });
  const { phone, log } = await hear(t, server, [say('This text is longer than the forty characters allowed.'), goesOn]);
  assertHeard(phone.media.heard(), await prompts('We go on.'), { allowOther: true });
  ok(
    eventsOf(log).some(({ message }) => /54 characters.*40/.test(message)),
    'the log tells the length and the limit',
  );
});
