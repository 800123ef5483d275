import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SpokenPart } from '../wire/play-source.ts';
import { isSsml, parseSsml, problemsOfSsml, speakSsml } from './ssml.ts';

function speak(content: string, options: Partial<Parameters<typeof speakSsml>[1]> = {}) {
  const document = parseSsml(content.startsWith('<speak') ? content : `<speak>${content}</speak>`);
  if (!document.ok) throw new Error(document.message);
  return speakSsml(document, { voice: null, language: null, maxCharacters: 1000, fill: (text) => text, ...options });
}

/** Text as it is, changes of manner in front of it, pauses in milliseconds. */
function shown(parts: readonly SpokenPart[]): (string | number)[] {
  return parts.map((part) => {
    if ('pauseMs' in part) return part.pauseMs;
    const { text, rate, pitch, gain, voice, language } = part;
    const changes = { rate, pitch, gain: Math.round(gain * 100) / 100 };
    const changed = Object.entries(changes).filter(([, factor]) => factor !== 1);
    const marks = [...changed.map(([name, factor]) => `${name} ${factor}`), voice, language].filter(
      (mark) => mark !== null,
    );
    return marks.length === 0 ? text : `${marks.join(' ')}: ${text}`;
  });
}

test.each([
  ['<speak>', true],
  ['<speak/>', true],
  [' \n<speak version="1.1">', true],
  ['<?xml version="1.0"?>\n<speak>', true],
  ['<speaker>', false],
  ['1 < 2 & 3', false],
  ['Say <speak>', false],
])('%s is SSML: %s', (text, expected) => {
  expect(isSsml(text)).toBe(expected);
});

test.each<[string, (string | number)[]]>([
  ['Hello,\n  <!-- x -->world.', ['Hello, world.']],
  ['R&amp;D <![CDATA[<x>]]>', ['R&D <x>']],
  ['One.<break time="500ms"/>Two.', ['One.', 500, 'Two.']],
  ['<break time="1.5s"/>x<break/><break strength="strong"/>', [1500, 'x', 1100]],
  ['a<break strength="none"/>b', ['a', 0, 'b']],
  ['<break time="99s"/>x', [10_000, 'x']],
  ['<s>One.</s><s>Two.</s>', ['One.', 350, 'Two.']],
  ['<p><s>One.</s></p><p>Two.</p>', ['One.', 550, 'Two.']],
  ['<s>One.</s><break time="1s"/><s>Two.</s>', ['One.', 1000, 'Two.']],
  ['Your code: <say-as interpret-as="digits">42</say-as>.', ['Your code: 4 2.']],
  ['<sub alias="World Wide Web Consortium">W3C</sub>!', ['World Wide Web Consortium!']],
  ['<prosody rate="50%">Slow</prosody>.', ['rate 0.5: Slow.']],
  ['a <prosody rate="slow" pitch="high" volume="-6dB">b</prosody> c', ['a', 'rate 0.75 pitch 1.2 gain 0.5: b', 'c']],
  ['<prosody rate="200%"><prosody rate="+50%">x</prosody></prosody>', ['rate 3: x']],
  ['<prosody rate="1%" pitch="-90%" volume="+99dB">x</prosody>', ['rate 0.2 pitch 0.5 gain 8: x']],
  ['<prosody pitch="+12st" volume="silent">x</prosody>', ['pitch 2 gain 0: x']],
  ['<prosody rate="1.5" volume="50">x</prosody>', ['rate 1.5 gain 0.5: x']],
  ['<emphasis>a</emphasis><emphasis level="strong">b</emphasis>', ['rate 0.9 gain 1.26: a', 'rate 0.8 gain 1.59: b']],
  ['<emphasis level="none">a</emphasis> b', ['a b']],
  ['<lang xml:lang="de">Guten Tag</lang>', ['de: Guten Tag']],
  ['<voice name="rms">Hi</voice> <voice language="fr">Bonjour</voice>', ['rms: Hi', 'fr: Bonjour']],
  ['<speak xml:lang="de"><say-as interpret-as="date">3.4.2026</say-as></speak>', ['de: 3.4.2026']],
  ['<prosody pitch="+0st">a</prosody>', ['a']],
  ['<prosody volume="silent"><prosody volume="+9999dB">a</prosody></prosody>', ['gain 0: a']],
  ['', []],
  ['...', []],
])('%s', (content, expected) => {
  const { parts, problems } = speak(content);
  expect(shown(parts)).toEqual(expected);
  expect(problems).toEqual([]);
});

