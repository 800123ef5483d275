/** SAY with SSML as a caller hears it: pauses, rates, what is read how, and data that looks like markup. */
import { assertHeard, type ExpectedPrompt, LINE_RATE_HZ, soundOf } from '../lib/audio.ts';
import { matches, ok } from '../lib/check.ts';
import { fill, say } from '../lib/flow.ts';
import { eventsOf, hear } from '../lib/heard-call.ts';
import { prompt, prompts } from '../lib/prompts.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

const speak = (content: string) => say(`<speak>${content}</speak>`);
const inMs = (samples: number) => (samples * 1_000) / LINE_RATE_HZ;

/** Silence between two sentences that were heard one after the other. */
function gapMs(heard: Int16Array, before: ExpectedPrompt, after: ExpectedPrompt): number {
  const [first, second] = assertHeard(heard, [before, after]);
  if (first === undefined || second === undefined) throw new Error('two sentences have two places');
  return inMs(second.offset + soundOf(after.samples).start - first.offset - soundOf(before.samples).end);
}

for (const [pause, lengthMs] of [
  ['<break time="500ms"/>', 500],
  ['<break time="1.2s"/>', 1_200],
  ['<break strength="weak"/>', 200],
  ['<break time="100ms"/><break time="150ms"/>', 250],
] as const) {
  test(`ssml: ${pause} is silence of ${lengthMs} ms where it stands`, async (t) => {
    const { phone } = await hear(t, await sharedServer(), [
      speak(`Please hold the line.${pause}Thank you for waiting.`),
    ]);
    const [before, after] = [await prompt('Please hold the line.'), await prompt('Thank you for waiting.')];
    const heardMs = gapMs(phone.media.heard(), before, after);
    ok(Math.abs(heardMs - lengthMs) <= 30, `${lengthMs} ms of silence, not ${heardMs} ms`);
  });
}

test('ssml: a phoneme is said as it is written down, whatever its text', async (t) => {
  const server = await sharedServer();
  const lengthMs = async (attributes: string) => {
    const { phone } = await hear(t, server, [speak(`<phoneme ${attributes}>x</phoneme>`)]);
    const { start, end } = soundOf(phone.media.heard());
    return inMs(end - start);
  };
  const yes = await lengthMs('ph="jɛs"');
  const longMs = await lengthMs('alphabet="x-sampa" ph="laIbrEri kEmIstri hIst@ri"');
  ok(yes > 100 && yes < 500, `one syllable takes ${yes} ms`);
  ok(longMs > 2.5 * yes, `nine syllables take ${longMs} ms, one ${yes} ms`);
});

for (const [rate, factor] of [
  ['50%', 2],
  ['200%', 0.5],
] as const) {
  test(`ssml: prosody rate ${rate} takes ${factor} times as long`, async (t) => {
    const text = 'Please hold the line until somebody answers.';
    const { phone } = await hear(t, await sharedServer(), [speak(`<prosody rate="${rate}">${text}</prosody>`)]);
    const sound = soundOf(phone.media.heard());
    const plain = soundOf((await prompt(text)).samples);
    const ratio = (sound.end - sound.start) / (plain.end - plain.start);
    ok(Math.abs(ratio / factor - 1) < 0.15, `${factor} times as long, not ${ratio.toFixed(2)} times`);
  });
}

for (const [markup, spoken] of [
  ['<say-as interpret-as="telephone">+1 (949) 555-0101</say-as>', '1, 9 4 9, 5 5 5, 0 1 0 1'],
  ['<say-as interpret-as="date">3/4/2026</say-as>', 'March fourth, twenty twenty six'],
  ['It costs <say-as interpret-as="currency">$12.50</say-as>.', 'It costs twelve dollars and fifty cents.'],
  ['<sub alias="World Wide Web Consortium">W3C</sub>', 'World Wide Web Consortium'],
  ['<say-as interpret-as="characters">AB1</say-as>', 'A, B, 1'],
] as const) {
  test(`ssml: ${markup}`, async (t) => {
    const { phone } = await hear(t, await sharedServer(), [speak(markup)]);
    assertHeard(phone.media.heard(), await prompts(spoken));
  });
}

test('ssml: what data holds is spoken, never markup', { timeoutMs: 40_000 }, async (t) => {
  const name = 'Ann <break time="4s"/> & Bob';
  const data = { type: 'SESSIONDATA', session_data: { name } };
  const { phone, log } = await hear(t, await sharedServer(), [data, speak(`Hello ${fill('sessionData.name')}.`)]);
  assertHeard(phone.media.heard(), await prompts(`Hello ${name}.`));
  ok(!eventsOf(log).some(({ type }) => type === 'warning'), 'nothing is complained of');
});

test('ssml: of a document that cannot be read the words are said, with a warning', async (t) => {
  const { phone, log } = await hear(t, await sharedServer(), [speak('We <emphasis>go on.')]);
  assertHeard(phone.media.heard(), await prompts('We go on.'));
  const warning = eventsOf(log).find(({ type }) => type === 'warning');
  matches(warning?.message, /SSML cannot be read: <\/speak> closes <emphasis>/, 'the warning tells why');
});

test('ssml: a long document begins soon, and its pauses stay as they are', { timeoutMs: 90_000 }, async (t) => {
  const filler = '<s>This sentence comes again and again until nobody can bear it any more.</s>'.repeat(5);
  const list = [speak(`Please listen.<break time="900ms"/>We begin now.${filler}`)];
  const { phone } = await hear(t, await sharedServer(), list, 60_000);
  const begun = phone.media.heard().subarray(0, 5 * LINE_RATE_HZ);
  const [first, second] = assertHeard(begun, await prompts('Please listen.', 'We begin now.'), { allowOther: true });
  const [before, after] = await prompts('Please listen.', 'We begin now.');
  if (first === undefined || second === undefined || before === undefined || after === undefined)
    throw new Error('heard');
  const pauseMs = inMs(second.offset + soundOf(after.samples).start - first.offset - soundOf(before.samples).end);
  // Two prompts with a timer between them: on a busy machine the second may come late.
  ok(pauseMs >= 860 && pauseMs <= 1_400, `900 ms of silence, not ${pauseMs} ms`);
});
