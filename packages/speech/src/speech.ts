import { createHash } from 'node:crypto';
import { DiskCache } from './disk-cache.ts';
import { EspeakProvider } from './espeak/espeak-provider.ts';
import { FliteProvider } from './flite/flite-provider.ts';
import { MemoryCache } from './memory-cache.ts';
import type { TextToSpeechProvider } from './provider.ts';
import { renderParts, renderText, type SpeechOutput } from './render-parts.ts';
import { SpeechError } from './speech-error.ts';
import { contentOf, type SpeechPart, type VoicedPart, voiceParts } from './speech-part.ts';
import { type Spoken, toSpoken } from './spoken.ts';

export type SpeechOptions = {
  /** Engines in order of preference. Default: Flite (English), then espeak-ng (other languages) when it is installed. */
  providers?: readonly TextToSpeechProvider[];
  /** Worker threads, and programs, of each default engine. Default 2. */
  workers?: number;
  /** Rate of the result. Default: as each voice speaks, 8 to 22.05 kHz. */
  output?: SpeechOutput;
  /** Samples kept in memory. Default 64 MiB. */
  cacheBytes?: number;
  /** Folder in which speech is kept over restarts; none by default. */
  cacheDir?: string;
  /** Size of that folder. Default 1 GiB. */
  cacheDirBytes?: number;
  /** Longest text, in UTF-16 units. Default 5000. */
  maxTextLength?: number;
  /** A text that takes longer fails with `time_limit`. Default 60 000 ms. */
  timeLimitMs?: number;
  /** Told of trouble that costs no speech, such as a full disk. Default: a process warning. */
  onWarning?: (warning: Error) => void;
};

/** A text, or parts that are spoken one after the other. */
export type SayRequest =
  | {
      text: string;
      /** Name of a voice, or null for the language's. */
      voice?: string | null;
      /** Language tag (BCP 47), or null for the default voice's. */
      language?: string | null;
    }
  | { parts: readonly SpeechPart[] };

export type SayOptions = {
  /** Rate of the result, where there is one for all; else it is without meaning. Default: that one. */
  sampleRateHz?: number;
};

/** A voice as listed to users. */
export type SpeechVoice = { name: string; language: string; description: string; provider: string };

/** How often what happened since the start. */
export type SpeechCounts = {
  memoryHits: number;
  diskHits: number;
  synthesized: number;
  failed: number;
  cachedBytes: number;
};

/** What is spoken: one text, or parts. */
type Content = { isText: boolean; parts: readonly VoicedPart[]; output: SpeechOutput | null };

/** What nothing to say sounds like. */
const SILENCE_MS = 200;
const SILENCE_RATE_HZ = 8000;
/** Rises with every change of text cleaning or level that changes the sound. */
const SOUND_REVISION = 1;

/**
 * Speaks text. The same request always gives the same samples; they are kept in memory and, where a folder is given, on
 * disk. All voices come at one level: active speech at -20 dBFS RMS, peaks below -1 dBFS.
 */
export class Speech {
  readonly #providers: readonly TextToSpeechProvider[];
  readonly #output: SpeechOutput | null;
  readonly #maxTextLength: number;
  readonly #timeLimitMs: number;
  readonly #memory: MemoryCache;
  readonly #disk: DiskCache | null;
  readonly #underWay = new Map<string, Promise<Spoken>>();
  readonly #closing = new AbortController();
  readonly #counts = { memoryHits: 0, diskHits: 0, synthesized: 0, failed: 0 };

  constructor(options: SpeechOptions = {}) {
    const { workers = 2, cacheBytes = 64 << 20, cacheDir, cacheDirBytes = 1 << 30 } = options;
    const onWarning = options.onWarning ?? ((warning: Error) => process.emitWarning(warning));
    this.#providers = options.providers ?? [new FliteProvider({ workers }), new EspeakProvider({ workers })];
    this.#output = options.output ?? null;
    this.#maxTextLength = options.maxTextLength ?? 5000;
    this.#timeLimitMs = options.timeLimitMs ?? 60_000;
    this.#memory = new MemoryCache(cacheBytes);
    this.#disk =
      cacheDir === undefined ? null : new DiskCache({ folder: cacheDir, limitBytes: cacheDirBytes, onWarning });
  }

