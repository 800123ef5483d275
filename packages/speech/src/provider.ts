/** A voice that a provider speaks with. */
export type Voice = {
  /** What a user writes to choose it. */
  name: string;
  /** Language tag (BCP 47) it speaks. */
  language: string;
  /** Further tags it answers to. */
  otherLanguages: readonly string[];
  description: string;
};

export type SynthesisRequest = {
  /** Clean text with something to say in it: no control characters, no emoji; a line break ends a paragraph. */
  text: string;
  /** Name of one of the provider's voices. */
  voice: string;
  /** How fast, against the voice's own rate. Default 1. */
  rate?: number;
  /** How high, against the voice's own pitch. Default 1. */
  pitch?: number;
  /** The sounds of the text, by the names of the CMU dictionary (`hh ax l ow`). A provider that cannot speaks the text. */
  phones?: string;
};

/** One channel of 16-bit samples. */
export type SynthesizedSpeech = { samples: Int16Array; sampleRateHz: number };

/** An engine that turns text into sound. Equal requests must give equal samples. */
export interface TextToSpeechProvider {
  readonly name: string;
  /** Said to the user who asks for a language that nothing here speaks: what to install. */
  readonly installation: string | null;
  /** Changes whenever the same request would sound different; stored sound of other versions is not used. */
  version(): Promise<string>;
  /** The voices there are, the default first; none when the engine is not installed. */
  voices(): Promise<readonly Voice[]>;
  /** @throws SpeechError; what `signal` gives as its reason when it is aborted */
  synthesize(request: SynthesisRequest, signal: AbortSignal): Promise<SynthesizedSpeech>;
  close(): Promise<void>;
}
