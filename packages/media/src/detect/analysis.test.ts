import { describe, expect, test } from 'vitest';
import { synthesizeDtmf, synthesizeTone } from '../dsp/tone.ts';
import { Analysis, type AnalysisOptions } from './analysis.ts';
import type { Finding } from './finding.ts';

function analyse(samples: Int16Array, options: Partial<AnalysisOptions> = {}, sampleRateHz = 8000): Finding[] {
  const findings: Finding[] = [];
  const analysis = new Analysis({ ...options, onFinding: (finding) => findings.push(finding) });
  const n = sampleRateHz / 50;
  for (let at = 0; at + n <= samples.length; at += n) {
    analysis.process(samples, at, n, sampleRateHz, 5000 + (at * 1000) / sampleRateHz);
  }
  return findings;
}

/** White noise of a level, the same at every run. */
function addNoise(samples: Int16Array, levelDbm0: number): Int16Array {
  const amplitude = 15_770 * Math.sqrt(3) * 10 ** (levelDbm0 / 20);
  let seed = 1;
  return samples.map((sample) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return Math.max(-32_768, Math.min(32_767, sample + amplitude * (seed / 0x3fff_ffff - 1)));
  });
}

function join(...parts: Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

function times(count: number, ...parts: Int16Array[]): Int16Array {
  return join(...Array.from({ length: count }, () => parts).flat());
}

function tone(frequenciesHz: number[], durationMs: number, levelDbm0 = -15, sampleRateHz = 8000): Int16Array {
  return synthesizeTone(
    frequenciesHz.map((frequencyHz) => ({ frequencyHz, levelDbm0 })),
    { durationMs, sampleRateHz },
  );
}

function silence(durationMs: number): Int16Array {
  return new Int16Array(durationMs * 8);
}

/** Something like a voice: a buzz of many harmonics, moving in pitch, that swells and fades with its syllables. */
function buzz(durationMs: number): Int16Array {
  let phase = 0;
  return Int16Array.from({ length: durationMs * 8 }, (_, i) => {
    phase += (2 * Math.PI * (130 + 20 * Math.sin((2 * Math.PI * 1.3 * i) / 8000))) / 8000;
    let sum = 0;
    for (let k = 1; k < 16; k++) sum += Math.sin(k * phase) / Math.sqrt(k);
    return 1500 * sum * (0.6 + 0.4 * Math.sin((2 * Math.PI * 4 * i) / 8000));
  });
}

/** An answer tone of V.8: its level shakes 15 times a second, its phase turns every 450 ms. */
const ANSAM = tone([2100], 3000).map(
  (sample, i) =>
    sample * (0.8 + 0.2 * Math.sin((2 * Math.PI * 15 * i) / 8000)) * (Math.floor(i / 3600) % 2 === 0 ? 1 : -1),
);

const SIT = join(tone([914], 380), tone([1371], 276), tone([1777], 380));

describe.each([-120, -45, -35])('with noise of %i dBm0', (noiseDbm0) => {
  test.each([
    [1000, 80],
    [1000, 200],
    [440, 1000],
    [1400, 500],
    [2100, 400],
    [800, 1500],
    [1100, 250],
  ])('a tone of %i Hz for %i ms and silence is a beep', (frequencyHz, durationMs) => {
    const findings = analyse(addNoise(join(silence(513), tone([frequencyHz], durationMs), silence(500)), noiseDbm0));
    expect(findings.length).toBe(1);
    const [finding] = findings;
    if (finding?.kind !== 'beep') throw new Error(`It is a ${finding?.kind}`);
    expect(Math.abs(finding.atMs - 513 - durationMs)).toBeLessThanOrEqual(20);
    expect(Math.abs(finding.durationMs - durationMs)).toBeLessThanOrEqual(20);
    expect(Math.abs((finding.frequenciesHz[0] ?? 0) - frequencyHz)).toBeLessThan(8);
  });

  const cadences: [string, Int16Array, Finding['kind'], string][] = [
    ['dial tone of North America', tone([350, 440], 3000), 'tone', 'dial'],
    ['dial tone of Europe', tone([425], 4000), 'tone', 'dial'],
    ['busy tone of North America', times(4, tone([480, 620], 500), silence(500)), 'tone', 'busy'],
    ['busy tone of Germany', times(4, tone([425], 480), silence(480)), 'tone', 'busy'],
    ['reorder tone of North America', times(6, tone([480, 620], 250), silence(250)), 'tone', 'reorder'],
    ['congestion tone of Germany', times(6, tone([425], 240), silence(240)), 'tone', 'reorder'],
    ['ringing tone of North America', times(2, tone([440, 480], 2000), silence(4000)), 'tone', 'ringback'],
    ['ringing tone of Germany', times(2, tone([425], 1000), silence(4000)), 'tone', 'ringback'],
    [
      'ringing tone of Britain',
      times(2, tone([400, 450], 400), silence(200), tone([400, 450], 400), silence(2000)),
      'tone',
      'ringback',
    ],
    ['special information tone', join(silence(500), SIT, silence(1000)), 'tone', 'sit'],
    ['calling fax', join(silence(500), times(3, tone([1100], 500), silence(3000))), 'fax', 'cng'],
    ['answering fax', join(silence(500), tone([2100], 3300), silence(500)), 'fax', 'ced'],
    ['answering modem', join(silence(500), ANSAM, silence(500)), 'fax', 'ced'],
  ];
  test.each(cadences)('%s', (_name, sound, kind, what) => {
    const findings = analyse(addNoise(sound, noiseDbm0)).map((finding) => [
      finding.kind,
      finding.kind === 'tone' ? finding.tone : finding.kind === 'fax' ? finding.reason : '',
    ]);
    expect(findings).toEqual([[kind, what]]);
  });
});

test('keys are neither voice nor beep, noise is nothing', () => {
  expect(analyse(synthesizeDtmf('0123456789*#', { toneMs: 100 }))).toEqual([]);
  expect(analyse(addNoise(silence(5000), -40))).toEqual([]);
  expect(analyse(silence(5000))).toEqual([]);
});

test('the tone of a calling fax behind a greeting is the beep of a machine, unless it comes again', () => {
  const greeting = join(silence(300), buzz(2000), silence(400));
  const call = tone([1100], 500);
  const heard = (sound: Int16Array) =>
    analyse(sound)
      .map(({ kind }) => kind)
      .filter((kind) => !kind.startsWith('speech'));
  expect(heard(join(greeting, call, silence(1000)))).toEqual(['beep']);
  expect(heard(join(greeting, times(2, call, silence(3000))))).toEqual(['beep', 'fax']);
  expect(heard(join(greeting, call, silence(1000), call, silence(1000)))).toEqual(['beep', 'beep']);
});

test('a tone that goes over into speech is no beep', () => {
  expect(analyse(join(silence(500), tone([1000], 300), buzz(1000), silence(1000))).map(({ kind }) => kind)).toEqual([
    'speech_started',
    'speech_ended',
  ]);
});

test.each([-120, -45])('speech has a beginning and an end, noise of %i dBm0 or not', (noiseDbm0) => {
  const findings = analyse(
    addNoise(join(silence(2000), buzz(1500), silence(200), buzz(500), silence(1500)), noiseDbm0),
  );
  expect(findings.map(({ kind }) => kind)).toEqual(['speech_started', 'speech_ended']);
  const [started, ended] = findings;
  expect(Math.abs((started?.atMs ?? 0) - 2000)).toBeLessThanOrEqual(40);
  expect(Math.abs((ended?.atMs ?? 0) - 4200)).toBeLessThanOrEqual(120);
});

test('noise that begins is taken for a voice for a moment at most', () => {
  const findings = analyse(join(silence(2000), addNoise(silence(8000), -42)));
  for (const finding of findings) if (finding.kind === 'speech_ended') expect(finding.durationMs).toBeLessThan(2000);
  expect(findings.filter(({ kind }) => kind === 'speech_started').length).toBeLessThanOrEqual(1);
});

test('sound of 16 kHz is understood as well', () => {
  const sound = join(new Int16Array(8000), tone([1000], 300, -15, 16_000), new Int16Array(8000));
  expect(analyse(sound, {}, 16_000)).toEqual([{ kind: 'beep', atMs: 800, durationMs: 300, frequenciesHz: [1000] }]);
});

test('pieces of any length give the same', () => {
  const sound = join(silence(505), tone([1000], 300), silence(500));
  const findings: Finding[] = [];
  const analysis = new Analysis({ onFinding: (finding) => findings.push(finding) });
  let at = 0;
  for (let n = 1; at + n <= sound.length; at += n, n = (n % 300) + 7) analysis.process(sound, at, n, 8000, at / 8);
  expect(findings).toEqual(analyse(sound));
});

describe('person or machine', () => {
  const decide = (sound: Int16Array, answering = {}) =>
    analyse(sound, { answering }).filter(({ kind }) => kind === 'live_person' || kind === 'answering_machine');

  test('a word and silence is a person', () => {
    const [finding] = decide(join(silence(500), buzz(600), silence(2000)));
    expect(finding).toMatchObject({ kind: 'live_person', reason: 'short_greeting' });
    expect(finding?.atMs).toBeLessThan(2200);
  });

  test('silence from the start is a machine', () => {
    expect(decide(silence(6000))).toEqual([{ kind: 'answering_machine', atMs: 2500, reason: 'initial_silence' }]);
    expect(decide(silence(6000), { initialSilenceMs: 4000 })[0]?.atMs).toBe(4000);
  });

  test('a long greeting and many words are a machine', () => {
    expect(decide(buzz(6000), { greetingMs: 700 })).toMatchObject([
      { kind: 'answering_machine', reason: 'long_greeting' },
    ]);
    expect(decide(times(8, buzz(180), silence(200)))).toMatchObject([
      { kind: 'answering_machine', reason: 'many_words' },
    ]);
    expect(decide(times(20, buzz(100), silence(300)), { maximumNumberOfWords: 50 })).toMatchObject([
      { kind: 'live_person', reason: 'total_time' },
    ]);
  });

  test('a beep is a machine, a fax neither', () => {
    const beep = join(silence(400), tone([1000], 300), silence(3000));
    expect(analyse(beep, { answering: {} }).map(({ kind }) => kind)).toEqual(['answering_machine', 'beep']);
    const fax = join(silence(400), tone([1100], 500), silence(3000));
    expect(analyse(fax, { answering: {} }).map(({ kind }) => kind)).toEqual(['fax']);
  });

  test('time goes on when the far side sends nothing', () => {
    const findings: Finding[] = [];
    const analysis = new Analysis({ answering: {}, onFinding: (finding) => findings.push(finding) });
    const word = buzz(600);
    for (let ms = 0; ms < 600; ms += 20) analysis.process(word, ms * 8, 160, 8000, 1e6 + ms);
    analysis.tick(1e6 + 2500);
    expect(findings.map(({ kind }) => kind)).toEqual(['speech_started', 'speech_ended', 'live_person']);
    // Hours of nothing cost no more than seconds.
    analysis.tick(1e6 + 3_600_000);
    analysis.process(tone([1000], 300), 0, 2400, 8000, 1e6 + 3_600_000);
    analysis.process(silence(200), 0, 1600, 8000, 1e6 + 3_600_300);
    expect(findings.at(-1)).toMatchObject({ kind: 'beep' });
    expect(Math.abs((findings.at(-1)?.atMs ?? 0) - 3_600_300)).toBeLessThan(60);
  });
});
