import type { PlaySource } from '@voxology/callflow';

/** A text up to this long is spoken in one go. */
const SHORT_TEXT = 400;
/** Sentences are gathered up to this length; the first part is a single sentence, so that it is heard soon. */
const PART_LENGTH = 300;

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/**
 * A long SAY as parts that are made and played one after the other: nobody waits in silence until a whole page has been
 * synthesized. Anything else is one part.
 */
export function speechParts(source: PlaySource): [PlaySource, ...PlaySource[]] {
  if (source.kind !== 'say' || source.text.length <= SHORT_TEXT) return [source];
  const texts: string[] = [];
  let open = '';
  for (const { segment } of segmenter.segment(source.text)) {
    open += segment;
    if (texts.length > 0 && open.length < PART_LENGTH) continue;
    texts.push(open);
    open = '';
  }
  if (open.trim() !== '') texts.push(open);
  const [first = source.text, ...rest] = texts;
  return [{ ...source, text: first }, ...rest.map((text) => ({ ...source, text }))];
}
