import { expect, test } from 'vitest';
import { opusPacketUnits } from './opus-packet.ts';

test.each([
  ['SILK narrowband, 10 ms', [0b00000_0_00, 1], 480],
  ['SILK wideband, 60 ms', [0b01011_0_00, 1], 2880],
  ['hybrid, 20 ms, stereo', [0b01111_1_00, 1], 960],
  ['CELT fullband, 2.5 ms', [0b11100_1_00, 1], 120],
  ['two frames of 20 ms', [0b11111_0_01, 1, 2], 1920],
  ['two frames of unequal size', [0b11111_0_10, 1, 2, 3], 1920],
  ['three frames of 20 ms', [0b01001_0_11, 0b1_0_000011, 1], 2880],
  ['nothing but the first octet: no sound', [0b01001_0_00], 960],
  ['a packet of 120 ms', [0b01011_0_01, 1], 5760],
  ['one of more than 120 ms', [0b01011_0_11, 3], 0],
  ['a count of none', [0b01001_0_11, 0], 0],
  ['a count that is missing', [0b01001_0_11], 0],
  ['nothing', [], 0],
])('%s', (_, octets, units) => {
  const bytes = Uint8Array.of(9, 9, ...octets, 9);
  expect(opusPacketUnits(bytes, 2, octets.length)).toBe(units);
});
