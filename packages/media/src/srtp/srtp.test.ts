import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SrtpReceiver } from './srtp-receiver.ts';
import { SrtpSender } from './srtp-sender.ts';
import { SRTP_SUITE_NAMES, SRTP_SUITES, type SrtpSuiteName } from './suite.ts';

const master = (suite: SrtpSuiteName) =>
  Uint8Array.from({ length: SRTP_SUITES[suite].keyBytes + SRTP_SUITES[suite].saltBytes }, (_, i) => i * 11);

function pair(suite: SrtpSuiteName) {
  return { sender: new SrtpSender(suite, master(suite)), receiver: new SrtpReceiver(suite, master(suite)) };
}

function rtp(sequence: number, { ssrc = 0xdeadbeef, payload = 160, first = 0x80 } = {}): Uint8Array {
  const packet = new Uint8Array(12 + payload).fill(sequence & 0xff);
  packet.set([first, 0, (sequence >> 8) & 0xff, sequence & 0xff, 1, 2, 3, 4]);
  new DataView(packet.buffer).setUint32(8, ssrc);
  return packet;
}

function sealed(sender: SrtpSender, packet: Uint8Array): Uint8Array {
  const protectedPacket = sender.protectRtp(packet);
  if (protectedPacket === null) throw new Error('The packet was not protected');
  return protectedPacket.slice();
}

test.each(SRTP_SUITE_NAMES)(
  '%s: over two wraps of the sequence numbers every packet comes out as it went in',
  (suite) => {
    const { sender, receiver } = pair(suite);
    for (let i = 0; i < 0x10000 * 2 + 10; i += 499) {
      const packet = rtp(i & 0xffff, { payload: i % 200 });
      const secret = sealed(sender, packet);
      expect(secret.length).toBe(packet.length + SRTP_SUITES[suite].rtpTagBytes);
      if (packet.length > 40)
        expect(Buffer.compare(secret.subarray(12, packet.length), packet.subarray(12))).not.toBe(0);
      expect(receiver.unprotectRtp(secret)).toEqual(packet);
    }
  },
);

test.each(SRTP_SUITE_NAMES)('%s: header extensions and contributing sources stay readable', (suite) => {
  const { sender, receiver } = pair(suite);
  const packet = rtp(5, { first: 0x92 });
  packet.set([0xbe, 0xde, 0, 2], 20);
  const secret = sealed(sender, packet);
  expect(secret.subarray(0, 32)).toEqual(packet.subarray(0, 32));
  expect(secret.subarray(32, 60)).not.toEqual(packet.subarray(32, 60));
  expect(receiver.unprotectRtp(secret)).toEqual(packet);
});

