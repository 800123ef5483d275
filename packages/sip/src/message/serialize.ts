import type { SipMessage } from './message.ts';
import { isToken } from './params.ts';

/** A message that cannot be written without changing its meaning on the wire, such as a value with a line end. */
export class SerializeError extends Error {
  override readonly name = 'SerializeError';
}

/**
 * The bytes of a message. Content-Length is written from the body, whatever the headers say, as the last line.
 *
 * @throws SerializeError for a line end in the start line or a header, a header name or method that is no token, a
 * Request-URI that is empty or has white space, a status that is not 100–699.
 */
export function serialize(message: SipMessage): Buffer {
  let head = message.kind === 'request' ? requestLine(message) : statusLine(message);
  for (const [name, value] of message.headers) {
    if (name === 'Content-Length') continue;
    if (!isToken(name)) throw new SerializeError(`header name ${JSON.stringify(name)} is not a token`);
    if (hasLineEnd(value)) throw new SerializeError(`header ${name} has a line end in its value`);
    head += `${name}: ${value}\r\n`;
  }
  const body = message.body;
  head += `Content-Length: ${body.length}\r\n\r\n`;
  const headBytes = Buffer.byteLength(head);
  const bytes = Buffer.allocUnsafe(headBytes + body.length);
  bytes.write(head, 0, 'utf8');
  bytes.set(body, headBytes);
  return bytes;
}

function requestLine({ method, uri }: { method: string; uri: string }): string {
  if (!isToken(method)) throw new SerializeError(`method ${JSON.stringify(method)} is not a token`);
  if (uri === '' || /[\s]/.test(uri)) throw new SerializeError(`Request-URI ${JSON.stringify(uri)} is empty or spaced`);
  return `${method} ${uri} SIP/2.0\r\n`;
}

function statusLine({ status, reason }: { status: number; reason: string }): string {
  if (!Number.isInteger(status) || status < 100 || status > 699) {
    throw new SerializeError(`status ${status} is not between 100 and 699`);
  }
  if (hasLineEnd(reason)) throw new SerializeError('the reason phrase has a line end');
  return `SIP/2.0 ${status} ${reason}\r\n`;
}

function hasLineEnd(text: string): boolean {
  return text.includes('\n') || text.includes('\r');
}
