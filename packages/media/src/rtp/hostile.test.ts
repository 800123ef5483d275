import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PCMU } from '../codec/g711-codec.ts';
import { AudioReader } from './audio-reader.ts';
import { RtpPacket, writeRtpHeader } from './packet.ts';
import { Reception } from './reception.ts';
import { isRtcp } from './rtcp-packet.ts';
import { RtcpSession } from './rtcp-session.ts';
import { TelephoneEventReceiver } from './telephone-event-receiver.ts';

/** A datagram that was honest before some of its octets were changed and its end was cut off. */
const damaged = fc
  .record({
    type: fc.constantFrom(0, 13, 101, 200, 201, 203),
    sequence: fc.nat(0xffff),
    timestamp: fc.integer(),
    length: fc.nat(200),
    damages: fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 4 }),
    cut: fc.nat(60),
  })
  .map(({ type, sequence, timestamp, length, damages, cut }) => {
    const bytes = new Uint8Array(12 + length);
    writeRtpHeader(bytes, type >= 200, type & 0x7f, sequence, timestamp, 5);
    for (const [at, value] of damages) bytes[at] = value;
    return bytes.subarray(0, Math.max(0, bytes.length - cut));
  });

test('whatever datagrams come, nothing throws, and what they can claim is bounded', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(damaged, fc.uint8Array({ maxLength: 100 })), { maxLength: 80 }), (datagrams) => {
      const packet = new RtpPacket();
      const reception = new Reception(8000);
      const events = new TelephoneEventReceiver(8000);
      const reader = new AudioReader(PCMU);
      const rtcp = new RtcpSession({ ssrc: 5, cname: 'c', epochMs: 1e12, nowMs: 0 });
      const frame = new Int16Array(160);
      let digits = '';
      for (const [index, bytes] of datagrams.entries()) {
        const nowMs = index * 10;
        if (isRtcp(bytes)) rtcp.onPacket(bytes, nowMs);
        else if (packet.read(bytes) && reception.accept(packet, nowMs) !== 'ignored') {
          if (packet.payloadType === 101) digits += events.accept(packet);
          if (packet.payloadType === 0) reader.insert(packet, nowMs);
          else reader.insertPause(packet, nowMs);
        }
        reader.read(frame, 160, nowMs);
      }
      expect(digits.length).toBeLessThanOrEqual(reception.packets);
      expect(reception.lost).toBeLessThanOrEqual(3000 * datagrams.length);
      expect(reception.jitterMs).toBeLessThan(1000);
      expect(reader.delayMs).toBeLessThan(400);
      expect(reader.concealedMs).toBeLessThanOrEqual(200 * datagrams.length);
      expect(rtcp.roundTripMs ?? 0).toBeLessThan(60_000);
      const sent = { packets: 1, octets: 1, clockRateHz: 8000, timestamp: 0, timestampMs: 0 };
      expect(rtcp.build(1000, sent, reception).length).toBeLessThan(100);
    }),
    { numRuns: 120 },
  );
});
