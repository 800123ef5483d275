import { createHash } from 'node:crypto';
import type { Egress, EgressResponse } from '@voxology/egress';
import type { AudioDecoder, PromptRef } from '@voxology/media';
import CachePolicy from 'http-cache-semantics';
import type { CallLog } from '../call/call-log.ts';
import type { PromptCache } from './prompt-cache.ts';

export interface WebAudioOptions {
  cache: PromptCache;
  decoder: Pick<AudioDecoder, 'decode'>;
  egress: Pick<Egress, 'request'>;
  maxFileBytes: number;
  maxDurationMs: number;
  /** A copy younger than this is played without asking the server, whatever its headers allow. */
  recheckMs: number;
  nowMs: () => number;
}

/** What is known of one URL: what its server said of keeping it, and the key of its sound in the cache. */
interface Known {
  policy: CachePolicy;
  key: string;
  checkedAtMs: number;
}

/** URLs remembered; their sound is bounded by the prompt cache. */
const MAX_URLS = 10_000;
/** Longer ones are refused: what is remembered of URLs must not outgrow their sound. */
const MAX_URL_CHARACTERS = 4096;
/** What prompts are decoded to. */
const RATES_HZ = [8000, 16_000];
/** Of the oldest, looked at each time that one is remembered: more than come in, so that none without sound stays. */
const SWEPT = 2;

/**
 * Audio files of PLAY. How long a copy is good is what its server says (RFC 9111), without guesses: a file without
 * `Cache-Control` or `Expires` is asked for again by its ETag or date. Files of the same bytes are decoded once.
 */
export class WebAudio {
  readonly #options: WebAudioOptions;
  /** In the order in which they are swept. */
  readonly #known = new Map<string, Known>();

  constructor(options: WebAudioOptions) {
    this.#options = options;
  }

  /** Rejects with an error for the call's log when the file cannot be fetched or decoded. */
  async get(url: string, signal: AbortSignal, log: CallLog, rateHz: number): Promise<PromptRef> {
    if (url.length > MAX_URL_CHARACTERS) {
      throw new Error(`the URL has ${url.length} characters, more than the ${MAX_URL_CHARACTERS} that PLAY takes`);
    }
    const request = { url, method: 'GET', headers: {} };
    const known = this.#known.get(url);
    const held = known === undefined ? undefined : this.#options.cache.held(atRate(known.key, rateHz));
    if (known === undefined || held === undefined) return await this.#fetch(url, {}, signal, log, rateHz);
    const ageMs = this.#options.nowMs() - known.checkedAtMs;
    if (ageMs < this.#options.recheckMs || known.policy.satisfiesWithoutRevalidation(request)) return held;
    return await this.#fetch(url, conditionsOf(known.policy, request), signal, log, rateHz);
  }

  async #fetch(
    url: string,
    conditions: Record<string, string>,
    signal: AbortSignal,
    log: CallLog,
    rateHz: number,
  ): Promise<PromptRef> {
    const { cache, decoder, maxDurationMs } = this.#options;
    const response = await this.#request(url, conditions, signal, log);
    if (response.status === 304 && Object.keys(conditions).length > 0) {
      const known = this.#known.get(url);
      // Many other files may have pushed this one out meanwhile.
      const held = known === undefined ? undefined : cache.held(atRate(known.key, rateHz));
      if (known === undefined || held === undefined) return await this.#fetch(url, {}, signal, log, rateHz);
      const { policy } = known.policy.revalidatedPolicy(...exchange(url, response));
      this.#remember(url, { ...known, policy, checkedAtMs: this.#options.nowMs() });
      return held;
    }
    if (response.status !== 200) throw new Error(`GET ${url} answered ${response.status}; PLAY needs a 200 with audio`);
    const contentType = response.headers['content-type'];
    const key = `file:${createHash('sha256')
      .update(response.body)
      .update(contentType ?? '')
      .digest('base64')}`;
    const prompt = await cache.get(atRate(key, rateHz), () =>
      decoder.decode(response.body, {
        ...(contentType === undefined ? {} : { contentType }),
        maxDurationMs,
        toSampleRateHz: rateHz,
      }),
    );
    const policy = new CachePolicy(...exchange(url, response), { shared: false, cacheHeuristic: 0 });
    if (policy.storable()) this.#remember(url, { policy, key, checkedAtMs: this.#options.nowMs() });
    else this.#known.delete(url);
    return prompt;
  }

  #remember(url: string, known: Known): void {
    this.#known.delete(url);
    this.#known.set(url, known);
    this.#sweep();
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_URLS && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Forgets the URLs among the oldest whose sound is gone; the others are looked at again after all the rest. */
  #sweep(): void {
    const urls = this.#known.keys();
    for (let swept = 0; swept < SWEPT; swept++) {
      const url = urls.next().value;
      const known = url === undefined ? undefined : this.#known.get(url);
      if (url === undefined || known === undefined) return;
      this.#known.delete(url);
      if (RATES_HZ.some((rateHz) => this.#options.cache.has(atRate(known.key, rateHz)))) this.#known.set(url, known);
    }
  }

  async #request(
    url: string,
    headers: Record<string, string>,
    signal: AbortSignal,
    log: CallLog,
  ): Promise<EgressResponse> {
    return await this.#options.egress.request({
      method: 'GET',
      url,
      headers,
      maxResponseBytes: this.#options.maxFileBytes,
      signal,
      onAttempt: (attempt) => log.note('http', 'attempt', { audio: true, ...attempt }, this.#options.nowMs()),
    });
  }
}

/** The key of a file's sound at one rate. */
function atRate(key: string, rateHz: number): string {
  return `${key}@${rateHz}`;
}

function exchange(url: string, { status, headers }: EgressResponse): [CachePolicy.Request, CachePolicy.Response] {
  return [
    { url, method: 'GET', headers: {} },
    { status, headers },
  ];
}

function conditionsOf(policy: CachePolicy, request: CachePolicy.Request): Record<string, string> {
  const headers = policy.revalidationHeaders(request);
  const conditions: Record<string, string> = {};
  for (const name of ['if-none-match', 'if-modified-since']) {
    const value = headers[name];
    if (typeof value === 'string') conditions[name] = value;
  }
  return conditions;
}
