import { expect, test } from 'vitest';
import { continuity, type ReceivedPacket } from './rtp-received.ts';

function stream(change: (packet: ReceivedPacket, index: number) => Partial<ReceivedPacket> = () => ({})) {
  return Array.from({ length: 10 }, (_, index) => {
    const packet: ReceivedPacket = {
      sequence: (65_530 + index) & 0xffff,
      timestamp: index * 160,
      ssrc: 1,
      marker: false,
      payloadType: 0,
      payload: new Uint8Array(160),
      arrivalMs: index * 20,
      fromPort: 5000,
    };
    return { ...packet, ...change(packet, index) };
  });
}

/** From the fifth packet on so much later, by its timestamp; that packet is marked. */
const jump = (samples: number, marker = true) =>
  stream(({ timestamp }, index) =>
    index < 5 ? {} : { timestamp: timestamp + samples, marker: marker && index === 5 },
  );

test('an even stream has no breaks; a lost packet is one, and a jump without a mark', () => {
  expect(continuity(stream()).breaks).toEqual([]);
  expect(continuity(stream().filter((_, index) => index !== 4)).breaks).toHaveLength(2);
  expect(continuity(jump(160, false), 10_000).breaks).toEqual(['packet 5: timestamp advanced 320 after 160 samples']);
});

test('a marked pause is as long as 100 ms, and as the far phone stood still', () => {
  expect(continuity(jump(640)).breaks).toEqual([]);
  expect(continuity(jump(800)).breaks).toHaveLength(1);
  expect(continuity(jump(800), 20).breaks).toEqual([]);
  expect(continuity(jump(2800), 250).breaks).toHaveLength(1);
});
