import { expect, test } from 'vitest';
import { RtpPacket } from './packet.ts';
import { Reception } from './reception.ts';

function packet(sequence: number, timestamp: number, ssrc = 1): RtpPacket {
  return Object.assign(new RtpPacket(), { sequence, timestamp, ssrc, payloadLength: 160 });
}

test('an even stream has no jitter, whatever the timestamps wrap to', () => {
  const reception = new Reception(8000);
  for (let i = 0; i < 20; i++) reception.accept(packet(i, (0x7fffff00 + i * 160) | 0), 1000 + i * 20);
  expect(reception).toMatchObject({ packets: 20, octets: 3200, lost: 0, duplicates: 0, jitterMs: 0 });
});

test('jitter nears the mean change of the transit time', () => {
  const reception = new Reception(8000);
  for (let i = 0; i < 400; i++) reception.accept(packet(i, i * 160), i * 20 + (i % 2) * 8);
  expect(reception.jitterMs).toBeCloseTo(8, 1);
});

test('losses add up over a change of the SSRC and over a restart of the numbers', () => {
  const reception = new Reception(8000);
  for (const sequence of [1, 2, 4]) reception.accept(packet(sequence, sequence * 160), 0);
  for (const sequence of [900, 903]) reception.accept(packet(sequence, sequence * 160, 2), 0);
  expect(reception.lost).toBe(3);
  for (const sequence of [40_000, 40_001, 40_003]) reception.accept(packet(sequence, 5, 2), 0);
  expect(reception.lost).toBe(4);
  expect(reception.duplicates).toBe(1);
});
