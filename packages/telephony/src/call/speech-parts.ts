import type { PlaySource, SpokenPart, SpokenText } from '@voxology/callflow';

/** Between the parts of a long text, as between its sentences. */
export const PART_PAUSE_MS = 300;

/** What that is between what is heard: with the quiet edge of a part and the way to the leg. */
const HEARD_PAUSE_MS = PART_PAUSE_MS + 50;

/** A text up to this long is spoken in one go. */
const SHORT_TEXT = 400;
/** Sentences are gathered up to this length; the first part is a single sentence, so that it is heard soon. */
const PART_LENGTH = 300;

/** How much longer than the part before a part may be: it is made while that one is heard. */
const MOST_GROWTH = 3;

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/**
 * A long SAY as parts that are made and played one after the other, {@link PART_PAUSE_MS} between them: nobody waits in
 * silence until a whole page has been synthesized. Anything else is one part.
 */
export function speechParts(source: PlaySource): [PlaySource, ...PlaySource[]] {
  if (source.kind !== 'say' || source.text.length <= SHORT_TEXT) return [source];
  const { parts } = source;
  const sources: PlaySource[] =
    parts === undefined
      ? passagesOf(source.text).map((text) => ({ ...source, text }))
      : stretchesOf(parts).map((stretch) => ({ ...source, text: textOf(stretch), parts: stretch }));
  const [first = source, ...rest] = sources;
  return [first, ...rest];
}

function passagesOf(text: string): string[] {
  const passages: string[] = [];
  let open = '';
  for (const { segment } of segmenter.segment(text)) {
    open += segment;
    if (passages.length > 0 && open.length < PART_LENGTH) continue;
    passages.push(open);
    open = '';
  }
  if (open.trim() !== '') passages.push(open);
  return passages;
}

/** Cut at pauses that are long enough, and at the sentences of a long text in one manner. */
function stretchesOf(parts: readonly SpokenPart[]): SpokenPart[][] {
  const stretches: SpokenPart[][] = [];
  let open: SpokenPart[] = [];
  const cut = () => {
    if (open.length > 0) stretches.push(open);
    open = [];
  };
  for (const part of parts) {
    const before = stretches.at(-1);
    const enough = before === undefined ? 1 : Math.min(PART_LENGTH, MOST_GROWTH * textOf(before).length);
    const isEnough = textOf(open).length >= enough;
    if (!('pauseMs' in part)) {
      const [first, ...others] = part.text.length > SHORT_TEXT && part.phones === undefined ? sentences(part) : [part];
      if (first !== undefined) open.push(first);
      for (const other of others) {
        cut();
        open.push(other);
      }
    } else if (isEnough && part.pauseMs >= HEARD_PAUSE_MS) {
      cut();
      if (part.pauseMs > HEARD_PAUSE_MS) open.push({ pauseMs: part.pauseMs - HEARD_PAUSE_MS });
    } else open.push(part);
  }
  cut();
  return stretches;
}

function sentences(part: SpokenText): SpokenText[] {
  return passagesOf(part.text).map((text) => ({ ...part, text }));
}

function textOf(parts: readonly SpokenPart[]): string {
  return parts.flatMap((part) => ('text' in part ? [part.text] : [])).join(' ');
}
