import { describe, expect, it } from 'vitest';
import { algorithmOf, digestResponse, ha1 } from './algorithm.ts';

describe('digest hashes', () => {
  it('make the response of the example in RFC 2617 §3.5', () => {
    const userHash = ha1('Mufasa', 'testrealm@host.com', 'Circle Of Life', 'MD5');
    expect(userHash).toBe('939e7578ed9e3c518a452acee763bce9');
    const response = digestResponse('MD5', userHash, {
      method: 'GET',
      uri: '/dir/index.html',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      qop: { name: 'auth', nc: '00000001', cnonce: '0a4f113b' },
    });
    expect(response).toBe('6629fae49393a05397450978507c4ef1');
  });

  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('make the %s response of the example in RFC 7616 §3.9.1', (algorithm, expected) => {
    const userHash = ha1('Mufasa', 'http-auth@example.org', 'Circle of Life', algorithm);
    const response = digestResponse(algorithm, userHash, {
      method: 'GET',
      uri: '/dir/index.html',
      nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
      qop: { name: 'auth', nc: '00000001', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' },
    });
    expect(response).toBe(expected);
  });

  it('make the response without qop of RFC 2069', () => {
    const userHash = ha1('Mufasa', 'testrealm@host.com', 'CircleOfLife', 'MD5');
    const nonce = 'dcd98b7102dd2f0e8b11d0f600bfb0c093';
    // The value of the erratum: the one printed in RFC 2069 §2.4 is wrong.
    expect(digestResponse('MD5', userHash, { method: 'GET', uri: '/dir/index.html', nonce, qop: null })).toBe(
      '1949323746fe6a43ef61f9606e7febea',
    );
  });

  it('are MD5 when no algorithm is named and none when it is unknown', () => {
    expect(algorithmOf(undefined)).toBe('MD5');
    expect(algorithmOf('sha-256')).toBe('SHA-256');
    expect(algorithmOf('MD5-sess')).toBeNull();
  });
});
