import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';

/** A file that a command was given and cannot use; the message says why. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

/** The text of a file, or of the standard input for `-`. Throws {@link UnreadableFile}. */
export function readText(path: string): string {
  const bytes = bytesOf(path);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new UnreadableFile(`${path === '-' ? 'The standard input' : path} is no UTF-8 text; save it as UTF-8.`);
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path === '-' ? 0 : path);
  } catch (error) {
    throw new UnreadableFile(reasonOf(path, error as NodeJS.ErrnoException));
  }
}

function reasonOf(path: string, { code, message }: NodeJS.ErrnoException): string {
  const isAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(path);
  if (isAddress)
    return `${path} is an address, not a file; only simulate asks addresses, those of http:// and https://.`;
  if (code === 'ENOENT') return `There is no file ${path}.`;
  if (code === 'EISDIR') return `${path} is a folder; name a file in it.`;
  if (code === 'EACCES' || code === 'EPERM') return `${path} may not be read by this user.`;
  return `${path} cannot be read: ${message}`;
}
