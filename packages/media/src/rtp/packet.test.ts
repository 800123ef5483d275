import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RTP_HEADER_BYTES, RtpPacket, writeRtpHeader } from './packet.ts';

function read(...bytes: number[]): RtpPacket | null {
  const packet = new RtpPacket();
  return packet.read(Uint8Array.from(bytes)) ? packet : null;
}

const HEADER = [0x80, 0x80, 0xff, 0xfe, 0x80, 0, 0, 1, 0xde, 0xad, 0xbe, 0xef];

test('what is written is read again', () => {
  const header = fc.tuple(
    fc.boolean(),
    fc.nat(0x7f).filter((type) => type < 64 || type > 95),
    fc.nat(0xffff),
    fc.integer(),
    fc.integer(),
    fc.nat(500),
  );
  fc.assert(
    fc.property(header, ([marker, payloadType, sequence, timestamp, ssrc, payloadLength]) => {
      const bytes = new Uint8Array(RTP_HEADER_BYTES + payloadLength);
      writeRtpHeader(bytes, marker, payloadType, sequence, timestamp, ssrc);
      const packet = new RtpPacket();
      expect(packet.read(bytes)).toBe(true);
      expect(packet).toMatchObject({
        marker,
        payloadType,
        sequence,
        timestamp,
        ssrc,
        payloadOffset: 12,
        payloadLength,
      });
    }),
  );
});

test('fields of a packet with everything in it', () => {
  const extension = [0xbe, 0xde, 0, 1, 1, 2, 3, 4];
  const packet = read(0xb1, ...HEADER.slice(1), 0, 0, 0, 9, ...extension, 7, 7, 7, 0, 0, 3);
  expect(packet).toMatchObject({ marker: true, payloadType: 0, sequence: 0xfffe, payloadOffset: 24, payloadLength: 3 });
  expect(packet?.timestamp).toBe(0x80000001 | 0);
});

test.each([
  ['nothing', []],
  ['a cut header', HEADER.slice(0, 11)],
  ['another version', [0x40, ...HEADER.slice(1)]],
  ['contributing sources that are not there', [0x8f, ...HEADER.slice(1)]],
  ['an extension that is not there', [0x90, ...HEADER.slice(1)]],
  ['an extension longer than the packet', [0x90, ...HEADER.slice(1), 0, 0, 0xff, 0xff]],
  ['padding of nothing', [0xa0, ...HEADER.slice(1), 0]],
  ['padding longer than the payload', [0xa0, ...HEADER.slice(1), 1, 2, 9]],
  ['padding without a payload', [0xa0, ...HEADER.slice(1)]],
  ['RTCP', [0x80, 200, ...HEADER.slice(2), 0]],
])('%s is not taken', (_, bytes) => {
  expect(read(...bytes)).toBeNull();
});

test('no bytes make it throw or point outside', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const packet = new RtpPacket();
      if (packet.read(bytes)) expect(packet.payloadOffset + packet.payloadLength).toBeLessThanOrEqual(bytes.length);
    }),
  );
});
