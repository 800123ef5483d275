import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { STUN_ATTRIBUTE, STUN_BINDING, StunBuilder, StunMessage, xorMappedAddress } from './stun-message.ts';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
const PASSWORD = createSecretKey('VOkJxbRl1RmTxUk/WvJxBt', 'utf8');
const REQUEST = bytes(`00010058 2112a442 b7e7a701bc34d686fa87dfae
  80220010 5354554e207465737420636c69656e74 00240004 6e0001ff 80290008 932ff9b151263b36
  00060009 6576746a3a68367659202020 00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004 e57a3bcf`);
const RESPONSE_V4 = bytes(`0101003c 2112a442 b7e7a701bc34d686fa87dfae 8022000b 7465737420766563746f7220
  00200008 0001a147e112a643 00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004 c07d4c96`);
const RESPONSE_V6 = bytes(`01010048 2112a442 b7e7a701bc34d686fa87dfae 8022000b 7465737420766563746f7220
  00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9 00080014 a382954e4be67bf11784c97c8292c275bfe3ed41
  80280004 c8fb0b4c`);

function read(datagram: Uint8Array): StunMessage {
  const message = StunMessage.read(datagram);
  if (message === null) throw new Error('The message was not read');
  return message;
}

test('the request of RFC 5769 §2.1', () => {
  const message = read(REQUEST);
  expect(message.type).toBe(STUN_BINDING.request);
  expect(message.text(STUN_ATTRIBUTE.username)).toBe('evtj:h6vY');
  expect(message.number(STUN_ATTRIBUTE.priority)).toBe(0x6e0001ff);
  expect(message.text(STUN_ATTRIBUTE.software)).toBe('STUN test client');
  expect(message.isIntact(PASSWORD)).toBe(true);
  expect(message.isIntact(createSecretKey('VOkJxbRl1RmTxUk/WvJxBT', 'utf8'))).toBe(false);
});

test.each([
  ['2.2', RESPONSE_V4, '192.0.2.1'],
  ['2.3', RESPONSE_V6, '2001:db8:1234:5678:11:2233:4455:6677'],
])('the response of RFC 5769 §%s', (_, response, address) => {
  const message = read(response);
  expect(message.type).toBe(STUN_BINDING.success);
  expect(message.isIntact(PASSWORD)).toBe(true);
  const mapped = xorMappedAddress(address, 32853, message.transactionId);
  expect(message.attributes.get(STUN_ATTRIBUTE.xorMappedAddress)).toEqual(mapped);
});

test('shortened and mapped IPv6 addresses', () => {
  const id = new Uint8Array(12);
  const octets = (address: string) => Buffer.from(xorMappedAddress(address, 1, id).subarray(4)).toString('hex');
  expect(octets('fe80::1%eth0')).toBe(`df92a442${'00'.repeat(11)}01`);
  expect(octets('::ffff:192.0.2.1')).toBe(`2112a442${'00'.repeat(6)}ffffc0000201`);
});

test('what is built is read, and every changed bit is seen', () => {
  const id = Uint8Array.from({ length: 12 }, (_, i) => i);
  const message = new StunBuilder(STUN_BINDING.request, id)
    .add(STUN_ATTRIBUTE.username, Buffer.from('abcd:e'))
    .add(STUN_ATTRIBUTE.useCandidate, new Uint8Array(0))
    .finish(PASSWORD);
  expect(read(message).isIntact(PASSWORD)).toBe(true);
  expect(read(message).attributes.has(STUN_ATTRIBUTE.useCandidate)).toBe(true);
  expect(read(message).transactionId).toEqual(id);
  for (let bit = 0; bit < message.length * 8; bit++) {
    const changed = Uint8Array.from(message);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(StunMessage.read(changed)?.isIntact(PASSWORD) ?? false).toBe(false);
  }
});

test('attributes that stand behind the integrity do not count', () => {
  const honest = new StunBuilder(STUN_BINDING.request, new Uint8Array(12));
  honest.add(STUN_ATTRIBUTE.username, Buffer.from('abcd:efgh')).finish(PASSWORD);
  const message = honest.add(STUN_ATTRIBUTE.useCandidate, new Uint8Array(0)).finish(null);
  const forged = StunMessage.read(message);
  expect(forged?.attributes.has(STUN_ATTRIBUTE.useCandidate) ?? false).toBe(false);
});

test('anything else is no message, and nothing is thrown', () => {
  for (let length = 0; length < REQUEST.length; length++) {
    expect(StunMessage.read(REQUEST.subarray(0, length))).toBeNull();
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (junk, headed) => {
      if (headed && junk.length >= 20) {
        junk.set([0, 1, 0, junk.length - 20, 0x21, 0x12, 0xa4, 0x42]);
      }
      expect(StunMessage.read(junk)?.isIntact(PASSWORD) ?? false).toBe(false);
    }),
    { numRuns: 2000 },
  );
});
