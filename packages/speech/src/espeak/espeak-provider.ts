import type { SynthesisRequest, SynthesizedSpeech, TextToSpeechProvider, Voice } from '../provider.ts';
import { runProgram } from '../run-program.ts';
import { SpeechError } from '../speech-error.ts';
import { readWave } from '../wave.ts';
import { parseEspeakVoices } from './espeak-voices.ts';

export type EspeakOptions = {
  /** The program. Default `espeak-ng`, looked for on the PATH. */
  program?: string;
  /** Programs run at the same time. Default 2. */
  workers?: number;
  /** Texts that may wait for a program. Default 200. */
  queueLimit?: number;
};

/** About half an hour at 22 kHz. */
const OUTPUT_LIMIT_BYTES = 80 << 20;
const PROBE_LIMIT_MS = 5000;
/** Rises with every change here that changes the sound. */
const SOUND_REVISION = 1;

/** The program's own rate; it speaks about half to four times as fast. */
const WORDS_PER_MINUTE = 175;
/** Of its scale of pitches from 0 to 99: the voice's own, and how far an octave would be. */
const MIDDLE_PITCH = 50;
const OCTAVE = 66;

type Installed = { version: string; voices: readonly Voice[] };

/** The espeak-ng program (a separate program under GPL-3), for about 100 languages; without voices when it is not there. */
export class EspeakProvider implements TextToSpeechProvider {
  readonly name = 'espeak-ng';
  readonly installation =
    'install the program espeak-ng (Debian and Ubuntu: apt-get install espeak-ng; macOS: brew install espeak-ng)';
  readonly #program: string;
  readonly #workers: number;
  readonly #queueLimit: number;
  readonly #waiting: (() => void)[] = [];
  readonly #closing = new AbortController();
  #running = 0;
  #installed: Promise<Installed> | null = null;

  constructor({ program = 'espeak-ng', workers = 2, queueLimit = 200 }: EspeakOptions = {}) {
    this.#program = program;
    this.#workers = workers;
    this.#queueLimit = queueLimit;
  }

  async version(): Promise<string> {
    return (await this.#probe()).version;
  }

  async voices(): Promise<readonly Voice[]> {
    return (await this.#probe()).voices;
  }

  async synthesize(
    { text, voice, rate = 1, pitch = 1 }: SynthesisRequest,
    signal: AbortSignal,
  ): Promise<SynthesizedSpeech> {
    const { voices } = await this.#probe();
    if (!voices.some(({ name }) => name === voice)) {
      throw new SpeechError('unknown_voice', `espeak-ng has no voice "${voice}"`);
    }
    await this.#enter();
    try {
      // Double brackets would be read as phoneme names.
      const input = text.replaceAll('[[', '[').replaceAll(']]', ']');
      const output = await this.#run(
        ['-v', voice, ...manner(rate, pitch), '-b', '1', '--stdin', '--stdout'],
        signal,
        input,
      );
      const wave = readWave(output);
      if (wave === null || wave.samples.length === 0) throw new SpeechError('failed', 'espeak-ng gave no sound');
      return wave;
    } catch (error) {
      if (error instanceof SpeechError || signal.aborted) throw error;
      throw new SpeechError('failed', String(error), { cause: error });
    } finally {
      this.#leave();
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new SpeechError('closed', 'speech was closed'));
  }

  #probe(): Promise<Installed> {
    this.#installed ??= this.#askProgram().catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { version: 'none', voices: [] };
      this.#installed = null;
      throw new SpeechError('failed', `${this.#program} does not work: ${String(error)}`, { cause: error });
    });
    return this.#installed;
  }

  async #askProgram(): Promise<Installed> {
    const signal = AbortSignal.timeout(PROBE_LIMIT_MS);
    const banner = await this.#run(['--version'], signal);
    const table = await this.#run(['--voices'], signal);
    const number = /\d+(?:\.\d+)+/.exec(banner.toString())?.[0] ?? 'unknown';
    return { version: `${number}/${SOUND_REVISION}`, voices: parseEspeakVoices(table.toString()) };
  }

  #run(args: readonly string[], signal: AbortSignal, input = ''): Promise<Buffer> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    return runProgram(this.#program, args, { input, outputLimitBytes: OUTPUT_LIMIT_BYTES, signal: either });
  }

  async #enter(): Promise<void> {
    if (this.#running < this.#workers) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= this.#queueLimit) {
      throw new SpeechError('busy', `${this.#waiting.length} texts wait for espeak-ng already`);
    }
    await new Promise<void>((go) => this.#waiting.push(go));
  }

  /** Hands the place to the next in line, or gives it up. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}

/** Its arguments for a rate and a pitch; none for the voice's own. */
function manner(rate: number, pitch: number): string[] {
  const args: string[] = [];
  if (rate !== 1) args.push('-s', String(Math.round(WORDS_PER_MINUTE * rate)));
  const step = Math.round(MIDDLE_PITCH + OCTAVE * Math.log2(pitch));
  if (pitch !== 1) args.push('-p', String(Math.min(Math.max(step, 0), 99)));
  return args;
}
