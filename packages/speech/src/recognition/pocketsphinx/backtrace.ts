import type { Recognized } from '../recognizer.ts';

/** A word of the path that the decoder took. */
type Segment = { word: string; frames: number; posterior: number; acousticScore: number };

// Word, first and last frame (10 ms each), posterior probability, acoustic and language score, back-off.
const ROW = /^(\S+)\s+(\d+)\s+(\d+)\s+(\d+(?:\.\d+)?)\s+(-?\d+)\s+(-?\d+)\s+\d+\s*$/;
/** Silences, noises and marks of the decoder's own. */
const FILLER = /^(?:[<[(]|\+\+)/;

/** The decoder's score of its path, per frame of words and against the best of all sounds, at which it is as likely wrong as right. */
const EVEN_SCORE = -230;
const SCORE_SPREAD = 25;
/** Less certain than this was something else. */
const LEAST_CONFIDENCE = 0.1;

/** The rows of the table that the decoder prints of its path, from among all that it prints. */
function readSegments(lines: readonly string[]): Segment[] {
  const segments: Segment[] = [];
  for (const line of lines) {
    const [, word = '', first = '', last = '', posterior = '', acousticScore = ''] = ROW.exec(line) ?? [];
    if (word === '' || word === '(NULL)') continue;
    segments.push({
      // A number in brackets tells pronunciations of one word apart.
      word: word.replace(/\(\d+\)$/, ''),
      frames: Number(last) - Number(first) + 1,
      posterior: Number(posterior),
      acousticScore: Number(acousticScore),
    });
  }
  return segments;
}

/**
 * What was said of a fixed choice of phrases. The decoder always finds one; whether it was really said shows in how well the
 * whole utterance, the parts between the words included, goes with it.
 */
export function readChoice(lines: readonly string[]): Recognized {
  const segments = readSegments(lines);
  const words = segments.filter(({ word }) => !FILLER.test(word));
  const wordFrames = words.reduce((sum, { frames }) => sum + frames, 0);
  if (wordFrames === 0) return { text: '', confidence: 0 };
  const score = segments.reduce((sum, { acousticScore }) => sum + acousticScore, 0) / wordFrames;
  const confidence = 1 / (1 + Math.exp((EVEN_SCORE - score) / SCORE_SPREAD));
  if (confidence < LEAST_CONFIDENCE) return { text: '', confidence: rounded(confidence) };
  return { text: textOf(words), confidence: rounded(confidence) };
}

/** What was said of everything; the confidence is that of the average word. */
export function readDictation(lines: readonly string[]): Recognized {
  const words = readSegments(lines).filter(({ word }) => !FILLER.test(word));
  if (words.length === 0) return { text: '', confidence: 0 };
  const confidence = words.reduce((sum, { posterior }) => sum + posterior, 0) / words.length;
  return { text: textOf(words), confidence: rounded(Math.min(1, confidence)) };
}

function textOf(words: readonly Segment[]): string {
  return words.map(({ word }) => word).join(' ');
}

function rounded(confidence: number): number {
  return Math.round(confidence * 100) / 100;
}
