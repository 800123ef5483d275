import type { OctetCodec } from '../codec/audio-codec.ts';
import { EncodedPrompt, PROMPT_RATE_HZ, type Prompt, type PromptRateHz } from '../session/prompt.ts';

/** The prompts a worker may play, and a cache of their encodings. */
export class PromptStore {
  readonly #prompts = new Map<string, Prompt>();
  // In the order of use, the oldest first.
  readonly #cache = new Map<string, EncodedPrompt>();
  readonly #limitBytes: number;
  #bytes = 0;

  /** A limit under the size of one prompt still lets it play: it is encoded anew each time. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get cachedBytes(): number {
    return this.#bytes;
  }

  load(promptId: string, samples: Int16Array, sampleRateHz: PromptRateHz = PROMPT_RATE_HZ): void {
    const encodedFor = (codec: OctetCodec) => this.#encodingOf(promptId, samples, codec);
    this.#prompts.set(promptId, { samples, sampleRateHz, encodedFor });
  }

  get(promptId: string): Prompt | undefined {
    return this.#prompts.get(promptId);
  }

  /** Who plays it goes on. */
  drop(promptId: string): void {
    this.#prompts.delete(promptId);
    for (const key of this.#cache.keys()) {
      if (key.slice(key.indexOf(':') + 1) === promptId) this.#evict(key);
    }
  }

  #encodingOf(promptId: string, samples: Int16Array, codec: OctetCodec): EncodedPrompt {
    const key = `${codec.name}:${promptId}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) {
      this.#cache.delete(key);
      this.#cache.set(key, cached);
      return cached;
    }
    const encoded = new EncodedPrompt(samples, codec);
    // Dropped while it plays: nobody will ask for it again.
    if (!this.#prompts.has(promptId)) return encoded;
    this.#cache.set(key, encoded);
    this.#bytes += encoded.bytes.length;
    for (const oldest of this.#cache.keys()) {
      if (this.#bytes <= this.#limitBytes) break;
      this.#evict(oldest);
    }
    return encoded;
  }

  #evict(key: string): void {
    this.#bytes -= this.#cache.get(key)?.bytes.length ?? 0;
    this.#cache.delete(key);
  }
}
