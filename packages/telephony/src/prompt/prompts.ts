import type { PlaySource } from '@voxology/callflow';
import type { Egress } from '@voxology/egress';
import type { AudioDecoder, PromptRef } from '@voxology/media';
import type { Speech } from '@voxology/speech';
import type { CallLog } from '../call/call-log.ts';
import { PromptCache, type PromptMemory } from './prompt-cache.ts';
import { WebAudio } from './web-audio.ts';

export interface PromptLimits {
  /** Bytes of one audio file that PLAY fetches. */
  maxFileBytes: number;
  /** Length of one audio file after decoding. */
  maxDurationMs: number;
  /** Decoded audio kept ready to play. */
  cacheBytes: number;
  /** Age up to which a fetched file is played without asking its server whether it has changed. */
  recheckMs: number;
}

export interface PromptParts {
  media: PromptMemory;
  /** Speaks at the telephone's sample rate. */
  speech: Pick<Speech, 'say'>;
  decoder: Pick<AudioDecoder, 'decode'>;
  egress: Pick<Egress, 'request'>;
}

/** The rate of prompts for calls that carry no more, and for rooms. */
const TELEPHONE_RATE_HZ = 8000;

/** Turns what a flow wants played into a prompt that the media workers hold. */
export class Prompts {
  readonly #speech: PromptParts['speech'];
  readonly #cache: PromptCache;
  readonly #files: WebAudio;

  constructor({ media, speech, decoder, egress }: PromptParts, limits: PromptLimits, nowMs: () => number) {
    this.#speech = speech;
    this.#cache = new PromptCache(media, limits.cacheBytes);
    this.#files = new WebAudio({ cache: this.#cache, decoder, egress, nowMs, ...limits });
  }

  /**
   * The prompt at the rate that the call hears whole ({@link MediaSession.promptRateHz}). Rejects with an error
   * for the call's log when the text cannot be spoken or the file not fetched or decoded.
   */
  async get(
    source: PlaySource,
    signal: AbortSignal,
    log: CallLog,
    sampleRateHz = TELEPHONE_RATE_HZ,
  ): Promise<PromptRef> {
    if (source.kind === 'url') return await this.#files.get(source.url, signal, log, sampleRateHz);
    const { text, voice, language, parts } = source;
    if (parts !== undefined) {
      const key = `ssml:${sampleRateHz}:${JSON.stringify(parts)}`;
      return await this.#cache.get(key, () => this.#speech.say({ parts }, { sampleRateHz }));
    }
    const key = `say:${sampleRateHz}:${voice ?? ''}:${language ?? ''}:${text}`;
    return await this.#cache.get(key, () => this.#speech.say({ text, voice, language }, { sampleRateHz }));
  }
}
