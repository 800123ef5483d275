import { expect, test } from 'vitest';
import { BanList } from './ban-list.ts';

test('an address is banned after too many failures, for the whole time from the last of them', () => {
  const bans = new BanList({ maxFailures: 3, banMs: 1000 });
  for (const nowMs of [0, 10]) bans.failed('127.0.0.1', nowMs);
  expect(bans.isBanned('127.0.0.1', 20)).toBe(false);
  bans.failed('127.0.0.1', 30);
  expect(bans.isBanned('127.0.0.1', 40)).toBe(true);
  expect(bans.isBanned('127.0.0.2', 40)).toBe(false);
  expect(bans.isBanned('127.0.0.1', 1029)).toBe(true);
  expect(bans.isBanned('127.0.0.1', 1030)).toBe(false);
});

test('right credentials clear the count', () => {
  const bans = new BanList({ maxFailures: 2, banMs: 1000 });
  bans.failed('127.0.0.1', 0);
  bans.succeeded('127.0.0.1');
  bans.failed('127.0.0.1', 1);
  expect(bans.isBanned('127.0.0.1', 2)).toBe(false);
});
