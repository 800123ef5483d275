import { expect, test } from 'vitest';
import { isEmergencyNumber, readingsOf, toE164 } from './e164.ts';

test.each([
  ['+14155550100', '+14155550100'],
  ['14155550100', '+14155550100'],
  ['4155550100', '+14155550100'],
  ['(415) 555-0100', '+14155550100'],
  ['004930123456', '+4930123456'],
])('%s is %s', (dialled, expected) => {
  expect(toE164(dialled, 'US')).toBe(expected);
});

test.each(['', 'alice', '12', '+1', '+', '1'.repeat(40), 'sip:+14155550100@x'])('%s is no phone number', (dialled) => {
  expect(toE164(dialled, 'US')).toBeNull();
});

test.each([
  '911',
  '112',
  '999',
  '+1911',
  '1911',
  '0111911',
  '001911',
  '+49112',
  '0049112',
  '9-1-1',
  '911;phone-context=+1',
  '９１１',
  '911#',
])('%s is an emergency number', (dialled) => {
  expect(isEmergencyNumber(dialled, 'US')).toBe(true);
});

test('a trunk code before an emergency number does not hide it', () => {
  expect(isEmergencyNumber('0112', 'AE')).toBe(true);
});

test.each(['+14155550911', '9115550100', '411', '', 'alice', '+4930911'])('%s is none', (dialled) => {
  expect(isEmergencyNumber(dialled, 'US')).toBe(false);
});

test('digits of a trunk without a plus may be national or whole', () => {
  expect(readingsOf('14155550100', 'US')).toEqual(['+14155550100']);
  expect(readingsOf('14155550100', 'DE')).toContain('+14155550100');
  expect(readingsOf('4155550100', 'US')[0]).toBe('+14155550100');
  expect(readingsOf('alice', 'US')).toEqual([]);
});
