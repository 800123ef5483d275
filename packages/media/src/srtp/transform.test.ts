import { createCipheriv, createHmac, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { AesCmTransform } from './aes-cm-transform.ts';
import { AesGcmTransform } from './aes-gcm-transform.ts';
import { Ghash } from './ghash.ts';
import { derive, deriveSessionKeys } from './key-derivation.ts';
import { Keystream } from './keystream.ts';
import { HmacSha1 } from './sha1.ts';
import { SRTP_SUITES } from './suite.ts';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex');

test('session keys of RFC 3711 appendix B.3', () => {
  const key = bytes('E1F97A0D3E018BE0D64FA32C06DE4139');
  const salt = bytes('0EC675AD498AFEEBB6960B3AABE6');
  const keys = deriveSessionKeys(SRTP_SUITES.AES_CM_128_HMAC_SHA1_80, key, salt, 'rtp');
  expect(hex(keys.key)).toBe('c61e7a93744f39ee10734afe3ff7a087');
  expect(hex(keys.salt)).toBe('30cbbc08863d8c85d49db34a9ae1');
  expect(hex(keys.auth)).toBe('cebe321f6ff7716b6fd4ab49af256a156d38baa4');
  expect(hex(derive(key, salt, 1, 94))).toBe(
    'cebe321f6ff7716b6fd4ab49af256a156d38baa48f0a0acf3c34e2359e6cdbcee049646c43d9327ad175578ef72270986371c10c9a369ac2' +
      'f94a8c5fbcdddc256d6e919a48b610ef17c2041e474035766b68642c59bbfc2f34db60dbdfb2',
  );
});

test('keystream of RFC 3711 appendix B.2, whether made for one packet or for several ahead', () => {
  const options = { key: bytes('2B7E151628AED2A6ABF7158809CF4F3C'), cipher: 'cm' } as const;
  const keystream = new Keystream({ ...options, salt: bytes('F0F1F2F3F4F5F6F7F8F9FAFBFCFD') });
  keystream.seek(0, 0, 0, 3);
  expect(hex(keystream.bytes.subarray(keystream.at, keystream.at + 48))).toBe(
    'e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0',
  );
  const ahead = new Keystream({ ...options, salt: bytes('F0F1F2F3F4F5F6F7F8F9FAFBFCFD') });
  for (const [ssrc, roc, sequence, blocks] of [
    ...Array.from({ length: 40 }, (_, i) => [7, 0, 0xffe0 + i, 1 + (i % 3)] as const).filter(([, , s]) => s < 0x10000),
    [7, 1, 0, 3],
    [7, 1, 2, 3],
    [7, 1, 1, 3],
    [8, 1, 2, 3],
    [-5, -1, 0xffff, 200],
  ] as const) {
    ahead.seek(ssrc, roc, sequence, blocks);
    const alone = new Keystream({ ...options, salt: bytes('F0F1F2F3F4F5F6F7F8F9FAFBFCFD') });
    alone.seek(ssrc, roc, sequence, blocks);
    expect(hex(ahead.bytes.subarray(ahead.at, ahead.at + blocks * 16))).toBe(hex(alone.bytes));
  }
});

const GALLIA = bytes(
  '8040f17b8041f8d35501a0b2 47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573',
);
const GALLIA_SEALED = bytes(
  '8040f17b8041f8d35501a0b2 f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833' +
    '899d7f27beb16a9152cf765ee4390cce',
);
const REPORT = bytes(
  '81c8000d4d617273 4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef',
);
const REPORT_SEALED = bytes(
  '81c8000d4d617273 63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b' +
    'c84aa45896cf4d2fc5abf87245d9eade 800005d4',
);

test('SRTP and SRTCP packets of RFC 7714 §16.1.1 and §17.1', () => {
  const keys = {
    key: bytes('000102030405060708090a0b0c0d0e0f'),
    salt: bytes('517569642070726f2071756f'),
    auth: bytes(''),
  };
  const transform = new AesGcmTransform(keys);
  const target = new Uint8Array(200);
  const rtp = { ssrc: 0x5501a0b2, roc: 0, sequence: 0xf17b };
  const length = transform.seal(GALLIA, 12, rtp, null, target);
  expect(hex(target.subarray(0, length))).toBe(hex(GALLIA_SEALED));
  expect(transform.open(GALLIA_SEALED, 12, GALLIA_SEALED.length, rtp, false, target)).toBe(GALLIA.length);
  expect(hex(target.subarray(0, GALLIA.length))).toBe(hex(GALLIA));
  const rtcp = { ssrc: 0x4d617273, roc: 0, sequence: 0x05d4 };
  const reportLength = transform.seal(REPORT, 8, rtcp, 0x800005d4 | 0, target);
  expect(hex(target.subarray(0, reportLength))).toBe(hex(REPORT_SEALED));
  expect(transform.open(REPORT_SEALED, 8, REPORT_SEALED.length, rtcp, true, target)).toBe(REPORT.length);
  expect(hex(target.subarray(0, REPORT.length))).toBe(hex(REPORT));
});

test.each([
  [80, 10, 'b78d6acc99ea179b8dbb'],
  [32, 4, 'b78d6acc'],
])('counter mode with a tag of %i bits, the packet that the libraries test with', (_, tagBytes, tag) => {
  const key = bytes('e1f97a0d3e018be0d64fa32c06de4139');
  const salt = bytes('0ec675ad498afeebb6960b3aabe6');
  const suite = SRTP_SUITES.AES_CM_128_HMAC_SHA1_80;
  const transform = new AesCmTransform(deriveSessionKeys(suite, key, salt, 'rtp'), tagBytes);
  const packet = bytes('800f1234decafbadcafebabe abababababababababababababababab');
  const target = new Uint8Array(100);
  const numbers = { ssrc: 0xcafebabe | 0, roc: 0, sequence: 0x1234 };
  const length = transform.seal(packet, 12, numbers, null, target);
  const sealed = target.slice(0, length);
  expect(hex(sealed)).toBe(`800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402${tag}`);
  expect(transform.open(sealed, 12, length, numbers, false, target)).toBe(packet.length);
  expect(transform.open(sealed, 12, length, { ...numbers, roc: 1 }, false, target)).toBe(-1);
});

test('HMAC-SHA1 and GHASH agree with OpenSSL for every length around the block limits', () => {
  const hmacKey = randomBytes(20);
  const hmac = new HmacSha1(hmacKey);
  const mac = new Uint8Array(20);
  for (let length = 0; length < 200; length++) {
    const message = randomBytes(length);
    const suffix = Buffer.alloc(4);
    suffix.writeUInt32BE(length * 7_777_777);
    hmac.sign(message, length, (length * 7_777_777) | 0, mac, 0);
    expect(hex(mac)).toBe(createHmac('sha1', hmacKey).update(message).update(suffix).digest('hex'));
  }
  const key = randomBytes(16);
  const block = (input: Uint8Array) => createCipheriv('aes-128-ecb', key, null).update(input);
  const ghash = new Ghash(block(new Uint8Array(16)));
  for (let length = 0; length < 70; length++) {
    const iv = randomBytes(12);
    const associated = randomBytes((length * 5) % 37);
    const gcm = createCipheriv('aes-128-gcm', key, iv).setAAD(associated);
    const text = gcm.update(randomBytes(length));
    gcm.final();
    ghash.reset();
    ghash.update(associated, 0, associated.length);
    ghash.update(text, 0, length);
    const tag = new Uint8Array(16);
    ghash.finish(associated.length, length, tag);
    const mask = block(Buffer.concat([iv, Buffer.from([0, 0, 0, 1])]));
    expect(hex(tag.map((octet, i) => octet ^ (mask[i] as number)))).toBe(gcm.getAuthTag().toString('hex'));
  }
});
