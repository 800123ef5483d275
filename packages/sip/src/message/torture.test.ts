import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Registrar } from '../registrar/registrar.ts';
import { parseCSeq } from './cseq.ts';
import type { SipMessage } from './message.ts';
import { parseNameAddr } from './name-addr.ts';
import { type ParseErrorCode, parseMessage } from './parse.ts';
import { serialize } from './serialize.ts';
import { parseSipUri, unescapeUri } from './uri.ts';
import { parseVia } from './via.ts';

/** The messages of RFC 4475, where a copy lies beside the repository. Our own vectors of every class are in parse.test.ts. */
const FOLDER = new URL('../../../../../shared/torture/rfc4475/', import.meta.url);
const isThere = existsSync(FOLDER);
const WHY = isThere ? '' : ' (skipped: no ../shared/torture/rfc4475 beside the repository)';

function read(name: string) {
  return parseMessage(readFileSync(new URL(`${name}.dat`, FOLDER)));
}

function accepted(name: string): SipMessage {
  const result = read(name);
  if (!result.ok) throw new Error(`${name}: ${result.error.message}`);
  return result.message;
}

/** Well-formed (§3.1.1), and those whose fault is for the application to see (§3.2–3.4) or harmless (§3.1.2). */
const ACCEPTED = [
  ['wsinv', 'intmeth', 'esc01', 'escnull', 'esc02', 'lwsdisp', 'longreq', 'dblreq', 'semiuri', 'transports', 'mpart01'],
  ['unreason', 'noreason'],
  [
    'badbranch',
    'unkscm',
    'novelsc',
    'unksm2',
    'bext01',
    'invut',
    'regaut01',
    'bcast',
    'zeromf',
    'cparam01',
    'cparam02',
  ],
  ['regescrt', 'sdp01', 'inv2543'],
  ['baddate', 'regbadct', 'badaspec', 'baddn', 'lwsstart', 'trws'],
].flat();

const REFUSED: [name: string, code: ParseErrorCode, status: number | undefined, header?: string][] = [
  ['badinv01', 'bad-header', 400, 'Via'],
  ['clerr', 'incomplete-body', 400, 'Content-Length'],
  ['ncl', 'bad-content-length', 400, 'Content-Length'],
  ['scalar02', 'bad-header', 400, 'CSeq'],
  ['scalarlg', 'bad-header', undefined, 'CSeq'],
  ['quotbal', 'bad-header', 400, 'To'],
  ['ltgtruri', 'bad-request-uri', 400],
  ['lwsruri', 'bad-request-uri', 400],
  ['escruri', 'bad-request-uri', 400],
  ['badvers', 'bad-version', 505],
  ['mismatch01', 'cseq-mismatch', 400, 'CSeq'],
  ['mismatch02', 'cseq-mismatch', 400, 'CSeq'],
  ['bigcode', 'bad-status', undefined],
  ['insuf', 'missing-header', 400, 'From'],
  ['multi01', 'duplicate-header', 400, 'From'],
  ['mcl01', 'duplicate-header', 400, 'Content-Length'],
  ['test', 'bad-start-line', 400],
];

describe.skipIf(!isThere)(`the messages of RFC 4475${WHY}`, () => {
  it.each(ACCEPTED)('%s is read, and written so that it reads the same', (name) => {
    const message = accepted(name);
    const again = parseMessage(serialize(message));
    if (!again.ok) throw new Error(again.error.message);
    const lines = (of: SipMessage) => [...of.headers].filter(([header]) => header !== 'Content-Length');
    expect(lines(again.message)).toEqual(lines(message));
    expect(Buffer.from(again.message.body).equals(message.body)).toBe(true);
  });

  it.each(REFUSED)('%s is refused: %s', (name, code, status, header) => {
    const result = read(name);
    if (result.ok) throw new Error('accepted');
    expect([result.error.code, result.error.status, result.error.header]).toEqual([code, status, header]);
    expect(result.partial?.headers.has('Via') || name === 'test').toBe(true);
  });

  it('wsinv means what the RFC says', () => {
    const { headers } = accepted('wsinv');
    expect(headers.all('Via').map((via) => parseVia(via)?.params.get('branch'))).toEqual([
      '390skdjuw',
      'z9hG4bK9ikj8',
      'z9hG4bK30239',
    ]);
    expect(parseNameAddr(headers.get('From') ?? '')).toMatchObject({ displayName: 'J Rosenberg \\"' });
    expect(parseNameAddr(headers.get('To') ?? '')?.params.get('tag')).toBe('1918181833n');
    expect(parseCSeq(headers.get('CSeq') ?? '')).toEqual({ number: 9, method: 'INVITE' });
    expect(parseNameAddr(headers.get('Contact') ?? '')?.params.get('q')).toBe('0.33');
    expect(headers.get('Subject')).toBe('');
    expect(headers.get('NewFangledHeader')).toBe('newfangled value continued newfangled value');
  });

  it('longreq has 34 Vias, dblreq ends where its Content-Length says', () => {
    expect(accepted('longreq').headers.all('Via')).toHaveLength(34);
    expect(accepted('dblreq').body).toHaveLength(0);
    expect(accepted('mpart01').body).toHaveLength(553);
  });

  it('esc02 is no REGISTER and has two Contacts, escnull keeps its nulls', () => {
    expect(accepted('esc02')).toMatchObject({ method: 'RE%47IST%45R' });
    expect(accepted('esc02').headers.all('Contact')).toHaveLength(2);
    const contacts = accepted('escnull').headers.all('Contact');
    const users = contacts.map((contact) => parseSipUri(parseNameAddr(contact)?.uri ?? '')?.user ?? '');
    expect(users.map(unescapeUri)).toEqual(['\0', '\0\0']);
  });

  it('intmeth keeps its quoted control characters and its UTF-8', () => {
    const { headers } = accepted('intmeth');
    expect(parseNameAddr(headers.get('To') ?? '')?.displayName).toBe('BEL:\x07 NUL:\0 DEL:\x7F');
    expect(headers.get("extensionHeader-!.%*+_`'~")).toBe('\uFEFF大停電');
  });

  it.each([
    ['regbadct', 400],
    ['unksm2', 400],
    ['regescrt', 200],
    ['cparam01', 200],
    ['cparam02', 200],
    ['escnull', 200],
  ])('%s gets %i of the registrar', (name, status) => {
    const source = { protocol: 'udp', address: '192.0.2.1', port: 5060 };
    expect(new Registrar().register(accepted(name), 'sip:user@example.com', source).status).toBe(status);
  });
});
