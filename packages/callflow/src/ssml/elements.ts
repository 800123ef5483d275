import { didYouMean } from '../nearest-name.ts';
import { type Manner, withEmphasis, withPitch, withRate, withVolume } from './manner.ts';
import { ALPHABET_NAMES, readPhonemes } from './phonemes.ts';
import { INTERPRETATIONS, type Reader, sayAs } from './say-as.ts';
import type { SpokenParts } from './spoken-parts.ts';
import type { XmlElement, XmlText } from './xml.ts';

/** Something in a document that is not spoken as written; the rest of it is. */
export interface SsmlProblem {
  message: string;
  /** What to do about it. */
  hint: string;
  /** In the text of the document. */
  offset: number;
}

/** A document on its way to its spoken parts. */
export interface Speaking {
  readonly parts: SpokenParts;
  readonly problems: SsmlProblem[];
  /** The variables of a text are known. */
  isKnown(text: string): boolean;
  /** Fills the variables of a text, which counts each time; null while nobody knows them. */
  fill(text: string): string | null;
}

type Speak = (speaking: Speaking, element: XmlElement, manner: Manner) => void;

/** As the voices pause between sentences and paragraphs of plain text. */
const SENTENCE_MS = 350;
const PARAGRAPH_MS = 550;
const BREAKS_MS: ReadonlyMap<string, number> = new Map([
  ['none', 0],
  ['x-weak', 100],
  ['weak', 200],
  ['medium', 400],
  ['strong', 700],
  ['x-strong', 1200],
]);
const USUAL_BREAK_MS = 400;
/** Problems told of one document. */
const MAX_PROBLEMS = 20;

const ELEMENTS: ReadonlyMap<string, Speak> = new Map<string, Speak>([
  ['speak', (speaking, element, manner) => speakContent(speaking, element, inLanguageOf(speaking, element, manner))],
  ['break', speakBreak],
  ['p', (speaking, element, manner) => speakApart(speaking, element, manner, PARAGRAPH_MS)],
  ['s', (speaking, element, manner) => speakApart(speaking, element, manner, SENTENCE_MS)],
  ['prosody', speakProsody],
  ['emphasis', speakEmphasis],
  ['say-as', speakAs],
  ['sub', speakAlias],
  ['phoneme', speakPhoneme],
  ['lang', (speaking, element, manner) => speakContent(speaking, element, inLanguageOf(speaking, element, manner))],
  ['voice', speakInVoice],
]);
const ATTRIBUTES: ReadonlyMap<string, readonly string[]> = new Map([
  ['speak', ['version', 'xmlns', 'xml:lang', 'xml:base', 'xsi:schemaLocation', 'xmlns:xsi']],
  ['break', ['time', 'strength']],
  ['p', ['xml:lang']],
  ['s', ['xml:lang']],
  ['prosody', ['rate', 'pitch', 'volume']],
  ['emphasis', ['level']],
  ['say-as', ['interpret-as', 'format']],
  ['sub', ['alias']],
  ['phoneme', ['alphabet', 'ph']],
  ['lang', ['xml:lang']],
  ['voice', ['name', 'language', 'xml:lang']],
]);

/** Speaks an element; of one that is not known, its text. */
export function speakElement(speaking: Speaking, element: XmlElement, manner: Manner): void {
  const speak = ELEMENTS.get(element.name);
  if (speak === undefined) {
    const advice = didYouMean(element.name, [...ELEMENTS.keys()]);
    complain(
      speaking,
      element.offset,
      `there is no element <${element.name}>, its text is spoken${advice}`,
      KNOWN_ELEMENTS,
    );
    speakContent(speaking, element, manner);
    return;
  }
  const known = ATTRIBUTES.get(element.name) ?? [];
  for (const [name, { offset }] of element.attributes) {
    if (known.includes(name)) continue;
    const what = `<${element.name}> has no attribute ${name}, which is passed over${didYouMean(name, known)}`;
    complain(speaking, offset, what, `Its attributes are: ${known.join(', ')}.`);
  }
  const isKnown = [...element.attributes.values()].every(({ value }) => speaking.isKnown(value));
  (isKnown ? speak : speakContent)(speaking, element, manner);
}

