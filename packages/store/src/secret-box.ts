import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { errorText, StoreError } from './errors.ts';

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const format = 'v1.';

/** Encrypts what must be read back, with AES-256-GCM (NIST SP 800-38D). */
export class SecretBox {
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  /** `v1.` and the base64url of nonce, tag and cipher text. The context is authenticated with it. */
  encrypt(text: string, context: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return format + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
  }

  /** @throws StoreError `secret` unless key, context and value belong together. */
  decrypt(value: string, context: string): string {
    const bytes = Buffer.from(value.slice(format.length), 'base64url');
    try {
      if (!value.startsWith(format)) throw new Error(`the value does not start with ${format}`);
      const nonce = bytes.subarray(0, nonceBytes);
      const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
    } catch (error) {
      throw new StoreError(
        'secret',
        `The stored secret "${context}" cannot be read: ${errorText(error)}. ` +
          'It was made with another secret key file or was changed. Put the right file back, or set the secret again.',
        { cause: error },
      );
    }
  }
}

/**
 * Reads the key file, or makes it with 32 random bytes and mode 0600.
 * @throws StoreError `secret` when the file is not such a key.
 */
export async function openSecretBox(file: string): Promise<SecretBox> {
  const key = (await readFile(file).catch(ifMissing)) ?? (await makeKeyFile(file));
  if (key.length !== keyBytes) {
    throw new StoreError('secret', `The secret key file ${file} has ${key.length} bytes; it must have ${keyBytes}.`);
  }
  return new SecretBox(createSecretKey(key));
}

async function makeKeyFile(file: string): Promise<Buffer> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, randomBytes(keyBytes), { mode: 0o600, flush: true });
  // Of several processes that start at once, the first one's key is everybody's.
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return readFile(file);
}

function ifMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw new StoreError('secret', `The secret key file cannot be read: ${error.message}.`, { cause: error });
}
