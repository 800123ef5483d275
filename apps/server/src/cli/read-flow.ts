import { readFileSync } from 'node:fs';

/** A file that a command was given and cannot use; the message says why. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

/** The text of a file, or of the standard input for `-`. Throws {@link UnreadableFile}. */
export function readText(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new UnreadableFile(`${path} cannot be read: ${(error as Error).message}`);
  }
}