const KNOWN_ELEMENTS = `The elements are: ${[...ELEMENTS.keys()].join(', ')}.`;

function speakContent(speaking: Speaking, element: XmlElement, manner: Manner): void {
  for (const child of element.children) {
    if ('name' in child) speakElement(speaking, child, manner);
    else speaking.parts.add(filled(speaking, child), manner);
  }
}

function speakApart(speaking: Speaking, element: XmlElement, manner: Manner, apartMs: number): void {
  speaking.parts.boundary(apartMs);
  speakContent(speaking, element, inLanguageOf(speaking, element, manner));
  speaking.parts.boundary(apartMs);
}

function speakBreak(speaking: Speaking, element: XmlElement): void {
  const time = attributeOf(speaking, element, 'time');
  const strength = attributeOf(speaking, element, 'strength') ?? 'medium';
  const durationMs = time === null ? BREAKS_MS.get(strength) : millisecondsOf(time);
  if (durationMs === undefined) {
    const name = time === null ? 'strength' : 'time';
    const hint = `Write time="500ms" or "2s", or a strength: ${[...BREAKS_MS.keys()].join(', ')}.`;
    complainOfValue(speaking, element, name, hint);
  }
  speaking.parts.pause(durationMs ?? USUAL_BREAK_MS);
  if (element.children.length > 0)
    complain(speaking, element.offset, '<break> holds text, which is not spoken', 'Write <break/>.');
}

function speakProsody(speaking: Speaking, element: XmlElement, outer: Manner): void {
  let manner = outer;
  for (const [name, change, hint] of PROSODY) {
    const written = attributeOf(speaking, element, name);
    if (written === null) continue;
    const changed = change(manner, written);
    if (changed === null) complainOfValue(speaking, element, name, hint);
    else manner = changed;
  }
  speakContent(speaking, element, manner);
}

const PROSODY = [
  ['rate', withRate, 'Write x-slow, slow, medium, fast, x-fast, or a percentage as in 80%.'],
  ['pitch', withPitch, 'Write x-low, low, medium, high, x-high, a percentage as in +10%, or semitones as in -2st.'],
  ['volume', withVolume, 'Write silent, x-soft, soft, medium, loud, x-loud, or decibels as in -6dB.'],
] as const;

function speakEmphasis(speaking: Speaking, element: XmlElement, outer: Manner): void {
  const manner = withEmphasis(outer, attributeOf(speaking, element, 'level') ?? 'moderate');
  if (manner === null) complainOfValue(speaking, element, 'level', 'Write strong, moderate, none or reduced.');
  speakContent(speaking, element, manner ?? outer);
}

function speakAs(speaking: Speaking, element: XmlElement, manner: Manner): void {
  const interpretAs = attributeOf(speaking, element, 'interpret-as') ?? '';
  const format = attributeOf(speaking, element, 'format') ?? '';
  const written = contentOf(speaking, element);
  if (written === null) return;
  const { text, problem } = sayAs(written, interpretAs, format, readerOf(manner));
  if (problem !== undefined) {
    complain(speaking, element.offset, problem, `interpret-as may be: ${INTERPRETATIONS.join(', ')}.`);
  }
  speaking.parts.add(text, manner);
}

function speakAlias(speaking: Speaking, element: XmlElement, manner: Manner): void {
  const alias = attributeOf(speaking, element, 'alias');
  if (alias !== null) speaking.parts.add(alias, manner);
  else {
    complain(speaking, element.offset, '<sub> has no alias; its text is spoken', 'Write <sub alias="…">.');
    speakContent(speaking, element, manner);
  }
}

