import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createIceCredentials } from '../ice/credentials.ts';
import { STUN_ATTRIBUTE, STUN_BINDING, StunBuilder } from '../ice/stun-message.ts';
import { writeRtpHeader } from '../rtp/packet.ts';
import { createSrtpKey } from '../srtp/sdes.ts';
import { SecurePath } from './secure-path.ts';

const OURS = createSrtpKey('AEAD_AES_128_GCM');
const THEIRS = createSrtpKey('AEAD_AES_128_GCM');
const ICE = createIceCredentials();
const REPORT = Uint8Array.from([0x80, 201, 0, 1, 0, 0, 0, 77]);

function rtp(sequence: number): Uint8Array {
  const packet = new Uint8Array(172).fill(7);
  writeRtpHeader(packet, false, 0, sequence, sequence * 160, 77);
  return packet;
}

function path(mediaHost: string | null = '192.0.2.1') {
  const dtls: Uint8Array[] = [];
  const sent: string[] = [];
  let paths = 0;
  const secure = new SecurePath({
    sendTo: (_, address, port) => sent.push(`${address}:${port}`),
    onDtls: (datagram) => dtls.push(datagram),
    onPath: () => paths++,
    mediaAddress: () => (mediaHost === null ? null : { address: mediaHost, port: 2000 }),
    onConsentLost: () => {},
    consentMs: 30_000,
  });
  const receive = (datagram: Uint8Array, nowMs = 0) => secure.receive(datagram, '192.0.2.1', 1000, nowMs);
  const receiveFrom = (address: string, datagram: Uint8Array, port = 1000) =>
    secure.receive(datagram, address, port, 0);
  return { secure, dtls, sent, receive, receiveFrom, paths: () => paths };
}

function check(): Uint8Array {
  return new StunBuilder(STUN_BINDING.request, new Uint8Array(12))
    .add(STUN_ATTRIBUTE.username, Buffer.from(`${ICE.ufrag}:far`))
    .finish(createSecretKey(ICE.password, 'utf8'));
}

test('with keys of the SDP protected media passes both ways, and nothing else', () => {
  const near = path();
  const far = path();
  near.secure.configure({ kind: 'sdes', send: OURS, receive: THEIRS }, 0);
  far.secure.configure({ kind: 'sdes', send: THEIRS, receive: OURS }, 0);
  for (const packet of [rtp(1), REPORT]) {
    const datagram = near.secure.protect(packet);
    expect(datagram).not.toEqual(packet);
    expect(far.receive(datagram ?? packet)).toEqual(packet);
    expect(far.receive(packet)).toBeNull();
  }
  for (const datagram of [check(), Uint8Array.of(22, 1, 2), Uint8Array.of(), Uint8Array.of(70)]) {
    expect(far.receive(datagram)).toBeNull();
  }
  expect([far.sent, far.secure.hasIce]).toEqual([[], false]);
});

test('the same keys again do not begin their counters again', () => {
  const near = path();
  const far = path();
  for (let i = 0; i < 3; i++) {
    near.secure.configure({ kind: 'sdes', send: OURS, receive: THEIRS }, 0);
    far.secure.configure({ kind: 'sdes', send: THEIRS, receive: OURS }, 0);
    const datagram = Uint8Array.from(near.secure.protect(rtp(40_000 + i * 20_000)) ?? []);
    expect(far.receive(datagram)).toEqual(rtp(40_000 + i * 20_000));
    expect(far.receive(datagram)).toBeNull();
  }
});

test('reports on a port of their own share the keys of SDES, but not those of a handshake', () => {
  const near = path();
  const far = path();
  near.secure.configure({ kind: 'sdes', send: OURS, receive: THEIRS }, 0);
  far.secure.configure({ kind: 'sdes', send: THEIRS, receive: OURS }, 0);
  const datagram = near.secure.protectApart(REPORT) ?? REPORT;
  expect(far.secure.unprotectApart(REPORT)).toBeNull();
  expect(far.secure.unprotectApart(datagram)).toEqual(REPORT);
  near.secure.configure({ kind: 'dtls', ice: null }, 0);
  near.secure.setKeys({ send: OURS, receive: THEIRS });
  expect(near.secure.protectApart(REPORT)).toBeNull();
});

test('until the handshake is done no media passes', () => {
  const { secure, receive } = path();
  secure.configure({ kind: 'dtls', ice: null }, 0);
  expect(secure.protect(rtp(1))).toBeNull();
  expect(receive(rtp(1))).toBeNull();
  secure.setKeys({ send: OURS, receive: THEIRS });
  expect(secure.protect(rtp(1))).not.toBeNull();
});

