import { writeWave } from '../../wave.ts';
import type { Recognized, SpeechRecognizer, Utterance } from '../recognizer.ts';
import { askServer, type RecognitionServer } from './ask-server.ts';

/** Hints travel in the URL, which servers take up to some 8 kB of. */
const MOST_HINT_CHARACTERS = 4000;

/**
 * A server that gets each utterance as a WAV file (16 bit, one channel, 8 or 16 kHz) in a POST with `language` and, once for
 * each, `hint` in the query.
 */
export class HttpRecognizer implements SpeechRecognizer {
  readonly name = 'http';
  readonly #server: RecognitionServer;

  constructor(server: RecognitionServer) {
    this.#server = server;
  }

  /** Languages are the server's affair. */
  async refusal(): Promise<null> {
    return null;
  }

  async prepare(): Promise<void> {}

  recognize({ samples, sampleRateHz, hints, language }: Utterance, signal: AbortSignal): Promise<Recognized> {
    const query = new URLSearchParams();
    if (language !== null) query.set('language', language);
    let left = MOST_HINT_CHARACTERS;
    for (const hint of hints) {
      left -= encodeURIComponent(hint).length;
      if (left < 0) break;
      query.append('hint', hint);
    }
    const body = writeWave({ samples, sampleRateHz });
    return askServer(this.#server, { contentType: 'audio/wav', body, query }, signal);
  }

  async close(): Promise<void> {}
}
