import { expect, test } from 'vitest';
import { AddressGuard } from './address-guard.ts';

const strict = new AddressGuard([]);

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  'fc00::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '4000::1',
  'not an address',
])('%s is refused', (address) => {
  expect(strict.refusal(address)).toBeTypeOf('string');
});

test.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '::ffff:8.8.8.8'])('%s passes', (address) => {
  expect(strict.refusal(address)).toBeNull();
});

test('networks of the configuration pass, and no others', () => {
  const guard = new AddressGuard(['127.0.0.0/8', '::1/128']);
  expect(guard.refusal('127.3.2.1')).toBeNull();
  expect(guard.refusal('::ffff:127.0.0.1')).toBeNull();
  expect(guard.refusal('::1')).toBeNull();
  expect(guard.refusal('10.0.0.1')).toBe('private');
  expect(guard.refusal('64:ff9b::7f00:1')).toBeTypeOf('string');
});

test('a wrong network is named', () => {
  expect(() => new AddressGuard(['127.0.0.1'])).toThrow(/"127\.0\.0\.1" is not a network; write one such as/);
});
