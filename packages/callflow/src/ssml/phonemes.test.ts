import { expect, test } from 'vitest';
import { readPhonemes } from './phonemes.ts';
import { parseSsml, speakSsml } from './ssml.ts';

test.each([
  ['ipa', 'təˈmeɪtoʊ', 't ax m ey t ow'],
  ['ipa', 'təˈmɑːtəʊ', 't ax m aa t ow'],
  ['IPA', 'ˈd͡ʒʌd͡ʒ', 'jh ah jh'],
  ['ipa', 'tʃɝtʃ', 'ch er ch'],
  ['ipa', 'ˈbʌtn̩', 'b ah t ax n'],
  ['ipa', 'θɪŋ ðɪs ˈvɪʒən', 'th ih ng dh ih s v ih zh ax n'],
  ['x-sampa', 't@"meItoU', 't ax m ey t ow'],
  ['xsampa', 'D{t T3`d "bOI', 'dh ae t th er d b oy'],
  ['x-sampa', 'r\\aU%nd', 'r aw n d'],
])('%s %s', (alphabet, written, phones) => {
  expect(readPhonemes(alphabet, written)).toEqual({ phones });
});

test.each([
  ['ipa', 'ˈˌ', /is no sound/],
  ['ipa', 'ʁɔ', /no sound "ʁ"/],
  ['x-sampa', 'H', /no sound "H"/],
  ['klingon', 'a', /no alphabet "klingon"/],
  ['ipa', 'a'.repeat(201), /longer than 200/],
])('%s %s is told of', (alphabet, written, problem) => {
  expect(readPhonemes(alphabet, written)).toEqual({ problem: expect.stringMatching(problem) });
});

test('a pronunciation is a part of its own, the sentence goes on around it', () => {
  const document = parseSsml(
    '<speak>Say <phoneme ph="təˈmeɪtoʊ">tomato</phoneme><phoneme ph="noʊ">no</phoneme>, now.</speak>',
  );
  if (!document.ok) throw new Error('no XML');
  const fill = (text: string) => text;
  const { parts, problems } = speakSsml(document, { voice: null, language: null, maxCharacters: 100, fill });
  expect(problems).toEqual([]);
  expect(parts.map((part) => ('text' in part ? [part.text, part.phones] : part))).toEqual([
    ['Say', undefined],
    ['tomato', 't ax m ey t ow'],
    ['no', 'n ow'],
    [', now.', undefined],
  ]);
});
