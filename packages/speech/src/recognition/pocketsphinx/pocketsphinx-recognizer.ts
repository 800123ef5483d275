import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../find-program.ts';
import { SpeechError } from '../../speech-error.ts';
import type { Recognized, SpeechRecognizer, Utterance } from '../recognizer.ts';
import { atModelRate } from './at-model-rate.ts';
import { readChoice, readDictation } from './backtrace.ts';
import { Decoder, type DecoderOptions } from './decoder.ts';
import { Dictionary } from './dictionary.ts';
import { finiteStateGrammar, knownPhrases } from './grammar.ts';

export type PocketsphinxOptions = {
  /** Default `pocketsphinx_batch`, looked for on the PATH. */
  program?: string;
  /** Where the English model is. Default: where Debian has it. */
  modelDir?: string;
  /** Folder for what the programs read, emptied at the start; nobody else may use it. Default: a new one for temporary files. */
  workDir?: string;
  /** A program that did nothing for so long is ended. Default five minutes. */
  idleMs?: number;
};

type Kind = DecoderOptions['kind'];

const DEBIAN_MODEL_DIR = '/usr/share/pocketsphinx/model/en-us';
/** A program is replaced after so many utterances: whatever it may leak is gone with it. */
const MOST_UTTERANCES = 1000;
const INSTALLATION = 'Debian and Ubuntu: apt-get install pocketsphinx pocketsphinx-en-us';

/**
 * The program pocketsphinx, for English. With hints it chooses one of them, which it does well; without, it takes
 * dictation, which it does poorly at telephone quality. Programs are started when they are needed, one for each utterance
 * recognised at the same time.
 */
export class PocketsphinxRecognizer implements SpeechRecognizer {
  readonly name = 'pocketsphinx';
  readonly #program: string;
  readonly #modelDir: string;
  readonly #idleMs: number;
  readonly #chosenWorkDir: string | null;
  readonly #decoders = new Map<Decoder, Kind>();
  readonly #idle: Record<Kind, Decoder[]> = { choice: [], dictation: [] };
  readonly #idleTimers = new Map<Decoder, NodeJS.Timeout>();
  readonly #preparing = new Set<Kind>();
  #workDir: Promise<string> | null = null;
  #dictionary: Promise<Dictionary> | null = null;
  #closed = false;

  constructor(options: PocketsphinxOptions = {}) {
    this.#program = options.program ?? 'pocketsphinx_batch';
    this.#modelDir = options.modelDir ?? DEBIAN_MODEL_DIR;
    this.#chosenWorkDir = options.workDir ?? null;
    this.#idleMs = options.idleMs ?? 300_000;
  }

  async refusal(language: string | null): Promise<string | null> {
    if (language !== null && !/^en(?:-|$)/i.test(language)) {
      return `pocketsphinx understands English only, not "${language}"; set speech.recognition to a recogniser of other languages`;
    }
    if ((await findProgram(this.#program)) === null) {
      return `the program ${this.#program} is not installed (${INSTALLATION})`;
    }
    const model = join(this.#modelDir, 'en-us.lm.bin');
    const isThere = await access(model).then(
      () => true,
      () => false,
    );
    return isThere ? null : `the English model ${model} is not there (${INSTALLATION})`;
  }

  async prepare(hints: readonly string[]): Promise<void> {
    try {
      const kind = (await this.#knownPhrases(hints)).length === 0 ? 'dictation' : 'choice';
      if (this.#preparing.has(kind) || this.#runs(kind)) return;
      this.#preparing.add(kind);
      await this.#start(kind)
        .then((decoder) => this.#rest(kind, decoder))
        .finally(() => this.#preparing.delete(kind));
    } catch {
      // It comes again, and is told, when there is something to recognise.
    }
  }

  async recognize({ samples, sampleRateHz, hints, language }: Utterance, signal: AbortSignal): Promise<Recognized> {
    const refusal = await this.refusal(language);
    if (refusal !== null) throw new SpeechError('failed', refusal);
    const wide = atModelRate(samples, sampleRateHz);
    const phrases = await this.#knownPhrases(hints);
    if (phrases.length === 0) return readDictation(await this.#decode('dictation', wide, null, signal));
    return readChoice(await this.#decode('choice', wide, finiteStateGrammar(phrases), signal));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#idleTimers.values()) clearTimeout(timer);
    await Promise.all([...this.#decoders.keys()].map((decoder) => decoder.close()));
    if (this.#workDir !== null) await rm(await this.#workDir, { recursive: true, force: true });
  }

  #runs(kind: Kind): boolean {
    for (const [decoder, itsKind] of this.#decoders) if (itsKind === kind && decoder.usable) return true;
    return false;
  }

  async #knownPhrases(hints: readonly string[]): Promise<string[]> {
    if (hints.length === 0) return [];
    this.#dictionary ??= Dictionary.load(join(this.#modelDir, 'cmudict-en-us.dict')).catch((error: unknown) => {
      this.#dictionary = null;
      throw new SpeechError('failed', `the dictionary of pocketsphinx cannot be read: ${String(error)}`, {
        cause: error,
      });
    });
    const dictionary = await this.#dictionary;
    return knownPhrases(hints, (word) => dictionary.has(word));
  }

  async #decode(kind: Kind, samples: Int16Array, grammar: string | null, signal: AbortSignal): Promise<string[]> {
    const decoder = (await this.#takeIdle(kind)) ?? (await this.#start(kind));
    try {
      return await decoder.decode(samples, grammar, signal);
    } finally {
      if (decoder.usable && decoder.utterances < MOST_UTTERANCES && !this.#closed) this.#rest(kind, decoder);
      else await this.#end(decoder);
    }
  }

  /** One that rests, and is still alive. */
  async #takeIdle(kind: Kind): Promise<Decoder | null> {
    for (let decoder = this.#idle[kind].pop(); decoder !== undefined; decoder = this.#idle[kind].pop()) {
      clearTimeout(this.#idleTimers.get(decoder));
      this.#idleTimers.delete(decoder);
      if (decoder.usable) return decoder;
      await this.#end(decoder);
    }
    return null;
  }

  async #start(kind: Kind): Promise<Decoder> {
    this.#workDir ??= this.#makeWorkDir().catch((error: unknown) => {
      this.#workDir = null;
      throw new SpeechError('failed', `no folder for pocketsphinx can be made: ${String(error)}`, { cause: error });
    });
    const workDir = await this.#workDir;
    const decoder = await Decoder.start({ program: this.#program, modelDir: this.#modelDir, workDir, kind });
    this.#decoders.set(decoder, kind);
    if (!this.#closed) return decoder;
    await this.#end(decoder);
    throw new SpeechError('closed', 'speech recognition was closed');
  }

  #rest(kind: Kind, decoder: Decoder): void {
    this.#idle[kind].push(decoder);
    const timer = setTimeout(() => {
      this.#idleTimers.delete(decoder);
      this.#idle[kind] = this.#idle[kind].filter((one) => one !== decoder);
      void this.#end(decoder);
    }, this.#idleMs);
    this.#idleTimers.set(decoder, timer.unref());
  }

  async #end(decoder: Decoder): Promise<void> {
    this.#decoders.delete(decoder);
    await decoder.close();
  }

  async #makeWorkDir(): Promise<string> {
    if (this.#chosenWorkDir === null) return mkdtemp(join(tmpdir(), 'voxology-recognition-'));
    await rm(this.#chosenWorkDir, { recursive: true, force: true });
    await mkdir(this.#chosenWorkDir, { mode: 0o700 });
    return this.#chosenWorkDir;
  }
}