  /**
   * Speaks a text, or parts. Text without anything to say (empty, or only punctuation and emoji) is 200 ms of silence. Equal
   * requests under way at the same time are done once and share the result.
   *
   * @throws SpeechError
   */
  async say(request: SayRequest, { sampleRateHz }: SayOptions = {}): Promise<Spoken> {
    if (this.#closing.signal.aborted) throw new SpeechError('closed', 'speech is closed');
    const parts = partsOf(request);
    const length = parts.reduce((sum, part) => sum + ('text' in part ? part.text.length : 0), 0);
    if (length > this.#maxTextLength) {
      throw new SpeechError(
        'text_too_long',
        `the text has ${length} characters; at most ${this.#maxTextLength} are spoken at once`,
      );
    }
    const output = this.#output && { ...this.#output, sampleRateHz: sampleRateHz ?? this.#output.sampleRateHz };
    const content = { isText: 'text' in request, parts: await voiceParts(this.#providers, parts), output };
    const id = await this.#contentId(content);
    const kept = this.#memory.get(id);
    if (kept !== null) {
      this.#counts.memoryHits++;
      return kept;
    }
    const underWay = this.#underWay.get(id);
    if (underWay !== undefined) return underWay;
    const made = this.#make(id, content).finally(() => this.#underWay.delete(id));
    this.#underWay.set(id, made);
    return made;
  }

  /** Makes ready what will be said soon. Never fails: errors are counted, and come again from `say`. */
  async prefetch(request: SayRequest): Promise<void> {
    await this.say(request).catch(() => {
      this.#counts.failed++;
    });
  }

  /** The voices there are, the default first. */
  async voices(): Promise<SpeechVoice[]> {
    const lists = await Promise.all(
      this.#providers.map(async (provider) =>
        (await provider.voices()).map(({ name, language, description }) => ({
          name,
          language,
          description,
          provider: provider.name,
        })),
      ),
    );
    return lists.flat();
  }

  /** Figures for metrics; `failed` counts prefetches that failed. */
  counts(): SpeechCounts {
    return { ...this.#counts, cachedBytes: this.#memory.bytes };
  }

  /** Ends the engines; what is under way fails with `closed`. Resolves when all is stored and stopped. */
  async close(): Promise<void> {
    this.#closing.abort(new SpeechError('closed', 'speech was closed'));
    await Promise.all(this.#providers.map((provider) => provider.close()));
    await Promise.allSettled(this.#underWay.values());
    await this.#disk?.flush();
  }

  async #make(id: string, content: Content): Promise<Spoken> {
    const stored = (await this.#disk?.get(id)) ?? null;
    if (stored !== null) {
      this.#counts.diskHits++;
      this.#memory.set(stored);
      return stored;
    }
    const isSpoken = content.parts.some((part) => 'text' in part);
    const spoken = isSpoken ? await this.#synthesize(id, content) : this.#silence(id, content);
    this.#memory.set(spoken);
    this.#disk?.set(spoken);
    return spoken;
  }

  async #synthesize(id: string, { isText, parts, output }: Content): Promise<Spoken> {
    const timeUp = new AbortController();
    const timer = setTimeout(() => {
      timeUp.abort(new SpeechError('time_limit', `speaking took longer than ${this.#timeLimitMs} ms`));
    }, this.#timeLimitMs);
    try {
      const signal = AbortSignal.any([timeUp.signal, this.#closing.signal]);
      const [first] = parts;
      const { samples, sampleRateHz } =
        isText && first !== undefined && 'text' in first
          ? await renderText(first, output, signal)
          : await renderParts(parts, output, signal);
      this.#counts.synthesized++;
      return toSpoken(id, samples, sampleRateHz);
    } finally {
      clearTimeout(timer);
    }
  }

  async #contentId({ isText, parts, output }: Content): Promise<string> {
    const content = [SOUND_REVISION, output?.sampleRateHz ?? null, isText, ...(await contentOf(parts))];
    return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
  }

  #silence(id: string, { parts, output }: Content): Spoken {
    const sampleRateHz = output?.sampleRateHz ?? SILENCE_RATE_HZ;
    const pausesMs = parts.reduce((sum, part) => sum + ('pauseMs' in part ? part.pauseMs : 0), 0);
    return toSpoken(id, new Int16Array(Math.round((sampleRateHz * (pausesMs || SILENCE_MS)) / 1000)), sampleRateHz);
  }
}

function partsOf(request: SayRequest): readonly SpeechPart[] {
  if ('parts' in request) return request.parts;
  const { text, voice = null, language = null } = request;
  return [{ text, rate: 1, pitch: 1, gain: 1, voice, language }];
}
