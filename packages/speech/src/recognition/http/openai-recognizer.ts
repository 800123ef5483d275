import { writeWave } from '../../wave.ts';
import type { Recognized, SpeechRecognizer, Utterance } from '../recognizer.ts';
import { askServer, type RecognitionServer } from './ask-server.ts';

export type OpenAiServer = RecognitionServer & {
  /** The name of the server's model, as `whisper-1`. */
  model: string;
};

/** Whisper looks at the last 224 tokens of a prompt. */
const MOST_PROMPT_CHARACTERS = 800;

/**
 * A server that speaks OpenAI's `POST /v1/audio/transcriptions`, as many self-hosted Whisper servers do: each utterance as a
 * form with a WAV file, the hints as its prompt. It tells no confidence.
 */
export class OpenAiRecognizer implements SpeechRecognizer {
  readonly name = 'openai';
  readonly #server: OpenAiServer;

  constructor(server: OpenAiServer) {
    this.#server = server;
  }

  /** Languages are the server's affair. */
  async refusal(): Promise<null> {
    return null;
  }

  async prepare(): Promise<void> {}

  async recognize({ samples, sampleRateHz, hints, language }: Utterance, signal: AbortSignal): Promise<Recognized> {
    const form = new FormData();
    form.set('model', this.#server.model);
    form.set('response_format', 'json');
    // It takes languages without a region (ISO 639-1).
    const primary = language?.split('-')[0]?.toLowerCase() ?? '';
    if (primary !== '') form.set('language', primary);
    if (hints.length > 0) form.set('prompt', hints.join(', ').slice(0, MOST_PROMPT_CHARACTERS));
    const wave = writeWave({ samples, sampleRateHz });
    form.set('file', new Blob([Uint8Array.from(wave)], { type: 'audio/wav' }), 'utterance.wav');
    const encoded = new Response(form);
    const contentType = encoded.headers.get('content-type') ?? '';
    return askServer(this.#server, { contentType, body: new Uint8Array(await encoded.arrayBuffer()) }, signal);
  }

  async close(): Promise<void> {}
}
