import { createHmac } from 'node:crypto';

/** P_SHA256 (RFC 5246 §5) over a label and a seed. */
export function prf(secret: Uint8Array, label: string, seed: Uint8Array, length: number): Uint8Array {
  const start = Buffer.concat([Buffer.from(label, 'latin1'), seed]);
  const hmac = (data: Uint8Array) => createHmac('sha256', secret).update(data).digest();
  const out = Buffer.alloc(length);
  let a: Uint8Array = start;
  for (let at = 0; at < length; at += 32) {
    a = hmac(a);
    hmac(Buffer.concat([a, start])).copy(out, at);
  }
  return out;
}