test('keys of another method are not used for the new one', () => {
  const { secure } = path();
  secure.configure({ kind: 'sdes', send: OURS, receive: THEIRS }, 0);
  secure.configure({ kind: 'dtls', ice: null }, 0);
  expect(secure.protect(rtp(1))).toBeNull();
});

test('under ICE a handshake passes only after a check, and media goes where it came from', () => {
  const { secure, receive, dtls, sent, paths } = path();
  secure.configure({ kind: 'dtls', ice: { local: ICE, remoteUfrag: 'far' } }, 0);
  receive(Uint8Array.of(22, 1, 2));
  expect([dtls.length, secure.remote]).toEqual([0, null]);
  receive(check());
  receive(check());
  expect([sent, paths(), secure.remote]).toMatchObject([
    ['192.0.2.1:1000', '192.0.2.1:1000'],
    1,
    { address: '192.0.2.1', port: 1000 },
  ]);
  receive(Uint8Array.of(22, 1, 2));
  expect(dtls.length).toBe(1);
});

test('a flood of handshakes does not reach the control thread', () => {
  const { secure, receive, dtls } = path();
  secure.configure({ kind: 'dtls', ice: null }, 0);
  for (let i = 0; i < 500; i++) receive(Uint8Array.of(22, 1, 2), 100);
  expect(dtls.length).toBe(50);
  receive(Uint8Array.of(22, 1, 2), 1000);
  expect(dtls.length).toBe(51);
});

const HELLO = Uint8Array.of(22, 1, 2);

test('a handshake is taken from nobody but the far side, and strangers do not use up its share', () => {
  const { secure, receiveFrom, dtls } = path();
  secure.configure({ kind: 'dtls', ice: null }, 0);
  for (let i = 0; i < 100; i++) receiveFrom('203.0.113.9', HELLO);
  expect([dtls.length, secure.refused, secure.dtlsRemote]).toEqual([0, 100, null]);
  receiveFrom('192.0.2.1', HELLO);
  expect([dtls.length, secure.dtlsRemote]).toEqual([1, { address: '192.0.2.1', port: 1000 }]);

  const ice = path();
  ice.secure.configure({ kind: 'dtls', ice: { local: ICE, remoteUfrag: 'far' } }, 0);
  ice.receive(check());
  ice.receiveFrom('192.0.2.1', HELLO, 1001);
  ice.receiveFrom('203.0.113.9', HELLO);
  expect(ice.dtls.length).toBe(0);
  ice.receive(HELLO);
  expect([ice.dtls.length, ice.secure.dtlsRemote]).toEqual([1, null]);

  const unknown = path(null);
  unknown.secure.configure({ kind: 'dtls', ice: null }, 0);
  unknown.receive(HELLO);
  expect(unknown.dtls.length).toBe(0);
});

test('a phone whose SDP names its address behind a NAT is answered where it comes from', () => {
  const { secure, receiveFrom, dtls } = path('192.168.1.20');
  secure.configure({ kind: 'dtls', ice: null }, 0);
  receiveFrom('198.51.100.7', HELLO);
  receiveFrom('203.0.113.9', HELLO);
  expect([dtls.length, secure.dtlsRemote]).toEqual([1, { address: '198.51.100.7', port: 1000 }]);
  receiveFrom('192.168.1.20', HELLO);
  expect([dtls.length, secure.dtlsRemote]).toEqual([2, { address: '192.168.1.20', port: 1000 }]);
});

test('whatever comes in, nothing is thrown and nothing passes', () => {
  const sdes = path();
  sdes.secure.configure({ kind: 'sdes', send: OURS, receive: THEIRS }, 0);
  const dtls = path();
  dtls.secure.configure({ kind: 'dtls', ice: { local: ICE, remoteUfrag: null } }, 0);
  dtls.secure.setKeys({ send: OURS, receive: THEIRS });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(null, 0, 22, 128, 144), (junk, first) => {
      if (first !== null && junk.length > 0) junk[0] = first;
      for (const { receive, secure } of [sdes, dtls]) {
        expect(receive(junk)).toBeNull();
        expect(secure.unprotectApart(junk)).toBeNull();
      }
    }),
    { numRuns: 1000 },
  );
  expect([dtls.sent, dtls.paths(), dtls.dtls.length]).toEqual([[], 0, 0]);
});
