import { describe, expect, it } from 'vitest';
import { createResponse } from './create-response.ts';
import { DEFAULT_LIMITS, type MessageLimits } from './limits.ts';
import { type ParseResult, parseMessage } from './parse.ts';

const HEADERS = [
  'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
  'Max-Forwards: 70',
  'From: <sip:a@example.com>;tag=1',
  'To: <sip:b@example.com>',
  'Call-ID: c',
  'CSeq: 1 OPTIONS',
];

/** A request with other header lines in place of those of the same name, or added. */
function request(changes: string[] = [], { firstLine = 'OPTIONS sip:b@example.com SIP/2.0', body = '' } = {}): string {
  const nameOf = (line: string) => line.slice(0, line.indexOf(':')).toLowerCase();
  const changed = new Set(changes.map(nameOf));
  const lines = [
    firstLine,
    ...HEADERS.filter((line) => !changed.has(nameOf(line))),
    ...changes.filter((line) => !line.endsWith(':')),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function parse(text: string, limits: Partial<MessageLimits> = {}): ParseResult {
  return parseMessage(Buffer.from(text), { ...DEFAULT_LIMITS, ...limits });
}

function parsed(text: string) {
  const result = parse(text);
  if (!result.ok) throw new Error(result.error.message);
  return result.message;
}

describe('parseMessage', () => {
  it('reads a request', () => {
    const message = parsed(request(['Content-Type: text/plain', 'l: 5'], { body: 'hello' }));
    expect(message).toMatchObject({ kind: 'request', method: 'OPTIONS', uri: 'sip:b@example.com' });
    expect(message.headers.get('Content-Length')).toBe('5');
    expect(Buffer.from(message.body).toString()).toBe('hello');
  });

  it('reads a response, with any reason or none', () => {
    for (const reason of ['OK', '', '= 2**3 * 5**2 но сто']) {
      const message = parsed(request([], { firstLine: `SIP/2.0 200 ${reason}` }));
      expect(message).toMatchObject({ kind: 'response', status: 200, reason });
    }
    expect(parsed(request([], { firstLine: 'sip/2.0 180' }))).toMatchObject({ status: 180, reason: '' });
  });

  it('unfolds continued lines, trims, and accepts white space before the colon', () => {
    const text = request(['Subject :  one\r\n\ttwo \r\n   three  ', 's:']);
    expect(parsed(text).headers.get('Subject')).toBe('one two three');
    expect(parsed(request(['X-Empty: ', 'X-After: 1'])).headers.get('X-Empty')).toBe('');
  });

  it('accepts line ends of LF alone, line ends before the message and spaces around the first line', () => {
    const text = `\n\r\n${request([], { firstLine: 'OPTIONS  sip:b@example.com  SIP/2.0  ', body: 'x' })}`;
    expect(parsed(text.replaceAll('\r\n', '\n'))).toMatchObject({ method: 'OPTIONS', uri: 'sip:b@example.com' });
  });

  it('takes the body by Content-Length and the whole rest without one', () => {
    expect(parsed(request(['l:2'], { body: 'abc\r\n\r\nINVITE' })).body).toHaveLength(2);
    expect(parsed(request([], { body: 'abc' })).body).toHaveLength(3);
    expect(parsed(request(['l:0'])).body).toHaveLength(0);
  });

  it('reads UTF-8, byte order marks included', () => {
    expect(parsed(request(['Subject: \uFEFF大電'])).headers.get('s')).toBe('\uFEFF大電');
  });

  it.each([
    ['', 'empty', undefined],
    ['\r\n\r\n', 'empty', undefined],
    ['hello', 'bad-start-line', 400],
    [request([], { firstLine: 'OPTIONS sip:b@example.com' }), 'bad-start-line', 400],
    [request([], { firstLine: 'OPT<IONS sip:b SIP/2.0' }), 'bad-start-line', 400],
    [request([], { firstLine: 'OPTIONS SIP/2.0' }), 'bad-start-line', 400],
    [request([], { firstLine: 'OPTIONS sip:b SIP/7.0' }), 'bad-version', 505],
    [request([], { firstLine: 'OPTIONS sip:b SIP/2.00' }), 'bad-version', 505],
    [request([], { firstLine: 'SIP/3.0 200 OK' }), 'bad-version', undefined],
    [request([], { firstLine: 'SIP/2.0 4294967301 x' }), 'bad-status', undefined],
    [request([], { firstLine: 'SIP/2.0 099 x' }), 'bad-status', undefined],
    [request([], { firstLine: 'SIP/2.0 2e2 x' }), 'bad-status', undefined],
    [request([], { firstLine: 'SIP/2.0' }), 'bad-status', undefined],
    [request([], { firstLine: 'OPTIONS <sip:b> SIP/2.0' }), 'bad-request-uri', 400],
    [request([], { firstLine: 'OPTIONS sip:b; lr SIP/2.0' }), 'bad-request-uri', 400],
    [request([], { firstLine: 'OPTIONS sip:b?x=y SIP/2.0' }), 'bad-request-uri', 400],
    [request([], { firstLine: 'OPTIONS junk SIP/2.0' }), 'bad-request-uri', 400],
    [request(['Foobar roobar']), 'bad-header-line', 400],
    [request([': x']), 'bad-header-line', 400],
    [request([], { firstLine: 'OPTIONS sip:b SIP/2.0\r\n Subject: x' }), 'bad-header-line', 400],
    [request(['a b: x']), 'bad-header-line', 400],
    [request(['Subject: a\rb']), 'bad-line-end', 400],
    [request().slice(0, -2), 'no-end-of-headers', 400],
    [request(['l: 6'], { body: 'short' }), 'incomplete-body', 400],
    [request([`l: ${'9'.repeat(400)}`]), 'incomplete-body', 400],
    [request(['l: -1']), 'bad-content-length', 400],
    [request(['l: 0x10']), 'bad-content-length', 400],
    [request(['l: 1 2']), 'bad-content-length', 400],
    [request(['l: 0', 'Content-Length: 0']), 'duplicate-header', 400],
    [request(['CSeq: 1 OPTIONS', 'CSeq: 1 OPTIONS']), 'duplicate-header', 400],
    [request(['CSeq: 1 INVITE']), 'cseq-mismatch', 400],
    [request(['CSeq: 2147483648 OPTIONS']), 'bad-header', 400],
    [request(['Max-Forwards: 300']), 'bad-header', 400],
    [request(['Max-Forwards: many']), 'bad-header', 400],
    [request(['Call-ID: ']), 'bad-header', 400],
    [request(['Via: SIP/2.0/UDP h;;,;']), 'bad-header', 400],
    [request(['To: "Mr. J. User <sip:b>']), 'bad-header', 400],
    [request(['From: b']), 'bad-header', 400],
    [request(['Via: ,']), 'missing-header', 400],
  ])('refuses %j: %s', (text, code, status) => {
    const result = parse(text);
    if (result.ok) throw new Error('accepted');
    expect([result.error.code, result.error.status]).toEqual([code, status]);
  });

  it.each(['Via', 'From', 'To', 'Call-ID', 'CSeq'])('names a missing %s', (header) => {
    expect(parse(request([`${header}:`]))).toMatchObject({
      ok: false,
      error: { code: 'missing-header', header, status: 400 },
    });
  });

  it('hands out what it could read, enough to answer', () => {
    const result = parse(request(['nonsense', 'l: -1'], { firstLine: 'OPTIONS sip:b SIP/7.0' }));
    if (result.ok || result.partial === undefined) throw new Error('nothing to answer');
    expect(result.partial).toMatchObject({ kind: 'request', method: 'OPTIONS' });
    const response = createResponse(result.partial, result.error.status ?? 0, { toTag: 't' });
    expect(response.status).toBe(505);
    expect([...response.headers].map(([name]) => name)).toEqual(['Via', 'From', 'To', 'Call-ID', 'CSeq']);
  });

  it('keeps its limits', () => {
    const codeOf = (result: ParseResult) => (result.ok ? 'ok' : result.error.code);
    const text = request();
    expect(codeOf(parse(text, { maxMessageBytes: text.length }))).toBe('ok');
    expect(codeOf(parse(text, { maxMessageBytes: text.length - 1 }))).toBe('too-large');
    expect(codeOf(parse(text, { maxHeadBytes: text.length - 1 }))).toBe('too-large');
    expect(codeOf(parse(text, { maxHeaders: 6 }))).toBe('ok');
    expect(codeOf(parse(text, { maxHeaders: 5 }))).toBe('too-many-headers');
    expect(codeOf(parse(request([`Subject: a\r\n ${'b'.repeat(50)}`]), { maxLineLength: 50 }))).toBe('line-too-long');
    expect(parse(text, { maxLineLength: 20 })).toMatchObject({ error: { code: 'line-too-long', status: 414 } });
  });

  it.each([
    ['lines without a colon', 'x\n'],
    ['carriage returns', '\r'],
    ['line feeds', '\n'],
    ['empty continuations', 'a:\n \n'],
    ['semicolons', ';'],
    ['quotes', '"\\'],
    ['commas', ','],
    ['brackets', '<'],
  ])('costs no more than its length for 60 kB of %s', (_, piece) => {
    const limits = { maxHeadBytes: 65_535, maxLineLength: 65_535, maxHeaders: 65_535 };
    const filler = piece.repeat(Math.floor(60_000 / piece.length));
    const started = process.hrtime.bigint();
    for (const name of ['Via', 'To', 'Contact']) parse(request([`${name}: ${filler}`]), limits);
    parse(filler, limits);
    // Generous for a busy machine; a quadratic reading of 60 kB takes seconds.
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(500);
  });
});
