import { expect, test } from 'vitest';
import { isEmergencyNumber, toE164 } from './e164.ts';

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

test.each(['911', '112', '999', '+1911', '1911', '00112'.slice(2)])('%s is an emergency number', (dialled) => {
  expect(isEmergencyNumber(dialled)).toBe(true);
});

test.each(['+14155550911', '9115550100', '411'])('%s is none', (dialled) => {
  expect(isEmergencyNumber(dialled)).toBe(false);
});
