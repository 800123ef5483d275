import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Octets read in one turn: calls go on between them. */
const PIECE_BYTES = 65_536;

/** The words of a pronouncing dictionary of Sphinx: a line for each, sorted by nothing. Some 10 MB for English. */
export class Dictionary {
  readonly #words: ReadonlySet<string>;

  private constructor(words: ReadonlySet<string>) {
    this.#words = words;
  }

  static async load(file: string): Promise<Dictionary> {
    return Dictionary.read(await readFile(file));
  }

  static async read(content: Buffer): Promise<Dictionary> {
    const words = new Set<string>();
    for (let from = 0; from < content.length; ) {
      const newline = content.indexOf('\n', from + PIECE_BYTES);
      const to = newline < 0 ? content.length : newline;
      const lines = content.toString('latin1', from, to);
      // A second pronunciation of a word has a number in brackets behind it.
      for (const [, word = ''] of lines.matchAll(/^([a-z']+) /gm)) words.add(word);
      from = to + 1;
      await nextTurn();
    }
    return new Dictionary(words);
  }

  has(word: string): boolean {
    return this.#words.has(word);
  }
}
