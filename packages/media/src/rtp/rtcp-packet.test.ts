import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RtpPacket } from './packet.ts';
import { buildRtcp, isRtcp, type ReportBlock, readRtcp, type SenderInfo } from './rtcp-packet.ts';

const BLOCK: ReportBlock = {
  ssrc: -2,
  fractionLost: 64,
  cumulativeLost: -3,
  extendedHighest: 0xffff_0001,
  jitterUnits: 80,
  lastReport: 0x8000_0001,
  delaySinceLastReport: 65_536,
};
const SENDER: SenderInfo = {
  ntpSeconds: 0xe000_0000,
  ntpFraction: 0x8000_0000,
  rtpTimestamp: 1,
  packets: 2,
  octets: 3,
};

function told(bytes: Uint8Array): unknown[] {
  const said: unknown[] = [];
  const whole = readRtcp(bytes, {
    sent: (...what) => said.push(['sent', ...what]),
    heard: (reporter, block) => said.push(['heard', reporter, { ...block }]),
    left: (ssrc) => said.push(['left', ssrc]),
  });
  return whole ? said : ['nothing'];
}

test('a sender report with everything, byte by byte', () => {
  const bytes = buildRtcp(7, SENDER, BLOCK, 'ab', true);
  expect(Array.from(bytes.subarray(0, 8))).toEqual([0x81, 200, 0, 12, 0, 0, 0, 7]);
  expect(Array.from(bytes.subarray(28, 36))).toEqual([0xff, 0xff, 0xff, 0xfe, 64, 0xff, 0xff, 0xfd]);
  expect(Array.from(bytes.subarray(52))).toEqual([
    ...[0x81, 202, 0, 3, 0, 0, 0, 7, 1, 2, 97, 98, 0, 0, 0, 0],
    ...[0x81, 203, 0, 1, 0, 0, 0, 7],
  ]);
});

test.each([
  ['a sender who hears', SENDER, BLOCK, true],
  ['a sender who hears nobody', SENDER, null, false],
  ['a listener', null, BLOCK, false],
  ['one who does neither', null, null, true],
] as const)('what is built is read again: %s', (_, sender, block, bye) => {
  expect(told(buildRtcp(7, sender, block, 'name', bye))).toEqual([
    ...(sender === null ? [] : [['sent', 7, SENDER.ntpSeconds, SENDER.ntpFraction]]),
    ...(block === null ? [] : [['heard', 7, BLOCK]]),
    ...(bye ? [['left', 7]] : []),
  ]);
});

test('names of any length keep to whole words and end with a zero', () => {
  for (let length = 0; length < 300; length++) {
    const bytes = buildRtcp(1, null, null, 'x'.repeat(length), false);
    expect(bytes.length % 4).toBe(0);
    expect(bytes.at(-1)).toBe(0);
    expect(8 + 4 + (((bytes[10] as number) << 8) | (bytes[11] as number)) * 4).toBe(bytes.length);
  }
});

test('packets of other types are passed over, unknown blocks behind too', () => {
  const app = Uint8Array.of(0x80, 204, 0, 2, 0, 0, 0, 1, 1, 2, 3, 4);
  const feedback = Uint8Array.of(0x81, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2);
  const extended = Uint8Array.of(0x80, 207, 0, 1, 0, 0, 0, 1);
  const report = buildRtcp(7, null, BLOCK, 'n', false);
  expect(told(Uint8Array.from([...app, ...feedback, ...report, ...extended]))).toEqual([['heard', 7, BLOCK]]);
});

test('more blocks announced than there are', () => {
  const bytes = buildRtcp(7, null, BLOCK, 'n', false);
  bytes[0] = 0x9f;
  expect(told(bytes)).toEqual([['heard', 7, BLOCK]]);
});

test('a shared port: every datagram is either RTP or RTCP', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 40 }), (bytes) => {
      bytes[0] = 0x80;
      const rtcp = isRtcp(bytes);
      expect(rtcp).toBe((bytes[1] as number) >= 192 && (bytes[1] as number) <= 223);
      if (rtcp) expect(new RtpPacket().read(bytes)).toBe(false);
    }),
  );
  expect(isRtcp(buildRtcp(1, null, null, 'n', false))).toBe(true);
  expect(isRtcp(Uint8Array.of(0x80, 200, 0, 0))).toBe(false);
});

test('no bytes make it throw', () => {
  const random = fc.uint8Array({ maxLength: 120 });
  const damaged = fc
    .tuple(fc.array(fc.tuple(fc.nat(90), fc.nat(255)), { maxLength: 6 }), fc.nat(90))
    .map(([damages, length]) => {
      const bytes = buildRtcp(7, SENDER, BLOCK, 'name', true);
      for (const [at, value] of damages) bytes[at] = value;
      return bytes.subarray(0, length);
    });
  fc.assert(
    fc.property(fc.oneof(random, damaged), (bytes) => {
      expect(told(bytes).length).toBeLessThan(120);
    }),
    { numRuns: 500 },
  );
});
