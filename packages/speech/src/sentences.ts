import { isSpeakable } from './speakable-text.ts';

/** A part of a text to speak at one go, and the silence that follows it when more comes. */
export type Sentence = { text: string; pauseMs: number };

const SENTENCE_PAUSE_MS = 350;
const PARAGRAPH_PAUSE_MS = 550;
const PHRASE_PAUSE_MS = 120;
/** A longer sentence is spoken in parts, which keeps the first sound near and the engine's memory small. */
const LONGEST_PART = 250;

const ENGLISH_ABBREVIATION =
  /(?:^|[\s(])(?:Mr|Mrs|Ms|Dr|St|Prof|Sr|Jr|No|vs|etc|approx|ext|Inc|Ltd|Co|e\.g|i\.e)\.\s$/i;

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/** Splits clean English text into sentences, and long sentences at their commas or spaces. */
export function splitSentences(text: string): Sentence[] {
  const sentences: Sentence[] = [];
  for (const paragraph of text.split('\n')) {
    const start = sentences.length;
    for (const sentence of sentencesOf(paragraph)) {
      const parts = partsOf(sentence).filter(isSpeakable);
      for (const part of parts) sentences.push({ text: part, pauseMs: PHRASE_PAUSE_MS });
      const last = sentences.at(-1);
      if (last !== undefined && parts.length > 0) last.pauseMs = SENTENCE_PAUSE_MS;
    }
    const last = sentences.at(-1);
    if (last !== undefined && sentences.length > start) last.pauseMs = PARAGRAPH_PAUSE_MS;
  }
  return sentences;
}

function sentencesOf(paragraph: string): string[] {
  const sentences: string[] = [];
  let open = '';
  for (const { segment } of segmenter.segment(paragraph)) {
    open += segment;
    if (ENGLISH_ABBREVIATION.test(open)) continue;
    sentences.push(open.trim());
    open = '';
  }
  if (open !== '') sentences.push(open.trim());
  return sentences;
}

function partsOf(sentence: string): string[] {
  const parts: string[] = [];
  let rest = sentence;
  while (rest.length > LONGEST_PART) {
    const window = rest.slice(0, LONGEST_PART);
    const comma = Math.max(window.lastIndexOf(', '), window.lastIndexOf('; '), window.lastIndexOf(': '));
    // Without a comma in the second half a space must do, and without that the part is cut where it is full.
    const space = window.lastIndexOf(' ');
    const cut = comma > LONGEST_PART / 2 ? comma + 1 : space > 0 ? space : LONGEST_PART;
    parts.push(rest.slice(0, cut).trim());
    rest = rest.slice(cut).trim();
  }
  parts.push(rest);
  return parts;
}
