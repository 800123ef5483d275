import type { PlaySource } from '@voxology/callflow';
import type { Egress, EgressResponse } from '@voxology/egress';
import type { AudioDecoder, PromptRef } from '@voxology/media';
import type { Speech } from '@voxology/speech';
import type { CallLog } from '../call/call-log.ts';
import { PromptCache, type PromptMemory } from './prompt-cache.ts';

export interface PromptLimits {
  /** Bytes of one audio file that PLAY fetches. */
  maxFileBytes: number;
  /** Length of one audio file after decoding. */
  maxDurationMs: number;
  /** Decoded audio kept ready to play. */
  cacheBytes: number;
}

export interface PromptParts {
  media: PromptMemory;
  /** Speaks at the telephone's sample rate. */
  speech: Pick<Speech, 'say'>;
  decoder: Pick<AudioDecoder, 'decode'>;
  egress: Pick<Egress, 'request'>;
}

/** Turns what a flow wants played into a prompt that the media workers hold. */
export class Prompts {
  readonly #speech: PromptParts['speech'];
  readonly #decoder: PromptParts['decoder'];
  readonly #egress: PromptParts['egress'];
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
    const key = `url:${url}`;
    const known = this.#cache.held(key);
    let response = await this.#get(url, known?.etag, signal, log);
    if (response.status === 304) {
      // Another call may have brought a newer copy meanwhile, or many others pushed this one out.
      const held = this.#cache.held(key);
      if (held !== undefined) return held.prompt;
      response = await this.#get(url, undefined, signal, log);
    }
    if (response.status !== 200) throw new Error(`GET ${url} answered ${response.status}; PLAY needs a 200 with audio`);
    const contentType = response.headers['content-type'];
    const audio = await this.#decoder.decode(response.body, {
      ...(contentType === undefined ? {} : { contentType }),
      maxDurationMs: this.#limits.maxDurationMs,
    });
    return this.#cache.replace(key, audio, response.headers.etag);
  }

  async #get(url: string, etag: string | undefined, signal: AbortSignal, log: CallLog): Promise<EgressResponse> {
    return await this.#egress.request({
      method: 'GET',
      url,
      headers: etag === undefined ? {} : { 'if-none-match': etag },
      maxResponseBytes: this.#limits.maxFileBytes,
      signal,
      onAttempt: (attempt) => log.note('http', 'attempt', { audio: true, ...attempt }, this.#nowMs()),
    });
  }
}
