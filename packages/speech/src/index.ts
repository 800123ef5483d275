export { type EspeakOptions, EspeakProvider } from './espeak/espeak-provider.ts';
export { type FliteOptions, FliteProvider } from './flite/flite-provider.ts';
export type { SynthesisRequest, SynthesizedSpeech, TextToSpeechProvider, Voice } from './provider.ts';
export {
  type SayRequest,
  Speech,
  type SpeechCounts,
  type SpeechOptions,
  type SpeechOutput,
  type SpeechVoice,
} from './speech.ts';
export { SpeechError, type SpeechReason } from './speech-error.ts';
export type { Spoken } from './spoken.ts';
