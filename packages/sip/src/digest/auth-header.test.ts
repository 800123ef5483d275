import { expect, it } from 'vitest';
import { formatDigest, parseAuthHeader } from './auth-header.ts';

it('reads quoted and bare parameters, with white space anywhere between them', () => {
  const header = parseAuthHeader('Digest  realm="a, \\"b\\"" , qop=auth,nc = 00000001 ,uri="sip:x;y=1"');
  expect(header?.scheme).toBe('digest');
  expect([...(header?.params ?? [])]).toEqual([
    ['realm', 'a, "b"'],
    ['qop', 'auth'],
    ['nc', '00000001'],
    ['uri', 'sip:x;y=1'],
  ]);
});

it.each(['', '=', 'Digest realm="open', 'Digest realm="a" nonce="b"', 'Digest a=1, a=2', 'Digest a', 'Digest ="x"'])(
  'refuses %j',
  (text) => {
    expect(parseAuthHeader(text)).toBeNull();
  },
);

it('writes what it reads', () => {
  const params: [string, string][] = [
    ['username', 'al"ice'],
    ['qop', 'auth'],
    ['nc', '00000001'],
  ];
  const text = formatDigest(params, 'credentials');
  expect(text).toBe('Digest username="al\\"ice", qop=auth, nc=00000001');
  expect([...(parseAuthHeader(text)?.params ?? [])]).toEqual(params);
  expect(formatDigest([['qop', 'auth']], 'challenge')).toBe('Digest qop="auth"');
});
