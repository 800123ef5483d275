export { type EspeakOptions, EspeakProvider } from './espeak/espeak-provider.ts';
export { type FliteOptions, FliteProvider } from './flite/flite-provider.ts';
export type { SynthesisRequest, SynthesizedSpeech, TextToSpeechProvider, Voice } from './provider.ts';
export {
  type SayRequest,
  Speech,
  type SpeechCounts,
  type SpeechOptions,
  type SpeechVoice,
} from './speech.ts';
export type { SpeechOutput } from './render-parts.ts';
export { SpeechError, type SpeechReason } from './speech-error.ts';
export type { SpeechPart } from './speech-part.ts';
export type { Spoken } from './spoken.ts';
