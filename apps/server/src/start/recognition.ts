import { rm } from 'node:fs/promises';
import {
  type HttpClient,
  HttpRecognizer,
  OpenAiRecognizer,
  PocketsphinxRecognizer,
  Recognition,
  type RecognitionServer,
  type SpeechRecognizer,
} from '@voxology/speech';
import { ConfigError, type Settings } from '../config/load.ts';

/**
 * Who understands callers, as the configuration has it. `workDir`: a folder for it alone, emptied; undefined: a temporary one.
 *
 * @throws ConfigError for one that cannot be used
 */
export async function recognition(settings: Settings, client: HttpClient, workDir?: string): Promise<Recognition> {
  const { provider, at_once, max_waiting, time_limit_ms } = settings.speech.recognition;
  // What a process that was killed left in it was said by callers.
  if (workDir !== undefined) await rm(workDir, { recursive: true, force: true });
  const recognizer = recognizerOf(settings, client, workDir);
  if (provider === 'pocketsphinx') {
    const refusal = await recognizer?.refusal(null);
    if (typeof refusal === 'string') throw new ConfigError(`speech.recognition.provider is "pocketsphinx": ${refusal}`);
  }
  return new Recognition({
    recognizer,
    missing: 'speech recognition is switched off (speech.recognition.provider is "none")',
    atOnce: at_once,
    queueLimit: max_waiting,
    timeLimitMs: time_limit_ms,
  });
}

function recognizerOf(settings: Settings, client: HttpClient, workDir: string | undefined): SpeechRecognizer | null {
  const { provider, model } = settings.speech.recognition;
  switch (provider) {
    case 'http':
      return new HttpRecognizer(server(settings, client));
    case 'openai':
      return new OpenAiRecognizer({ ...server(settings, client), model });
    case 'none':
      return null;
    default:
      return new PocketsphinxRecognizer(workDir === undefined ? {} : { workDir });
  }
}

function server(settings: Settings, client: HttpClient): RecognitionServer {
  const { provider, url, header_name: name, header_value: value, time_limit_ms } = settings.speech.recognition;
  if (url === null) throw new ConfigError(`speech.recognition.url: it is needed with the provider "${provider}"`);
  return { client, url, header: value === null ? null : { name, value }, timeoutMs: time_limit_ms };
}
