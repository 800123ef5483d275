import { expect, test } from 'vitest';
import { createSrtpKey, readCryptoLine, writeCryptoLine } from './sdes.ts';
import { SRTP_SUITE_NAMES } from './suite.ts';

const KEY = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz';
const GCM_KEY = `${'a'.repeat(37)}A==`;

test('the example of RFC 4568 §9.1 with its lifetime and key identifier', () => {
  expect(readCryptoLine(`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|2^20|1:4 WSH=128`)).toEqual({
    tag: '1',
    key: { suite: 'AES_CM_128_HMAC_SHA1_80', master: KEY, mkiBytes: 4 },
  });
});

test.each(SRTP_SUITE_NAMES)('%s: what we write we read', (suite) => {
  const key = createSrtpKey(suite);
  expect(readCryptoLine(writeCryptoLine({ tag: '7', key }))).toEqual({ tag: '7', key });
  expect(createSrtpKey(suite).master).not.toBe(key.master);
});

test.each([
  ['', null],
  ['1', null],
  [`1 F8_128_HMAC_SHA1_80 inline:${KEY}`, null],
  [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY.slice(4)}`, null],
  [`1 AEAD_AES_128_GCM inline:${KEY}`, null],
  [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY.replace('W', '*')}`, null],
  [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|2^20|1:4;inline:${KEY}|2^20|2:4`, null],
  [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|1:200`, null],
  [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY} KDR=3`, null],
  [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY} UNENCRYPTED_SRTP`, null],
  [`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY} UNAUTHENTICATED_SRTP`, null],
  [`1 AES_CM_128_HMAC_SHA1_32 inline:${KEY} -FUTURE=1 KDR=0`, 'AES_CM_128_HMAC_SHA1_32'],
  [`1 aes_cm_128_hmac_sha1_80  inline:${KEY}|1048576`, 'AES_CM_128_HMAC_SHA1_80'],
  [`1 AEAD_AES_128_GCM inline:${GCM_KEY}`, 'AEAD_AES_128_GCM'],
])('%s', (line, suite) => {
  expect(readCryptoLine(line)?.key.suite ?? null).toBe(suite);
});
