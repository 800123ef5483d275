import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runProgram } from '../../run-program.ts';
import { SpeechError } from '../../speech-error.ts';

export type DecoderOptions = {
  /** The program pocketsphinx_batch. */
  program: string;
  /** Folder of the model: `en-us/`, `cmudict-en-us.dict`, `en-us.lm.bin`. */
  modelDir: string;
  /** A folder of ours that nobody else reads. */
  workDir: string;
  /** `choice`: each utterance has a grammar of its own; `dictation`: the language model. */
  kind: 'choice' | 'dictation';
};

const MAKE_PIPES_LIMIT_MS = 5000;
/** The decoder tells some forty lines of each utterance, one of each word. */
const MOST_LINES = 5000;
/** Names within the decoder's folder. */
const UTTERANCE = 'utterance';
const GRAMMAR = 'grammar';

type Answer = { lines: string[]; resolve(lines: string[]): void; reject(error: unknown): void };

/**
 * A running pocketsphinx_batch, which has its model loaded and waits for the next line of its control file: a named pipe.
 * So an utterance costs its recognition alone; loading the model each time would cost 150 to 300 ms more. One utterance at a
 * time; after an error, or when one was given up, the process is ended and cannot be used any more.
 */
export class Decoder {
  readonly #folder: string;
  readonly #child: ChildProcess;
  /** Of the control file, and of the control file for grammars. */
  readonly #control: FileHandle;
  readonly #grammarControl: FileHandle | null;
  #answer: Answer | null = null;
  #ended = false;
  #utterances = 0;
  #complaint = '';

  private constructor(folder: string, child: ChildProcess, control: FileHandle, grammarControl: FileHandle | null) {
    this.#folder = folder;
    this.#child = child;
    this.#control = control;
    this.#grammarControl = grammarControl;
    child.on('error', (error) => this.#end(error));
    child.on('close', () => this.#end(new Error(`the program ended${this.#complaint}`)));
    if (child.stderr === null) throw new Error('the decoder was started without its stderr');
    createInterface({ input: child.stderr }).on('line', (line) => this.#take(line));
  }

  /** @throws SpeechError when the program or its pipes cannot be had */
  static async start({ program, modelDir, workDir, kind }: DecoderOptions): Promise<Decoder> {
    const opened: FileHandle[] = [];
    const folder = await mkdtemp(join(workDir, 'decoder-'));
    try {
      const pipe = async (name: string): Promise<FileHandle> => {
        const path = join(folder, name);
        await runProgram('mkfifo', ['-m', '600', path], {
          outputLimitBytes: 4096,
          signal: AbortSignal.timeout(MAKE_PIPES_LIMIT_MS),
        });
        // Opened both ways: opening it for writing alone would wait for the reader.
        const handle = await open(path, constants.O_RDWR);
        opened.push(handle);
        return handle;
      };
      const control = await pipe('control');
      const grammarControl = kind === 'choice' ? await pipe('grammars') : null;
      const child = spawn(program, argumentsOf(folder, modelDir, kind), {
        stdio: ['ignore', 'ignore', 'pipe'],
        shell: false,
        env: { PATH: process.env.PATH, LC_ALL: 'C' },
      });
      return new Decoder(folder, child, control, grammarControl);
    } catch (error) {
      for (const handle of opened) await handle.close();
      await rm(folder, { recursive: true, force: true });
      throw new SpeechError('failed', `pocketsphinx cannot be started: ${String(error)}`, { cause: error });
    }
  }

  /** Whether it can take another utterance. */
  get usable(): boolean {
    return !this.#ended;
  }

  /** Utterances so far. */
  get utterances(): number {
    return this.#utterances;
  }

  /**
   * What the decoder prints of an utterance at 16 kHz. `grammar` in Sphinx's finite-state format for a `choice`, else null.
   *
   * @throws SpeechError when the program fails; the signal's reason when it is aborted
   */
  async decode(samples: Int16Array, grammar: string | null, signal: AbortSignal): Promise<string[]> {
    this.#utterances++;
    const give = (): void => this.#end(signal.reason);
    signal.addEventListener('abort', give, { once: true });
    const { promise, resolve, reject } = Promise.withResolvers<string[]>();
    this.#answer = { lines: [], resolve, reject };
    // It may fail before anybody waits for it.
    promise.catch(() => undefined);
    try {
      if (signal.aborted) give();
      else if (this.#ended) reject(new Error('the program has ended'));
      else await this.#ask(samples, grammar);
      return await promise;
    } catch (error) {
      await this.close();
      if (signal.aborted) throw signal.reason;
      throw new SpeechError('failed', `pocketsphinx failed: ${(error as Error).message}`, { cause: error });
    } finally {
      signal.removeEventListener('abort', give);
      this.#answer = null;
      await this.#forget();
    }
  }

  /** Ends the process and takes its folder away. */
  async close(): Promise<void> {
    this.#end(new SpeechError('closed', 'speech recognition was closed'));
    await Promise.all([this.#control.close(), this.#grammarControl?.close()]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #ask(samples: Int16Array, grammar: string | null): Promise<void> {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    await writeFile(join(this.#folder, `${UTTERANCE}.raw`), bytes, { mode: 0o600 });
    if (grammar !== null && this.#grammarControl !== null) {
      await writeFile(join(this.#folder, GRAMMAR), grammar, { mode: 0o600 });
      await this.#grammarControl.write(`${GRAMMAR}\n`);
    }
    await this.#control.write(`${UTTERANCE}\n`);
  }

  /** Nothing of what was said stays on the disk. */
  async #forget(): Promise<void> {
    await rm(join(this.#folder, `${UTTERANCE}.raw`), { force: true });
    await rm(join(this.#folder, GRAMMAR), { force: true });
  }

  #take(line: string): void {
    if (line.startsWith('ERROR') || line.startsWith('FATAL')) this.#complaint = `: ${line.slice(0, 200)}`;
    const answer = this.#answer;
    if (answer === null) return;
    if (line.startsWith(`${UTTERANCE} done -`)) answer.resolve(answer.lines);
    else if (answer.lines.length < MOST_LINES) answer.lines.push(line);
    else this.#end(new Error(`the program said more than ${MOST_LINES} lines`));
  }

  #end(reason: unknown): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#child.kill('SIGKILL');
    }
    this.#answer?.reject(reason);
  }
}

function argumentsOf(folder: string, modelDir: string, kind: DecoderOptions['kind']): string[] {
  const common = {
    '-hmm': join(modelDir, 'en-us'),
    '-dict': join(modelDir, 'cmudict-en-us.dict'),
    '-adcin': 'yes',
    '-cepdir': folder,
    '-cepext': '.raw',
    '-ctl': join(folder, 'control'),
    '-backtrace': 'yes',
  };
  const special =
    kind === 'dictation'
      ? { '-lm': join(modelDir, 'en-us.lm.bin') }
      : {
          '-fsgctl': join(folder, 'grammars'),
          '-fsgdir': folder,
          // Scores are then relative to the best of all sounds, not of those that the grammar allows: a measure of doubt.
          '-compallsen': 'yes',
        };
  return Object.entries({ ...common, ...special }).flat();
}
