/** What to play. `say` text is final (templates filled). */
export type PlaySource =
  /** `parts` tells how the text is spoken where it was SSML; `text` is then what they say, for people. */
  | { kind: 'say'; text: string; voice: string | null; language: string | null; parts?: SpokenPart[] }
  /** Begins `offsetMs` behind the file's beginning; one beyond its end plays nothing, which is no failure. */
  | { kind: 'url'; url: string; offsetMs?: number };

/** Silence, or a text in one manner. */
export type SpokenPart = { pauseMs: number } | SpokenText;

/**
 * `rate`, `pitch` and `gain` are factors: a rate of 2 is twice as fast, a gain of 0 silent. `phones`: the sounds of the text in
 * English, by the names of the CMU dictionary (`hh ax l ow`), for voices that can; others speak the text.
 */
export type SpokenText = {
  text: string;
  rate: number;
  pitch: number;
  gain: number;
  voice: string | null;
  language: string | null;
  phones?: string;
};
