import { FairQueue } from '../fair-queue.ts';
import { SpeechError } from '../speech-error.ts';
import type { Recognized, SpeechRecognizer, Utterance } from './recognizer.ts';

export type RecognitionOptions = {
  /** Null: none is there; `missing` says why. */
  recognizer: SpeechRecognizer | null;
  /** Said where there is no recogniser: what to do to have one. */
  missing?: string;
  /** Utterances recognised at the same time. Default 2. */
  atOnce?: number;
  /** Utterances that may wait for that. Default 100. */
  queueLimit?: number;
  /** An utterance that takes longer, waiting included, fails with `time_limit`. Default 15 000 ms. */
  timeLimitMs?: number;
};

/** How often what happened since the start. */
export type RecognitionCounts = { recognized: number; failed: number; running: number; waiting: number };

type Job = {
  utterance: Utterance;
  signal: AbortSignal;
  resolve(recognized: Recognized): void;
  reject(error: unknown): void;
};

/** Turns utterances of many callers into text: a few at a time, those of different owners in turn. */
export class Recognition {
  readonly #recognizer: SpeechRecognizer | null;
  readonly #missing: string;
  readonly #atOnce: number;
  readonly #queueLimit: number;
  readonly #timeLimitMs: number;
  readonly #queue = new FairQueue<string, Job>();
  readonly #closing = new AbortController();
  #running = 0;
  #recognized = 0;
  #failed = 0;

  constructor(options: RecognitionOptions) {
    this.#recognizer = options.recognizer;
    this.#missing = options.missing ?? 'speech recognition is not set up';
    this.#atOnce = options.atOnce ?? 2;
    this.#queueLimit = options.queueLimit ?? 100;
    this.#timeLimitMs = options.timeLimitMs ?? 15_000;
  }

  /** The recogniser's name; null: there is none. */
  get name(): string | null {
    return this.#recognizer?.name ?? null;
  }

  /** Why nothing can be recognised in this language (null: the recogniser's own), for people; null: it can. Never rejects. */
  async refusal(language: string | null): Promise<string | null> {
    if (this.#recognizer === null) return this.#missing;
    try {
      return await this.#recognizer.refusal(language);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** Gets ready for utterances of this kind; what {@link refusal} says of them. Never rejects. */
  async prepare(hints: readonly string[], language: string | null): Promise<string | null> {
    const refusal = await this.refusal(language);
    if (refusal === null && !this.#closing.signal.aborted) await this.#recognizer?.prepare(hints);
    return refusal;
  }

  /**
   * Text of an utterance. `owner`: those who share one have their utterances in order, different ones take turns.
   *
   * @throws SpeechError `busy`, `time_limit`, `failed`, `closed` …; the reason of `signal` when it is aborted. None of them
   *   names what was said.
   */
  recognize(owner: string, utterance: Utterance, signal: AbortSignal): Promise<Recognized> {
    const timeUp = AbortSignal.timeout(this.#timeLimitMs);
    const either = AbortSignal.any([signal, timeUp, this.#closing.signal]);
    return new Promise<Recognized>((resolve, reject) => {
      if (either.aborted) reject(either.reason);
      else if (this.#queue.length >= this.#queueLimit) {
        reject(new SpeechError('busy', `${this.#queue.length} utterances wait to be recognised already`));
      } else {
        this.#queue.push(owner, { utterance, signal: either, resolve, reject });
        this.#advance();
      }
    }).catch((error: unknown) => {
      if (!signal.aborted) this.#failed++;
      if (error !== timeUp.reason) throw error;
      throw new SpeechError('time_limit', `recognising speech took longer than ${this.#timeLimitMs} ms`);
    });
  }

  /** Figures for metrics. */
  counts(): RecognitionCounts {
    return {
      recognized: this.#recognized,
      failed: this.#failed,
      running: this.#running,
      waiting: this.#queue.length,
    };
  }

  /** Ends the recogniser; what is under way fails with `closed`. */
  async close(): Promise<void> {
    const closed = new SpeechError('closed', 'speech recognition was closed');
    this.#closing.abort(closed);
    for (const { reject } of this.#queue.drain()) reject(closed);
    await this.#recognizer?.close();
  }

  #advance(): void {
    while (this.#running < this.#atOnce) {
      const job = this.#queue.shift();
      if (job === undefined) return;
      if (job.signal.aborted) job.reject(job.signal.reason);
      else void this.#run(job);
    }
  }

  async #run({ utterance, signal, resolve, reject }: Job): Promise<void> {
    this.#running++;
    try {
      if (this.#recognizer === null) throw new SpeechError('failed', this.#missing);
      resolve(await this.#recognizer.recognize(utterance, signal));
      this.#recognized++;
    } catch (error) {
      reject(error);
    } finally {
      this.#running--;
      this.#advance();
    }
  }
}