function speakPhoneme(speaking: Speaking, element: XmlElement, manner: Manner): void {
  const written = attributeOf(speaking, element, 'ph');
  const alphabet = attributeOf(speaking, element, 'alphabet') ?? 'ipa';
  const names = element.attributes.get('ph')?.value;
  // What variables hold is told of when it is known.
  const isKnown = names === undefined || speaking.isKnown(names);
  const read = written === null ? { problem: '<phoneme> has no ph' } : readPhonemes(alphabet, written);
  if ('phones' in read) {
    speakContent(speaking, element, { ...manner, phones: read.phones });
    return;
  }
  if (isKnown) {
    const hint = `alphabet may be ${ALPHABET_NAMES.join(', ')}, with the sounds of English; or respell it with <sub alias="…">.`;
    complain(speaking, element.offset, `${read.problem}; its text is spoken`, hint);
  }
  speakContent(speaking, element, manner);
}

function speakInVoice(speaking: Speaking, element: XmlElement, outer: Manner): void {
  const language = attributeOf(speaking, element, 'language');
  const manner = inLanguage(inLanguageOf(speaking, element, outer), language);
  const voice = attributeOf(speaking, element, 'name');
  speakContent(speaking, element, voice === null ? manner : { ...manner, voice });
}

function inLanguageOf(speaking: Speaking, element: XmlElement, manner: Manner): Manner {
  return inLanguage(manner, attributeOf(speaking, element, 'xml:lang'));
}

/** A voice that was chosen by name goes on only where it may speak the language. */
function inLanguage(manner: Manner, language: string | null): Manner {
  if (language === null || language === '') return manner;
  const isOther = primaryTag(language) !== primaryTag(manner.language ?? language);
  return { ...manner, language, voice: isOther ? null : manner.voice };
}

function readerOf({ voice, language }: Manner): Reader {
  // A voice of two letters is named by its language.
  const tag = language ?? (voice !== null && /^[a-z]{2}(?:[-_]|$)/i.test(voice) ? voice : 'en');
  if (primaryTag(tag) !== 'en') return 'other';
  return /^en$|^en[-_](?:us|ca)/i.test(tag) ? 'american' : 'british';
}

function primaryTag(tag: string): string {
  return tag.split(/[-_]/, 1)[0]?.toLowerCase() ?? '';
}

/** Null when it is not written or is empty. */
function attributeOf(speaking: Speaking, element: XmlElement, name: string): string | null {
  const written = element.attributes.get(name)?.value;
  const value = written === undefined ? '' : (speaking.fill(written) ?? '').trim();
  return value === '' ? null : value;
}

/** All text in an element; null when it is not known yet. */
function contentOf(speaking: Speaking, { children }: XmlElement): string | null {
  const texts = children.map((child) => ('name' in child ? contentOf(speaking, child) : speaking.fill(child.text)));
  return texts.includes(null) ? null : texts.join('');
}

function filled(speaking: Speaking, { text }: XmlText): string {
  return speaking.fill(text) ?? '';
}

/** As in `500ms` and `1.5s`. */
function millisecondsOf(written: string): number | undefined {
  const [, number, unit] = /^\+?(\d{1,6}(?:\.\d{1,6})?|\.\d{1,6})(ms|s)$/.exec(written) ?? [];
  return number === undefined ? undefined : Math.round(Number(number) * (unit === 's' ? 1000 : 1));
}

function complainOfValue(speaking: Speaking, element: XmlElement, name: string, hint: string): void {
  const attribute = element.attributes.get(name);
  const value = attributeOf(speaking, element, name) ?? '';
  const what = `<${element.name}> knows no ${name} "${value.slice(0, 40)}"`;
  complain(speaking, attribute?.offset ?? element.offset, `${what}; it is passed over`, hint);
}

function complain({ problems }: Speaking, offset: number, message: string, hint: string): void {
  if (problems.length < MAX_PROBLEMS) problems.push({ message, hint, offset });
}
