import { randomFillSync } from 'node:crypto';

/** The start of every branch made by RFC 3261 elements (§8.1.1.7). */
export const BRANCH_COOKIE = 'z9hG4bK';

const pool = Buffer.allocUnsafeSlow(4096);
let used = pool.length;

/** Random text in hexadecimal, cut from a pool so that one call to the generator serves hundreds of identifiers. */
function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

/** A new branch for a Via: the magic cookie and 96 random bits (RFC 3261 §8.1.1.7). */
export function newBranch(): string {
  return BRANCH_COOKIE + randomHex(12);
}

/** A new From or To tag: 64 random bits (RFC 3261 §19.3 asks for at least 32). */
export function newTag(): string {
  return randomHex(8);
}

/** A new Call-ID: 128 random bits, without a host name that would tell where it was made. */
export function newCallId(): string {
  return randomHex(16);
}
