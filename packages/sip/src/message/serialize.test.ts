import { describe, expect, it } from 'vitest';
import { SipHeaders, type SipRequest, type SipResponse } from './message.ts';
import { SerializeError, serialize } from './serialize.ts';

const request: SipRequest = {
  kind: 'request',
  method: 'INVITE',
  uri: 'sip:b@h',
  headers: SipHeaders.from([
    ['v', 'SIP/2.0/UDP a'],
    ['Content-Length', '999'],
    ['Subject', 'é'],
  ]),
  body: Buffer.from('ü'),
};

const response: SipResponse = {
  kind: 'response',
  status: 200,
  reason: 'OK',
  headers: new SipHeaders(),
  body: Buffer.alloc(0),
};

describe('serialize', () => {
  it('writes names in full and the Content-Length that is right', () => {
    expect(serialize(request).toString()).toBe(
      'INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nSubject: é\r\nContent-Length: 2\r\n\r\nü',
    );
    expect(serialize(response).toString()).toBe('SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n');
  });

  it.each([
    ['CR in a value', { ...request, headers: SipHeaders.from([['Subject', 'a\rb']]) }],
    ['LF in a value', { ...request, headers: SipHeaders.from([['Subject', 'a\n b']]) }],
    ['a line in a name', { ...request, headers: SipHeaders.from([['Sub\r\nX', 'a']]) }],
    ['an empty name', { ...request, headers: SipHeaders.from([['', 'a']]) }],
    ['a spaced method', { ...request, method: 'IN VITE' }],
    ['a spaced URI', { ...request, uri: 'sip:a b' }],
    ['a line end in the URI', { ...request, uri: 'sip:a\r\nX: y' }],
    ['an empty URI', { ...request, uri: '' }],
    ['a line end in the reason', { ...response, reason: 'OK\r\nX: y' }],
    ['a status that is none', { ...response, status: 99.5 }],
    ['a status out of range', { ...response, status: 700 }],
  ])('refuses %s', (_, message) => {
    expect(() => serialize(message)).toThrow(SerializeError);
  });
});