test.each<[string, (string | number)[], RegExp, number]>([
  ['<whisper>a</whisper>', ['a'], /^there is no element <whisper>, its text is spoken/, 7],
  ['<braek/>a', ['a'], /did you mean "break"\?/, 7],
  ['<phoneme ph="ʀuːʒ">rouge</phoneme>', ['rouge'], /knows no sound "ʀ" of English in "ʀuːʒ"; its text is spoken/, 7],
  ['<phoneme alphabet="pinyin" ph="a">a</phoneme>', ['a'], /knows no alphabet "pinyin"/, 7],
  ['<phoneme>a</phoneme>', ['a'], /<phoneme> has no ph/, 7],
  ['a<break time="soon"/>b', ['a', 400, 'b'], /<break> knows no time "soon"/, 15],
  ['a<break strength="constructor"/>b', ['a', 400, 'b'], /<break> knows no strength "constructor"/, 15],
  ['<prosody speed="2">a</prosody>', ['a'], /<prosody> has no attribute speed/, 16],
  ['<prosody rate="quick">a</prosody>', ['a'], /<prosody> knows no rate "quick"/, 16],
  ['<emphasis level="big">a</emphasis>', ['a'], /<emphasis> knows no level "big"/, 17],
  ['<sub>a</sub>', ['a'], /<sub> has no alias/, 7],
  ['<say-as interpret-as="date">soon</say-as>', ['soon'], /"soon" is no date/, 7],
  ['<break>a</break>b', [400, 'b'], /<break> holds text/, 7],
])('%s is told, and its text spoken', (content, expected, problem, offset) => {
  const { parts, problems } = speak(content);
  expect(shown(parts)).toEqual(expected);
  expect(problems).toEqual([{ message: expect.stringMatching(problem), hint: expect.stringMatching(/\w/), offset }]);
});

describe('variables', () => {
  test('what they hold is spoken, never read as markup', () => {
    const fill = (text: string) => text.replace('${x}', '<break time="9s"/> & "1"');
    const { parts, problems } = speak('<s>${x}</s><sub alias="${x}">y</sub>', { fill });
    expect(shown(parts)).toEqual(['<break time="9s"/> & "1"', 350, '<break time="9s"/> & "1"']);
    expect(problems).toEqual([]);
  });

  test('they may be in attributes and in say-as', () => {
    const fill = (text: string) => text.replace('${ms}', '300').replace('${n}', '12');
    const { parts } = speak('<break time="${ms}ms"/><say-as interpret-as="digits">${n}</say-as>', { fill });
    expect(shown(parts)).toEqual([300, '1 2']);
  });

  test('nothing is complained of before they are known', () => {
    const text =
      '<speak><break time="${t}"/><say-as interpret-as="${k}">x</say-as><sub alias="${a}">x</sub>' +
      '<say-as interpret-as="date">${d}</say-as><prosody rate="${r}"><wrong/></prosody></speak>';
    const document = parseSsml(text);
    const problems = document.ok ? problemsOfSsml(document, null) : [];
    expect(problems.map(({ offset }) => text.slice(offset, offset + 6))).toEqual(['<wrong']);
  });
});

describe('limits', () => {
  test('no document breaks it', () => {
    const words = (
      '<speak> </speak> <break time="${x}"/> <prosody rate="9e9%" pitch="-0st" volume="-999dB"> </prosody> <say-as ' +
      'interpret-as="date"> interpret-as="currency"> interpret-as="time"> </say-as> 99/99/9999 $0.001 24:60 é 🎉 &amp; ' +
      '&#0; <s> </s> <p xml:lang=""> </p> <voice name="${x}"> </voice> \ud800 <constructor/> <__proto__ __proto__="1">'
    ).split(' ');
    const contents = fc.array(fc.constantFrom(...words), { maxLength: 14 });
    const speaks = fc.property(contents, (content) => {
      const document = parseSsml(`<speak>${content.join(' ')}</speak>`);
      if (!document.ok) return;
      const { parts } = speakSsml(document, { voice: null, language: null, maxCharacters: 50, fill: (text) => text });
      for (const part of parts) {
        const numbers = 'pauseMs' in part ? [part.pauseMs] : [part.rate, part.pitch, part.gain];
        expect(numbers.every((number) => number >= 0 && Number.isFinite(number))).toBe(true);
      }
    });
    fc.assert(speaks, { numRuns: 2000 });
  });

  test('what is longer than allowed is cut, and counted', () => {
    const { parts, characters } = speak('123456 <break/>789 <emphasis>x</emphasis>', { maxCharacters: 8 });
    expect(shown(parts)).toEqual(['123456', 400, '7']);
    expect(characters).toBe(12);
  });

  test('pauses are a minute in all', () => {
    const { parts } = speak('a<break time="10s"/>'.repeat(20));
    const pauses = parts.map((part) => ('pauseMs' in part ? part.pauseMs : 0));
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBe(60_000);
  });

  test('there are not more parts than a few hundred, and no word is lost', () => {
    const { parts } = speak('a <emphasis>b</emphasis> '.repeat(900), { maxCharacters: 100_000 });
    expect(parts.length).toBeLessThanOrEqual(501);
    const words = parts.flatMap((part) => ('text' in part ? part.text.split(' ') : []));
    expect(words.filter((word) => word === 'b').length).toBe(900);
  });

  test('of many faults some are told', () => {
    expect(speak('<x/>'.repeat(1000)).problems.length).toBe(20);
  });
});
