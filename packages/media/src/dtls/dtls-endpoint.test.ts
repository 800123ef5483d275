import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SrtpSuiteName } from '../srtp/suite.ts';
import { createCertificate, type DtlsCertificate } from './certificate.ts';
import { DtlsEndpoint, type DtlsEndpointOptions, type DtlsSrtpKeys } from './dtls-endpoint.ts';
import { matchesFingerprint, readFingerprint } from './fingerprint.ts';
import { readRecords } from './record.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const ALICE = createCertificate(NOW_MS);
const BOB = createCertificate(NOW_MS);
const SUITES: SrtpSuiteName[] = ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'];

/** What may happen to a datagram on its way: whether it arrives, changed or not. */
type Path = (datagram: Uint8Array, number: number) => Uint8Array | null;

class Party {
  keys: DtlsSrtpKeys | null = null;
  failure = '';
  closed = false;
  sent = 0;
  readonly endpoint: DtlsEndpoint;

  constructor(
    certificate: DtlsCertificate,
    options: Partial<DtlsEndpointOptions> & Pick<DtlsEndpointOptions, 'role' | 'fingerprints'>,
    out: (datagram: Uint8Array, number: number) => void,
  ) {
    this.endpoint = new DtlsEndpoint(
      {
        certificate,
        srtpSuites: SUITES,
        timeoutMs: 30_000,
        send: (datagram) => out(Uint8Array.from(datagram), this.sent++),
        onConnected: (keys) => {
          expect(this.keys).toBeNull();
          this.keys = keys;
        },
        onFailed: (reason) => {
          expect(this.failure).toBe('');
          this.failure = reason;
        },
        onClosed: () => {
          this.closed = true;
        },
        ...options,
      },
      0,
    );
  }
}

interface Setup {
  client?: Partial<DtlsEndpointOptions>;
  server?: Partial<DtlsEndpointOptions>;
  clientCertificate?: DtlsCertificate;
  path?: Path;
}

/** Two endpoints in one virtual time; runs until nothing is due any more. */
function talk({ client = {}, server = {}, clientCertificate = ALICE, path = (datagram) => datagram }: Setup = {}) {
  let nowMs = 0;
  let crossed = 0;
  const queue: { to: 'alice' | 'bob'; datagram: Uint8Array }[] = [];
  const out = (to: 'alice' | 'bob') => (datagram: Uint8Array) => {
    const arriving = path(datagram, crossed++);
    if (arriving !== null) queue.push({ to, datagram: arriving });
  };
  const bob = new Party(BOB, { role: 'server', fingerprints: [ALICE.fingerprint], ...server }, out('alice'));
  const alice = new Party(
    clientCertificate,
    { role: 'client', fingerprints: [BOB.fingerprint], ...client },
    out('bob'),
  );
  const run = () => {
    for (let turn = 0; turn < 1000; turn++) {
      const next = queue.shift();
      if (next !== undefined) {
        (next.to === 'bob' ? bob : alice).endpoint.receive(next.datagram, nowMs);
        continue;
      }
      const due = [alice.endpoint.dueMs, bob.endpoint.dueMs].filter((ms) => ms !== null);
      if (due.length === 0) return;
      nowMs = Math.min(...due);
      alice.endpoint.tick(nowMs);
      bob.endpoint.tick(nowMs);
    }
    throw new Error('The two never came to an end');
  };
  run();
  return { alice, bob, run, elapsedMs: () => nowMs };
}

test('both sides end with the same keys, each for its direction', () => {
  const { alice, bob, elapsedMs } = talk();
  expect([alice.failure, bob.failure]).toEqual(['', '']);
  expect(alice.keys?.send.suite).toBe('AEAD_AES_128_GCM');
  expect(alice.keys?.send).toEqual(bob.keys?.receive);
  expect(alice.keys?.receive).toEqual(bob.keys?.send);
  expect(alice.keys?.send.master).not.toBe(alice.keys?.receive.master);
  expect(Buffer.from(alice.keys?.send.master ?? '', 'base64').length).toBe(28);
  expect(elapsedMs()).toBe(0);
  expect([alice.sent, bob.sent]).toEqual([2, 2]);
});

test('the suite is the first of ours that the far side has', () => {
  const { alice, bob } = talk({ client: { srtpSuites: ['AES_CM_128_HMAC_SHA1_80'] } });
  expect(alice.keys?.send.suite).toBe('AES_CM_128_HMAC_SHA1_80');
  expect(bob.keys?.receive).toEqual(alice.keys?.send);
  const none = talk({ client: { srtpSuites: ['AES_CM_128_HMAC_SHA1_32'] } });
  expect(none.bob.failure).toMatch(/does not offer SRTP/);
});

test('any one lost datagram is made good, and any two', () => {
  for (let first = 0; first < 6; first++) {
    for (let second = first; second < 7; second++) {
      const { alice, bob } = talk({
        path: (datagram, number) => (number === first || number === second ? null : datagram),
      });
      expect([first, second, alice.failure, bob.failure]).toEqual([first, second, '', '']);
      expect(alice.keys?.send).toEqual(bob.keys?.receive);
    }
  }
});

test('records that come twice change nothing', () => {
  const { alice, bob } = talk({ path: (datagram) => Buffer.concat([datagram, datagram]) });
  expect([alice.failure, bob.failure]).toEqual(['', '']);
  expect(alice.keys?.send).toEqual(bob.keys?.receive);
});

