import type { MediaEngine, PromptRef } from '@voxology/media';

/** Ready to be played on a telephone call. */
export interface PromptAudio {
  /** On a SharedArrayBuffer, so that every worker reads the same memory. */
  samples: Int16Array<SharedArrayBuffer>;
  sampleRateHz: number;
}

/** What the cache needs of the media engine. */
export type PromptMemory = Pick<MediaEngine, 'loadPrompt' | 'dropPrompt'>;

interface Held {
  prompt: PromptRef;
  bytes: number;
}

/** Prompts the media workers hold, the least recently used dropped beyond a number of bytes. */
export class PromptCache {
  readonly #media: PromptMemory;
  readonly #maxBytes: number;
  readonly #held = new Map<string, Held>();
  readonly #making = new Map<string, Promise<PromptRef>>();
  #bytes = 0;
  #nextId = 1;

  constructor(media: PromptMemory, maxBytes: number) {
    this.#media = media;
    this.#maxBytes = maxBytes;
  }

  /** The prompt of `key` if it is here. */
  held(key: string): PromptRef | undefined {
    const held = this.#held.get(key);
    if (held === undefined) return undefined;
    this.#held.delete(key);
    this.#held.set(key, held);
    return held.prompt;
  }

  /** Whether it is here, which is no use of it. */
  has(key: string): boolean {
    return this.#held.has(key);
  }

  /** The prompt of `key`; `make` runs once for all who ask meanwhile. */
  async get(key: string, make: () => Promise<PromptAudio>): Promise<PromptRef> {
    const held = this.held(key);
    if (held !== undefined) return held;
    let making = this.#making.get(key);
    if (making === undefined) {
      making = make()
        .then((audio) => this.#keep(key, audio))
        .finally(() => this.#making.delete(key));
      this.#making.set(key, making);
    }
    return await making;
  }

  #keep(key: string, { samples, sampleRateHz }: PromptAudio): PromptRef {
    const prompt = this.#media.loadPrompt({ id: `prompt-${this.#nextId++}`, samples, sampleRateHz });
    this.#held.set(key, { prompt, bytes: samples.byteLength });
    this.#bytes += samples.byteLength;
    for (const [oldest, held] of this.#held) {
      if (this.#bytes <= this.#maxBytes || oldest === key) break;
      this.#held.delete(oldest);
      this.#bytes -= held.bytes;
      // Who was just given the prompt has yet to say that it is to be played: that happens before the next turn.
      setImmediate(() => this.#media.dropPrompt(held.prompt.id));
    }
    return prompt;
  }
}
