import type { PlaySource } from '@voxology/callflow';
import type { Egress } from '@voxology/egress';
import type { AudioDecoder, MediaEngine, PromptRef } from '@voxology/media';
import type { Speech } from '@voxology/speech';
import type { CallLog } from '../call/call-log.ts';
import { PromptCache } from './prompt-cache.ts';

export interface PromptLimits {
  /** Bytes of one audio file that PLAY fetches. */
  maxFileBytes: number;
  /** Length of one audio file after decoding. */
  maxDurationMs: number;
  /** Decoded audio kept ready to play. */
  cacheBytes: number;
}

export interface PromptParts {
  media: MediaEngine;
  /** Speaks at the telephone's sample rate. */
  speech: Speech;
  decoder: AudioDecoder;
  egress: Egress;
}

/** Turns what a flow wants played into a prompt that the media workers hold. */
export class Prompts {
  readonly #speech: Speech;
  readonly #decoder: AudioDecoder;
  readonly #egress: Egress;
  readonly #limits: PromptLimits;
  readonly #cache: PromptCache;
  readonly #nowMs: () => number;

  constructor({ media, speech, decoder, egress }: PromptParts, limits: PromptLimits, nowMs: () => number) {
    this.#speech = speech;
    this.#decoder = decoder;
    this.#egress = egress;
    this.#limits = limits;
    this.#cache = new PromptCache(media, limits.cacheBytes);
    this.#nowMs = nowMs;
  }

  /** Rejects with an error for the call's log when the text cannot be spoken or the file not fetched or decoded. */
  async get(source: PlaySource, signal: AbortSignal, log: CallLog): Promise<PromptRef> {
    return source.kind === 'say' ? await this.#say(source) : await this.#fetch(source.url, signal, log);
  }

  async #say({ text, voice, language }: Extract<PlaySource, { kind: 'say' }>): Promise<PromptRef> {
    const key = `say:${voice ?? ''}:${language ?? ''}:${text}`;
    return await this.#cache.get(key, () => this.#speech.say({ text, voice, language }));
  }

  /**
   * A file is asked for again each time, with the ETag of the copy we hold: the user may have changed it, and a
   * `304` costs little.
   */
  async #fetch(url: string, signal: AbortSignal, log: CallLog): Promise<PromptRef> {
    const held = this.#cache.held(`url:${url}`);
    const response = await this.#egress.request({
      method: 'GET',
      url,
      headers: held?.etag === undefined ? {} : { 'if-none-match': held.etag },
      maxResponseBytes: this.#limits.maxFileBytes,
      signal,
      onAttempt: (attempt) => log.note('http', 'attempt', { audio: true, ...attempt }, this.#nowMs()),
    });
    if (response.status === 304 && held !== undefined) return held.prompt;
    if (response.status !== 200) throw new Error(`GET ${url} answered ${response.status}; PLAY needs a 200 with audio`);
    const contentType = response.headers['content-type'];
    const audio = await this.#decoder.decode(response.body, {
      ...(contentType === undefined ? {} : { contentType }),
      maxDurationMs: this.#limits.maxDurationMs,
    });
    return this.#cache.replace(`url:${url}`, audio, response.headers.etag);
  }
}