test('a far side that never answers is given up', () => {
  const { alice, bob, elapsedMs } = talk({ path: () => null });
  expect(alice.failure).toMatch(/did not end in time/);
  expect(bob.failure).toMatch(/did not end in time/);
  expect(elapsedMs()).toBe(30_000);
  expect(alice.sent).toBeLessThan(12);
});

test('another certificate than the SDP names is refused by either side', () => {
  const stranger = createCertificate(NOW_MS).fingerprint;
  const { alice, bob } = talk({ server: { fingerprints: [stranger] } });
  expect(bob.failure).toMatch(/not the one its SDP names/);
  expect(bob.keys).toBeNull();
  expect(alice.keys).toBeNull();
  expect(alice.failure).toMatch(/in time; the far side sent alert 42/);
  const other = talk({ client: { fingerprints: [stranger] } });
  expect(other.alice.failure).toMatch(/not the one its SDP names/);
  expect(other.bob.keys).toBeNull();
});

test('showing a certificate without its private key does not help, in either role', () => {
  const thief = { ...createCertificate(NOW_MS), der: ALICE.der };
  const { bob } = talk({ clientCertificate: thief });
  expect(bob.failure).toMatch(/does not own the certificate/);
  expect(bob.keys).toBeNull();
  const asServer = talk({ server: { certificate: { ...createCertificate(NOW_MS), der: BOB.der } } });
  expect(asServer.alice.failure).toMatch(/does not own the certificate/);
  expect(asServer.alice.keys).toBeNull();
});

test('whatever is changed on the way, nobody ends with keys that the other does not have', () => {
  fc.assert(
    fc.property(
      fc.nat(3),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.integer({ min: 1, max: 255 }),
      (at, where, mask) => {
        const { alice, bob } = talk({
          path(datagram, number) {
            if (number === at) {
              const index = Math.floor(where * datagram.length);
              datagram[index] = (datagram[index] as number) ^ mask;
            }
            return datagram;
          },
        });
        if (alice.keys !== null && bob.keys !== null) expect(alice.keys.send).toEqual(bob.keys.receive);
      },
    ),
    { numRuns: 60 },
  );
});

test('junk throws nothing, before and after the handshake', () => {
  const connected = talk();
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 120 }),
      fc.constantFrom(20, 21, 22, 23, 25),
      fc.nat(2),
      (junk, type, epoch) => {
        const record = Buffer.concat([
          Uint8Array.from([type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 9, 0, junk.length]),
          junk,
        ]);
        expect(readRecords(record).length).toBe(1);
        for (const datagram of [junk, record]) {
          connected.alice.endpoint.receive(datagram, 0);
          connected.bob.endpoint.receive(datagram, 0);
          const fresh = new Party(BOB, { role: 'server', fingerprints: [] }, () => {});
          fresh.endpoint.receive(datagram, 0);
          expect(fresh.keys).toBeNull();
        }
      },
    ),
    { numRuns: 500 },
  );
  expect([connected.alice.failure, connected.bob.failure, connected.bob.closed]).toEqual(['', '', false]);
});

test('a record that cannot be read does not end a handshake: it may be of anybody', () => {
  const junk = Uint8Array.of(22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 1);
  let bob: Party | null = null;
  const alice = new Party(ALICE, { role: 'client', fingerprints: [BOB.fingerprint] }, (datagram) => {
    bob?.endpoint.receive(junk, 0);
    bob?.endpoint.receive(datagram, 0);
  });
  const flight: Uint8Array[] = [];
  bob = new Party(BOB, { role: 'server', fingerprints: [ALICE.fingerprint] }, (datagram) => flight.push(datagram));
  alice.endpoint.receive(junk, 0);
  alice.endpoint.tick(20_000);
  for (let datagram = flight.shift(); datagram !== undefined; datagram = flight.shift()) {
    alice.endpoint.receive(junk, 20_000);
    alice.endpoint.receive(datagram, 20_000);
  }
  expect([alice.failure, bob.failure]).toEqual(['', '']);
  expect(bob.keys?.send).toEqual(alice.keys?.receive);
  expect(bob.keys).not.toBeNull();
});

test('closing is told to the far side', () => {
  const { alice, bob, run } = talk();
  alice.endpoint.close();
  run();
  expect([alice.closed, bob.closed]).toEqual([false, true]);
});

test('certificates are readable, self-signed and named by their fingerprint', () => {
  const certificate = new X509Certificate(ALICE.der);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(ALICE.privateKey)).toBe(true);
  expect(certificate.fingerprint256).toBe(ALICE.fingerprint.value);
  expect(new Date(certificate.validTo).getTime()).toBe(NOW_MS + 365 * 24 * 3600 * 1000);
});

test('fingerprints of SDP', () => {
  const { value } = ALICE.fingerprint;
  expect(readFingerprint(`SHA-256 ${value.toLowerCase()}`)).toEqual(ALICE.fingerprint);
  expect(readFingerprint(`sha-1 ${value}`)).toBeNull();
  expect(readFingerprint(`sha-256 ${value}:`)).toBeNull();
  expect(readFingerprint('')).toBeNull();
  const { fingerprint512 } = new X509Certificate(ALICE.der);
  expect(matchesFingerprint(ALICE.der, [{ hash: 'sha-512', value: fingerprint512 }])).toBe(true);
  expect(matchesFingerprint(BOB.der, [ALICE.fingerprint])).toBe(false);
  expect(matchesFingerprint(ALICE.der, [])).toBe(false);
});