test.each(SRTP_SUITE_NAMES)('%s: one changed bit anywhere, another key or a cut is refused', (suite) => {
  const { sender, receiver } = pair(suite);
  const secret = sealed(sender, rtp(1, { payload: 20 }));
  const wrong = new SrtpReceiver(
    suite,
    master(suite).map((octet) => octet ^ 1),
  );
  expect(wrong.unprotectRtp(secret)).toBeNull();
  for (let bit = 0; bit < secret.length * 8; bit++) {
    const forged = secret.slice();
    forged[bit >> 3] = (forged[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(receiver.unprotectRtp(forged)).toBeNull();
  }
  for (let length = 0; length < secret.length; length++) {
    expect(receiver.unprotectRtp(secret.subarray(0, length))).toBeNull();
  }
  expect(receiver.unprotectRtp(secret)).not.toBeNull();
});

test.each(SRTP_SUITE_NAMES)('%s: reordered within 128 is taken once, replayed and older is not', (suite) => {
  const { sender, receiver } = pair(suite);
  const packets = Array.from({ length: 300 }, (_, i) => sealed(sender, rtp((0xff80 + i) & 0xffff)));
  const open = (i: number) => receiver.unprotectRtp(packets[i] as Uint8Array) !== null;
  expect(open(150)).toBe(true);
  expect([149, 150, 23, 22, 23, 151, 149].map(open)).toEqual([true, false, true, false, false, true, false]);
  expect(open(299)).toBe(true);
  expect([171, 172, 172, 298].map(open)).toEqual([false, true, false, true]);
});

test('a stream that wrapped before it was heard is understood, and lost packets over the wrap do not matter', () => {
  const { sender, receiver } = pair('AES_CM_128_HMAC_SHA1_80');
  sealed(sender, rtp(0xfff0));
  const afterWrap = rtp(3);
  expect(receiver.unprotectRtp(sealed(sender, afterWrap))).toEqual(afterWrap);
  for (let sequence = 4; sequence < 0x10000; sequence += 9000) receiver.unprotectRtp(sealed(sender, rtp(sequence)));
  const next = rtp(100);
  expect(receiver.unprotectRtp(sealed(sender, next))).toEqual(next);
});

test('a new SSRC begins anew, the old one goes on', () => {
  const { sender, receiver } = pair('AEAD_AES_128_GCM');
  for (const ssrc of [1, 2, 1, 2, 3]) {
    const packet = rtp(100 + receiverCalls++, { ssrc });
    expect(receiver.unprotectRtp(sealed(sender, packet))).toEqual(packet);
  }
});
let receiverCalls = 0;

test.each(SRTP_SUITE_NAMES)('%s: RTCP is encrypted, counted and refused when replayed or changed', (suite) => {
  const { sender, receiver } = pair(suite);
  const report = Uint8Array.from([0x81, 0xc8, 0, 6, 0xca, 0xfe, 0xba, 0xbe, ...new Array(20).fill(0xab)]);
  for (let i = 0; i < 3; i++) {
    const secret = sender.protectRtcp(report)?.slice() ?? new Uint8Array(0);
    expect(secret.length).toBe(report.length + SRTP_SUITES[suite].rtcpTagBytes + 4);
    expect(secret.subarray(0, 8)).toEqual(report.subarray(0, 8));
    for (let at = 0; at < secret.length; at++) {
      const forged = secret.slice();
      forged[at] = (forged[at] as number) ^ 0x80;
      expect(receiver.unprotectRtcp(forged)).toBeNull();
    }
    expect(receiver.unprotectRtcp(secret)).toEqual(report);
    expect(receiver.unprotectRtcp(secret)).toBeNull();
  }
});

test('the SRTCP packet that the libraries test with is opened', () => {
  const key = Buffer.from('e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6', 'hex');
  const secret = '81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798';
  const plain = '81c8000bcafebabeabababababababababababababababab';
  const receiver = new SrtpReceiver('AES_CM_128_HMAC_SHA1_80', key);
  const opened = receiver.unprotectRtcp(Buffer.from(secret, 'hex'));
  expect(Buffer.from(opened ?? []).toString('hex')).toBe(plain);
});

test.each(SRTP_SUITE_NAMES)('%s: packets with a key identifier are understood', (suite) => {
  const sender = new SrtpSender(suite, master(suite));
  const receiver = new SrtpReceiver(suite, master(suite), 3);
  const withMki = (packet: Uint8Array, tagBytes: number) => {
    const at = packet.length - (SRTP_SUITES[suite].cipher === 'gcm' ? 0 : tagBytes);
    return Uint8Array.from([...packet.subarray(0, at), 7, 8, 9, ...packet.subarray(at)]);
  };
  const packet = rtp(77);
  expect(receiver.unprotectRtp(withMki(sealed(sender, packet), SRTP_SUITES[suite].rtpTagBytes))).toEqual(packet);
  const report = Uint8Array.from([0x81, 0xc9, 0, 1, 0xca, 0xfe, 0xba, 0xbe, 1, 2, 3, 4]);
  const secret = sender.protectRtcp(report) ?? new Uint8Array(0);
  expect(receiver.unprotectRtcp(withMki(secret, SRTP_SUITES[suite].rtcpTagBytes))).toEqual(report);
  expect(receiver.unprotectRtp(new Uint8Array(5))).toBeNull();
});

test('anything else is refused without an error', () => {
  for (const suite of SRTP_SUITE_NAMES) {
    const { sender, receiver } = pair(suite);
    receiver.unprotectRtp(sealed(sender, rtp(9)));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2200 }), fc.boolean(), (junk, asRtp) => {
        if (asRtp && junk.length > 1) junk[0] = ((junk[0] as number) & 0x3f) | 0x80;
        expect(receiver.unprotectRtp(junk)).toBeNull();
        expect(receiver.unprotectRtcp(junk)).toBeNull();
        const out = sender.protectRtp(junk);
        expect(out === null || out.length > junk.length).toBe(true);
      }),
      { numRuns: 300 },
    );
    expect(receiver.unprotectRtp(randomBytes(3000))).toBeNull();
  }
});
