import { createRequest, type DigestAlgorithm, type SipRequest } from '@voxology/sip';
import { expect, test } from 'vitest';
import { algorithmsFor } from './digest-algorithms.ts';

const BOTH: readonly DigestAlgorithm[] = ['SHA-256', 'MD5'];

function register(userAgent: string, callId: string): SipRequest {
  return createRequest({
    method: 'REGISTER',
    uri: 'sip:example.com',
    from: '<sip:a@example.com>;tag=1',
    to: '<sip:a@example.com>',
    callId,
    cseq: 1,
    headers: [['User-Agent', userAgent]],
  });
}

test.each([
  ['a phone nobody knows', 'Phone/1.0', 'a84b4c76e66710@pc33', ['SHA-256', 'MD5']],
  ['a baresip that knows SHA-256', 'baresip v2.8.0 (x86_64/Linux)', 'a84b4c76e66710@pc33', ['SHA-256', 'MD5']],
  ['an old baresip', 'baresip v1.0.0 (x86_64/linux)', 'a84b4c76e66710@pc33', ['MD5']],
  ['sipp', 'any', '1-5712@127.0.0.1', ['MD5']],
])('%s', (_who, userAgent, callId, expected) => {
  expect(algorithmsFor(register(userAgent, callId), BOTH)).toEqual(expected);
});

test.each([
  ['UDP', ['SHA-256', 'MD5']],
  ['WS', ['MD5']],
  ['WSS', ['MD5']],
])('a client over %s', (transport, expected) => {
  const request = register('My application', 'a84b4c76e66710');
  request.headers.prepend('Via', `SIP/2.0/${transport} 7h2c.invalid;branch=z9hG4bK1`);
  expect(algorithmsFor(request, BOTH)).toEqual(expected);
});

test('what is configured is never extended', () => {
  const only = (algorithm: DigestAlgorithm) =>
    algorithmsFor(register('baresip v1.0.0', 'a84b4c76e66710@pc33'), [algorithm]);
  expect(only('SHA-256')).toEqual(['SHA-256']);
  expect(only('MD5')).toEqual(['MD5']);
});
