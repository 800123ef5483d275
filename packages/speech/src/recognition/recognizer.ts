/** What a caller said between two silences. */
export type Utterance = {
  /** One channel of 16-bit samples; 8 or 16 kHz. */
  samples: Int16Array;
  sampleRateHz: number;
  /** Words and phrases likely to be said. */
  hints: readonly string[];
  /** Language tag (BCP 47); null: the recogniser's own. */
  language: string | null;
};

export type Recognized = {
  /** As said, in lower case and without punctuation; empty when nothing was understood. */
  text: string;
  /** 0 to 1; null when the recogniser gives none. */
  confidence: number | null;
};

/** An engine that turns speech into text, one utterance at a time. */
export interface SpeechRecognizer {
  readonly name: string;
  /** Why an utterance in this language (null: the recogniser's own) cannot be recognised, and what would mend it; null: it can. */
  refusal(language: string | null): Promise<string | null>;
  /** Gets ready for utterances with such hints, so that the first one is not late. Never rejects. */
  prepare(hints: readonly string[]): Promise<void>;
  /**
   * @throws SpeechError when the engine fails, and what `signal` gives as its reason when it is aborted. Neither names what
   *   was said.
   */
  recognize(utterance: Utterance, signal: AbortSignal): Promise<Recognized>;
  close(): Promise<void>;
}
