import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from './limits.ts';
import { parseMessage } from './parse.ts';
import { type Frame, StreamFramer } from './stream-framer.ts';

const first = 'OPTIONS sip:a SIP/2.0\r\nl: 5\r\nCall-ID: 1\r\n\r\nhello';
const second = 'BYE sip:a SIP/2.0\r\nCall-ID: 2\r\nCONTENT-LENGTH :\r\n 3\r\n\r\n\r\n\r';
const third = 'ACK sip:a SIP/2.0\r\nCall-ID: 3\r\n\r\n';

function show(frames: Frame[]): string[] {
  return frames.map((frame) => (frame.kind === 'message' ? frame.bytes.toString() : frame.kind));
}

/** Pushes a text in pieces of `size` bytes. */
function pushAll(text: string, size: number, framer = new StreamFramer()): Frame[] {
  const bytes = Buffer.from(text);
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; at += size) frames.push(...framer.push(bytes.subarray(at, at + size)));
  return frames;
}

describe('StreamFramer', () => {
  it.each([1, 2, 3, 7, 64, 1000])('cuts messages from pieces of %i bytes', (size) => {
    expect(show(pushAll(`\r\n${first}\r\n${second}${third}\r\n\r\n${first}`, size))).toEqual([
      first,
      second,
      third,
      'ping',
      first,
    ]);
  });

  it('answers each CRLFCRLF between messages with one ping, and a single CRLF with none', () => {
    expect(show(pushAll('\r\n\r\n\r\n\r\n', 1))).toEqual(['ping', 'ping']);
    expect(show(pushAll(`\r\n${third}\r\n${third}`, 5))).toEqual([third, third]);
  });

  it('hands out frames that later input does not change', () => {
    const framer = new StreamFramer();
    const chunk = Buffer.from(third);
    const [frame] = framer.push(chunk);
    chunk.fill(0);
    framer.push(Buffer.from(first));
    expect(frame === undefined ? [] : show([frame])).toEqual([third]);
  });

  it.each(['-1', '1e3', 'x', '', '5\r\nContent-Length: 6'])('gives up on the Content-Length %j', (length) => {
    const framer = new StreamFramer();
    const text = `OPTIONS sip:a SIP/2.0\r\nl: ${length}\r\n\r\nhello`;
    const [frame, ...others] = framer.push(Buffer.from(text));
    expect(frame).toMatchObject({ kind: 'broken', code: 'bad-content-length' });
    expect(others).toEqual([]);
    if (frame?.kind === 'broken') expect(parseMessage(frame.bytes).ok).toBe(false);
    expect(framer.push(Buffer.from(first))).toEqual([]);
  });

  it('accepts the same Content-Length twice, for the parser to refuse', () => {
    expect(show(pushAll('A sip:a SIP/2.0\r\nl: 1\r\nl: 1\r\n\r\nx', 9))).toHaveLength(1);
  });

  it('gives up on messages over the limits, before they are held', () => {
    const limits = { ...DEFAULT_LIMITS, maxHeadBytes: 100, maxMessageBytes: 200 };
    const endless = pushAll('x'.repeat(1000), 10, new StreamFramer(limits));
    expect(endless).toMatchObject([{ kind: 'broken', code: 'too-large' }]);
    if (endless[0]?.kind === 'broken') expect(endless[0].bytes).toHaveLength(110);
    const big = pushAll('A sip:a SIP/2.0\r\nl: 180\r\n\r\n', 10, new StreamFramer(limits));
    expect(big).toMatchObject([{ kind: 'broken', code: 'too-large' }]);
    expect(pushAll('A sip:a SIP/2.0\r\nl: 99999999999999999999\r\n\r\n', 10, new StreamFramer(limits))).toHaveLength(1);
  });

  it('takes 64 kB byte by byte in time linear in their number', () => {
    const head = `A sip:a SIP/2.0\r\n${`X-Filler: ${'y'.repeat(80)}\r\n`.repeat(300)}`;
    const message = `${head}l: 30000\r\n\r\n${'z'.repeat(30_000)}`;
    const started = process.hrtime.bigint();
    expect(pushAll(message, 1)).toHaveLength(1);
    // Generous for a busy machine; searching from the start each time takes many seconds.
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(2000);
  });
});
