import { readFile } from 'node:fs/promises';

/** Words whose answer is remembered. */
const MOST_REMEMBERED = 20_000;

/** A pronouncing dictionary of Sphinx: a line for each word, sorted by nothing. Kept as it is in the file: 3 MB for English. */
export class Dictionary {
  readonly #lines: Buffer;
  readonly #remembered = new Map<string, boolean>();

  constructor(content: Buffer) {
    this.#lines = Buffer.concat([Buffer.from('\n'), content]);
  }

  static async load(file: string): Promise<Dictionary> {
    return new Dictionary(await readFile(file));
  }

  has(word: string): boolean {
    const remembered = this.#remembered.get(word);
    if (remembered !== undefined) return remembered;
    const found = this.#lines.includes(`\n${word} `, 0, 'latin1') && /^[a-z']+$/.test(word);
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(word, found);
    return found;
  }
}
