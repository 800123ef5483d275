export { type EspeakOptions, EspeakProvider } from './espeak/espeak-provider.ts';
export { type FliteOptions, FliteProvider } from './flite/flite-provider.ts';
export type { SynthesisRequest, SynthesizedSpeech, TextToSpeechProvider, Voice } from './provider.ts';
export type { HttpClient, RecognitionServer } from './recognition/http/ask-server.ts';
export { HttpRecognizer } from './recognition/http/http-recognizer.ts';
export { OpenAiRecognizer, type OpenAiServer } from './recognition/http/openai-recognizer.ts';
export {
  type PocketsphinxOptions,
  PocketsphinxRecognizer,
} from './recognition/pocketsphinx/pocketsphinx-recognizer.ts';
export { Recognition, type RecognitionCounts, type RecognitionOptions } from './recognition/recognition.ts';
export type { Recognized, SpeechRecognizer, Utterance } from './recognition/recognizer.ts';
export type { SpeechOutput } from './render-parts.ts';
export {
  type SayRequest,
  Speech,
  type SpeechCounts,
  type SpeechOptions,
  type SpeechVoice,
} from './speech.ts';
export { SpeechError, type SpeechReason } from './speech-error.ts';
export type { SpeechPart } from './speech-part.ts';
export type { Spoken } from './spoken.ts';
