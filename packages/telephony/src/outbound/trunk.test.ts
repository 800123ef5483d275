import { expect, test } from 'vitest';
import { type Trunk, TrunkSources, trunkFor } from './trunk.ts';

const trunk = (name: string, over: Partial<Trunk>): Trunk => ({
  name,
  target: { protocol: 'udp', address: '127.0.0.1', port: 5060 },
  allowFrom: [],
  prefixes: ['+'],
  srtp: 'none',
  credentials: null,
  ...over,
});

test('the longest prefix wins, and trunks without a target take no calls out', () => {
  const any = trunk('any', {});
  const us = trunk('us', { prefixes: ['+1'] });
  const inOnly = trunk('in', { prefixes: ['+1415'], target: null });
  expect(trunkFor([any, us, inOnly], '+14155550100')).toBe(us);
  expect(trunkFor([any, us, inOnly], '+4930123456')).toBe(any);
  expect(trunkFor([us], '+4930123456')).toBeNull();
});

test('a source address belongs to the trunk whose range holds it', () => {
  const carrier = trunk('carrier', { allowFrom: ['127.0.0.8/30', '::1'] });
  const sources = new TrunkSources([carrier]);
  expect(sources.of('127.0.0.9')).toBe(carrier);
  expect(sources.of('::ffff:127.0.0.9')).toBe(carrier);
  expect(sources.of('::1')).toBe(carrier);
  expect(sources.of('127.0.0.12')).toBeNull();
  expect(sources.of('not an address')).toBeNull();
});

test('a range that is none is named', () => {
  expect(() => new TrunkSources([trunk('acme', { allowFrom: ['300.0.0.0/8'] })])).toThrow(
    /trunk acme: allow_from "300.0.0.0\/8"/,
  );
});
