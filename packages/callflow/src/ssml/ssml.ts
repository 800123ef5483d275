import { LruCache } from '../expression/lru-cache.ts';
import { parseTemplate } from '../template/parse-template.ts';
import type { SpokenPart } from '../wire/play-source.ts';
import { type Speaking, type SsmlProblem, speakElement } from './elements.ts';
import { SpokenParts } from './spoken-parts.ts';
import { type ParsedXml, parseXml } from './xml.ts';

/** What an SSML document makes a voice say. */
export interface SpokenSsml {
  parts: SpokenPart[];
  /** Of all that it says, what was more than allowed and left out included. */
  characters: number;
  problems: readonly SsmlProblem[];
}

export interface SpeakingOptions {
  /** Voice and language where the document names none. */
  voice: string | null;
  language: string | null;
  maxCharacters: number;
  /**
   * Fills the variables of one piece of text or one attribute, after the markup was read: what a variable holds never
   * becomes markup. Null for a piece that is not known.
   */
  fill(text: string): string | null;
  /** The variables of a text are known; always, when not given. */
  isKnown?(text: string): boolean;
}

const MARK = /^\s*(?:<\?xml[^>]*\?>\s*)?<speak[\s/>]/;
const documents = new LruCache<ParsedXml>(300);
const LONGEST_KEPT_TEXT = 4_096;

/** Whether a text is meant as SSML: it begins with `<speak`. Any other is spoken as it is, with its `<` and `&`. */
export function isSsml(text: string): boolean {
  return MARK.test(text);
}

/** The XML of an SSML document with its templates. */
export function parseSsml(text: string): ParsedXml {
  return text.length > LONGEST_KEPT_TEXT ? parseXml(text) : documents.getOrMake(text, parseXml);
}

/** Speaks a document that could be read. */
export function speakSsml({ root }: Extract<ParsedXml, { ok: true }>, options: SpeakingOptions): SpokenSsml {
  const { voice, language, maxCharacters, fill, isKnown = () => true } = options;
  const parts = new SpokenParts(maxCharacters);
  const speaking: Speaking = { parts, problems: [], fill, isKnown };
  speakElement(speaking, root, { rate: 1, pitch: 1, gain: 1, voice, language });
  return { parts: parts.finish(), characters: parts.characters, problems: speaking.problems };
}

/** What is wrong with a document as far as that is known before its variables are. */
export function problemsOfSsml(
  document: Extract<ParsedXml, { ok: true }>,
  language: string | null,
): readonly SsmlProblem[] {
  const isKnown = (text: string) => parseTemplate(text).every((piece) => typeof piece === 'string');
  const fill = (text: string) => (isKnown(text) ? text : null);
  return speakSsml(document, { voice: null, language, maxCharacters: Number.POSITIVE_INFINITY, fill, isKnown })
    .problems;
}
