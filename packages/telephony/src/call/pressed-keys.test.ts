import { expect, test } from 'vitest';
import { type KeyWay, PressedKeys } from './pressed-keys.ts';

/** The keys that count, of `[digit, way, at ms, length ms]`. */
function counted(...came: [string, KeyWay, number, number?][]): string {
  const keys = new PressedKeys();
  return came.map(([digit, way, atMs, ms = 0]) => (keys.isNew(digit, way, ms, atMs) ? digit : '')).join('');
}

test('each press in two ways counts once, whichever comes first', () => {
  expect(
    counted(['1', 'rtp-event', 0], ['1', 'info', 180, 160], ['2', 'info', 600, 160], ['2', 'rtp-event', 640]),
  ).toBe('12');
  expect(counted(['1', 'inband', 50], ['1', 'info', 200, 160])).toBe('1');
});

test('the same key again counts again, pressed fast or held long', () => {
  expect(
    counted(['1', 'rtp-event', 0], ['1', 'rtp-event', 150], ['1', 'info', 160, 100], ['1', 'info', 300, 100]),
  ).toBe('11');
  expect(counted(['1', 'rtp-event', 0], ['1', 'info', 4000, 3900], ['1', 'rtp-event', 4300])).toBe('11');
});

test('a phone that changes its way is understood', () => {
  expect(counted(['1', 'rtp-event', 0], ['1', 'info', 3000, 160], ['1', 'info', 3500, 160])).toBe('111');
});

test('other keys in between do not matter, and nothing is kept for ever', () => {
  expect(
    counted(['1', 'rtp-event', 0], ['2', 'rtp-event', 100], ['1', 'info', 120, 100], ['2', 'info', 220, 100]),
  ).toBe('12');
  const many = Array.from({ length: 100 }, (_, i): [string, KeyWay, number] => ['5', 'info', i * 10]);
  expect(counted(...many)).toHaveLength(100);
});

test('lengths that cannot be change nothing', () => {
  expect(
    counted(['1', 'rtp-event', 0], ['1', 'info', 60_000, Number.MAX_SAFE_INTEGER], ['1', 'info', 60_500, -5]),
  ).toBe('111');
});
