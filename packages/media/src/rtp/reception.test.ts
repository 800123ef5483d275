import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RtpPacket } from './packet.ts';
import { Reception } from './reception.ts';
import { seededRandom } from './virtual-far-side.ts';

function packet(sequence: number, timestamp: number, ssrc = 1): RtpPacket {
  return Object.assign(new RtpPacket(), { sequence: sequence & 0xffff, timestamp, ssrc, payloadLength: 160 });
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
  reception.changeClock(48_000);
  expect(reception.jitterMs).toBeCloseTo(8, 1);
  expect(reception.jitterUnits).toBeCloseTo(8 * 48, 0);
});

test('reports of a key press, which all have its timestamp, are no jitter', () => {
  const reception = new Reception(8000);
  for (let i = 0; i < 100; i++) {
    const pressed = i >= 50 && i < 60;
    reception.accept(packet(i, (pressed ? 50 : i) * 160), i * 20, !pressed);
  }
  expect(reception.jitterMs).toBe(0);
});

test('losses add up over a change of the SSRC and over a restart of the numbers', () => {
  const reception = new Reception(8000);
  for (const sequence of [1, 2, 4]) reception.accept(packet(sequence, sequence * 160), 0);
  for (const sequence of [900, 901, 904]) reception.accept(packet(sequence, sequence * 160, 2), 0);
  expect(reception).toMatchObject({ lost: 3, ssrc: 2, expected: 4, received: 2, extendedHighest: 904 });
  for (const sequence of [40_000, 40_001, 40_003]) reception.accept(packet(sequence, 5, 2), 0);
  expect(reception.lost).toBe(4);
  expect(reception.duplicates).toBe(0);
});

test('a single packet of another SSRC changes nothing while the present one is heard', () => {
  const reception = new Reception(8000);
  for (let i = 0; i < 100; i++) {
    expect(reception.accept(packet(i, i * 160), i * 20)).toBe('fresh');
    if (i % 10 === 5) expect(reception.accept(packet(i * 7, 0, 1000 + i), i * 20 + 1)).toBe('ignored');
  }
  expect(reception).toMatchObject({ ssrc: 1, packets: 100, lost: 0, jitterMs: 0 });
});

test('another SSRC is taken at its second packet in a row, at once when the present one is silent', () => {
  const reception = new Reception(8000);
  reception.accept(packet(1, 0), 0);
  expect(reception.accept(packet(65_535, 0, 2), 20)).toBe('ignored');
  expect(reception.accept(packet(0, 160, 2), 40)).toBe('fresh');
  expect(reception.accept(packet(9, 0, 3), 1000)).toBe('fresh');
});

test('two SSRCs in turns, as gateways send digits beside sound, are both heard', () => {
  const reception = new Reception(8000);
  let digits = 0;
  for (let i = 0; i < 20; i++) {
    reception.accept(packet(i, i * 160, 1), i * 20);
    if (reception.accept(packet(500 + i, 0, 2), i * 20 + 1, false) !== 'ignored') digits++;
  }
  expect(digits).toBeGreaterThan(5);
});

test('whatever is lost, doubled or swapped over wraps of both counts, the figures are right', () => {
  const journey = fc.record({
    first: fc.integer({ min: 64_000, max: 65_535 }),
    fates: fc.array(fc.constantFrom('comes', 'comes', 'comes', 'comes', 'lost', 'twice', 'late'), {
      minLength: 2000,
      maxLength: 3000,
    }),
  });
  fc.assert(
    fc.property(journey, ({ first, fates }) => {
      const reception = new Reception(8000);
      const expected = { packets: 0, duplicates: 0 };
      const held: number[] = [];
      const bring = (index: number, atMs: number): void => {
        reception.accept(packet(first + index, Math.imul(first + index, 0x1_0000 * 160)), atMs);
      };
      fates[0] = 'comes';
      fates[fates.length - 1] = 'comes';
      for (const [index, fate] of fates.entries()) {
        if (fate === 'lost') continue;
        expected.packets++;
        if (fate === 'late') held.push(index);
        else bring(index, index * 20);
        if (fate === 'twice') {
          bring(index, index * 20);
          expected.duplicates++;
        }
        if (index - (held[0] ?? index) > 30) for (const late of held.splice(0)) bring(late, index * 20);
      }
      for (const late of held) bring(late, fates.length * 20);
      expect(reception).toMatchObject({
        ...expected,
        lost: fates.length - expected.packets,
        expected: fates.length,
        received: expected.packets,
        extendedHighest: first + fates.length - 1,
      });
    }),
    { numRuns: 10 },
  );
});

test('bursts of losses are told from single ones', () => {
  const [single, bursty, none] = [new Reception(8000), new Reception(8000), new Reception(8000)];
  const random = seededRandom(2);
  for (let i = 0; i < 5000; i++) {
    none.accept(packet(i, i * 160), i * 20);
    if (random() > 0.1) single.accept(packet(i, i * 160), i * 20);
    if (i % 50 >= 5) bursty.accept(packet(i, i * 160), i * 20);
  }
  expect(none.burstRatio).toBe(1);
  expect(single.burstRatio).toBeCloseTo(1, 1);
  expect(bursty.burstRatio).toBeCloseTo(4.5, 1);
});
