import { parseDigits } from './digits.ts';
import { findHeadEnd } from './head-end.ts';
import { SipHeaders } from './headers.ts';
import { DEFAULT_LIMITS, type MessageLimits } from './limits.ts';
import { endOfLine, readHeaders } from './read-headers.ts';

/** What came out of a stream. */
export type Frame =
  /** The bytes of one message, for `parseMessage`. */
  | { kind: 'message'; bytes: Buffer }
  /** CRLFCRLF between messages: a keep-alive, to be answered with one CRLF (RFC 5626 §4.4.1). */
  | { kind: 'ping' }
  /**
   * The stream cannot be followed any further and must be closed. `bytes` is what was read of the message at fault;
   * `parseMessage` refuses it too and tells what to answer.
   */
  | { kind: 'broken'; code: 'too-large' | 'bad-content-length'; message: string; bytes: Buffer };

const LF = 0x0a;
const CR = 0x0d;

/**
 * Cuts a byte stream into messages by their Content-Length (RFC 3261 §18.3); a missing one counts as zero. Takes time
 * linear in the number of bytes, in whatever pieces they come, and holds at most one message. Frames own their memory.
 */
export class StreamFramer {
  readonly #limits: Readonly<MessageLimits>;
  #buffer: Buffer = Buffer.alloc(0);
  /** The bytes not yet handed out are `#buffer[#start … #end)`. */
  #start = 0;
  #end = 0;
  /** Index up to where the end of the headers was searched in vain. */
  #searched = 0;
  /** Length of the message at `#start`, 0 until its headers are complete. */
  #frameBytes = 0;
  #blankLines = 0;
  #isBroken = false;

  constructor(limits: Readonly<MessageLimits> = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** Takes the next bytes and returns what they complete, in order. After a `broken` frame nothing comes any more. */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    if (this.#isBroken) return frames;
    this.#hold(chunk);
    for (let frame = this.#next(); frame !== null; frame = this.#next()) {
      frames.push(frame);
      if (frame.kind !== 'broken') continue;
      this.#isBroken = true;
      this.#buffer = Buffer.alloc(0);
      break;
    }
    return frames;
  }

  #next(): Frame | null {
    if (this.#frameBytes === 0) {
      if (this.#skipBlankLines()) return { kind: 'ping' };
      const broken = this.#measure();
      if (broken !== null) return broken;
    }
    if (this.#frameBytes === 0 || this.#end - this.#start < this.#frameBytes) return null;
    const bytes = this.#copy(this.#frameBytes);
    this.#start += this.#frameBytes;
    this.#searched = this.#start;
    this.#frameBytes = 0;
    return { kind: 'message', bytes };
  }

  /** Steps over line ends between messages; true at the second one in a row. */
  #skipBlankLines(): boolean {
    while (this.#start < this.#end) {
      const byte = this.#buffer[this.#start];
      if (byte !== CR && byte !== LF) {
        this.#blankLines = 0;
        break;
      }
      this.#start++;
      if (byte === LF && ++this.#blankLines === 2) {
        this.#blankLines = 0;
        return true;
      }
    }
    return false;
  }

  /** Finds the end of the headers and from them the length of the message. */
  #measure(): Frame | null {
    const held = this.#buffer.subarray(0, this.#end);
    // The empty line may have begun in bytes searched before.
    const headEnd = findHeadEnd(held, Math.max(this.#start, this.#searched - 2));
    this.#searched = this.#end;
    const headBytes = (headEnd < 0 ? this.#end : headEnd) - this.#start;
    if (headBytes > this.#limits.maxHeadBytes) {
      return this.#broken('too-large', `the headers are longer than ${this.#limits.maxHeadBytes} bytes`);
    }
    if (headEnd < 0) return null;
    const length = this.#contentLength(held.toString('latin1', this.#start, headEnd));
    if (Number.isNaN(length)) {
      return this.#broken('bad-content-length', 'Content-Length is not one number');
    }
    if (headBytes + length > this.#limits.maxMessageBytes) {
      return this.#broken('too-large', `the message has ${headBytes + length} bytes`);
    }
    this.#frameBytes = headBytes + length;
    return null;
  }

  /** Reads it by the parser's own code, so that framing and parsing can never disagree about where a body ends. */
  #contentLength(head: string): number {
    const headers = new SipHeaders();
    readHeaders(head, endOfLine(head, 0) + 1, headers, this.#limits);
    const [first, ...others] = headers.all('Content-Length');
    if (first === undefined) return 0;
    return others.every((other) => other === first) ? parseDigits(first) : Number.NaN;
  }

  #broken(code: 'too-large' | 'bad-content-length', message: string): Frame {
    return { kind: 'broken', code, message, bytes: this.#copy(this.#end - this.#start) };
  }

  #copy(length: number): Buffer {
    return Buffer.from(this.#buffer.subarray(this.#start, this.#start + length));
  }

  /** Appends to the held bytes. The buffer doubles, so that each byte is moved a bounded number of times. */
  #hold(chunk: Uint8Array): void {
    if (this.#start === this.#end) this.#moveTo(this.#buffer);
    const needed = this.#end - this.#start + chunk.length;
    if (this.#end + chunk.length > this.#buffer.length) {
      const isRoomy = needed <= this.#buffer.length;
      this.#moveTo(isRoomy ? this.#buffer : Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2, 2048)));
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  #moveTo(target: Buffer): void {
    this.#buffer.copy(target, 0, this.#start, this.#end);
    this.#buffer = target;
    this.#searched = Math.max(this.#searched - this.#start, 0);
    this.#end -= this.#start;
    this.#start = 0;
  }
}
