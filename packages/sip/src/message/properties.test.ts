import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseAuthHeader } from '../digest/auth-header.ts';
import { SipHeaders, type SipMessage } from './message.ts';
import { formatNameAddr, parseNameAddr } from './name-addr.ts';
import { parseMessage } from './parse.ts';
import { serialize } from './serialize.ts';
import { StreamFramer } from './stream-framer.ts';
import { formatSipUri, parseSipUri } from './uri.ts';
import { formatVia, parseVia } from './via.ts';

const tokenChars = "ABCXYZabcxyz0189-.!%*_+`'~";
const token = fc.string({ unit: fc.constantFrom(...tokenChars), minLength: 1, maxLength: 12 });
/** Header text: any character but line ends, not spaced at its ends (the parser trims). */
const value = fc
  .string({ unit: 'grapheme', maxLength: 30 })
  .map((text) => text.replace(/[\r\n]/g, '').replace(/^[ \t]+|[ \t]+$/g, ''));
const user = fc.string({ unit: fc.constantFrom(..."abc019-_.!~*'()&=+$,;?/%41"), minLength: 1, maxLength: 10 });
const host = fc.constantFrom('example.com', '192.0.2.1', '[2001:db8::1]', 'a-b.c');
const port = fc.option(fc.integer({ min: 0, max: 65535 }), { nil: undefined });
const params = fc
  .array(fc.tuple(token, fc.option(token, { nil: null })), { maxLength: 4 })
  .map((entries) => new Map(entries.map(([name, text]) => [name.toLowerCase(), text])));
const uri = fc
  .tuple(user, host, port)
  .map(([name, at, number]) => `sip:${name}@${at}${number === undefined ? '' : `:${number}`}`);
const via = fc.record({
  protocol: fc.constant('SIP/2.0'),
  transport: fc.constantFrom('UDP', 'TCP', 'TLS', 'WSS'),
  host,
  port,
  params,
});
const nameAddr = fc.record({ displayName: value, uri, params });
const KNOWN = /^(via|v|from|f|to|t|call-id|i|cseq|max-forwards|content-length|l|content-type|c)$/i;

const message: fc.Arbitrary<SipMessage> = fc
  .record({
    method: token.filter((text) => !/^sip$/i.test(text)),
    uri,
    status: fc.integer({ min: 100, max: 699 }),
    reason: value,
    isRequest: fc.boolean(),
    vias: fc.array(via, { minLength: 1, maxLength: 3 }),
    from: nameAddr,
    to: nameAddr,
    callId: token,
    cseq: fc.integer({ min: 0, max: 0x7fff_ffff }),
    others: fc.array(
      fc.tuple(
        token.filter((text) => !KNOWN.test(text)),
        value,
      ),
      { maxLength: 5 },
    ),
    body: fc.uint8Array({ maxLength: 60 }),
  })
  .map((made) => {
    const headers = new SipHeaders();
    for (const one of made.vias) headers.append('Via', formatVia(one));
    headers.append('From', formatNameAddr(made.from)).append('To', formatNameAddr(made.to));
    headers.append('Call-ID', made.callId).append('CSeq', `${made.cseq} ${made.method}`);
    for (const [name, text] of made.others) headers.append(name, text);
    headers.append('Content-Length', String(made.body.length));
    const { method, uri: to, status, reason, body } = made;
    return made.isRequest
      ? { kind: 'request', method, uri: to, headers, body }
      : { kind: 'response', status, reason, headers, body };
  });

it('what is written reads the same', () => {
  fc.assert(
    fc.property(message, (written) => {
      const result = parseMessage(serialize(written));
      if (!result.ok) throw new Error(result.error.message);
      const { headers, body, ...line } = result.message;
      const { headers: writtenHeaders, body: writtenBody, ...writtenLine } = written;
      expect(line).toEqual(writtenLine);
      expect([...headers]).toEqual([...writtenHeaders]);
      expect(Buffer.from(body)).toEqual(Buffer.from(writtenBody));
    }),
    { numRuns: 300, seed: 3261 },
  );
});

it('addresses, Vias and URIs read as they were written', () => {
  fc.assert(
    fc.property(nameAddr, (address) => {
      expect(parseNameAddr(formatNameAddr(address))).toEqual(address);
    }),
    { numRuns: 300, seed: 3261 },
  );
  fc.assert(
    fc.property(via, (one) => {
      expect(parseVia(formatVia(one))).toEqual(one);
    }),
    { numRuns: 300, seed: 3261 },
  );
  fc.assert(
    fc.property(uri, (text) => {
      const read = parseSipUri(text);
      expect(read === null ? null : formatSipUri(read)).toBe(text);
    }),
    { numRuns: 300, seed: 3261 },
  );
});

const VALID = serialize({
  kind: 'request',
  method: 'INVITE',
  uri: 'sip:b@example.com;transport=tcp',
  headers: SipHeaders.from([
    ['Via', 'SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1;rport, SIP/2.0/UDP h'],
    ['From', '"A, \\" B" <sip:a@example.com>;tag=1'],
    ['To', 'sip:b@example.com'],
    ['Contact', '<sip:a@192.0.2.1>;q=0.5, *'],
    ['Call-ID', 'c'],
    ['CSeq', '1 INVITE'],
    ['Authorization', 'Digest username="a", realm="r, \\"x", nc=00000001'],
  ]),
  body: Buffer.from('v=0\r\n'),
});

const mutation = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: VALID.length }),
    remove: fc.integer({ min: 0, max: 20 }),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 5 }),
      fc
        .constantFrom('\r\n', '"', '<', '>', ';', ',', '=', ' ', '\n ', ':', '@', '\\', '-1')
        .map((text) => Buffer.from(text)),
    ),
  }),
  { minLength: 1, maxLength: 6 },
);

it('no change to a valid message makes any reader throw, and frames are refused or read', () => {
  fc.assert(
    fc.property(mutation, (changes) => {
      let bytes = VALID;
      for (const { at, remove, insert } of changes) {
        bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
      }
      const result = parseMessage(bytes);
      const headers = result.ok ? result.message.headers : result.partial?.headers;
      for (const [, text] of headers ?? []) {
        parseVia(text);
        parseNameAddr(text);
        parseSipUri(text);
        parseAuthHeader(text);
      }
      headers?.all('Contact');
      // Whatever was accepted can be written again.
      if (result.ok) serialize(result.message);
      const framer = new StreamFramer();
      const half = bytes.length >> 1;
      const frames = [...framer.push(bytes.subarray(0, half)), ...framer.push(bytes.subarray(half))];
      for (const frame of frames) if (frame.kind !== 'ping') parseMessage(frame.bytes);
    }),
    { numRuns: 3000, seed: 4475 },
  );
});
