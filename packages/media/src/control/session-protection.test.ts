import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCertificate } from '../dtls/certificate.ts';
import type { AgreedSecurity } from '../sdp/agreed-security.ts';
import type { WorkerCommand } from '../worker/protocol.ts';
import { SessionProtection } from './session-protection.ts';

const CERTIFICATE = createCertificate(Date.UTC(2026, 0, 1));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Setup {
  protection: SessionProtection;
  posted: WorkerCommand[];
  secured: string[];
  failed: string[];
}

/** Two control sides; what one sends reaches the other while `connected`. */
function pair() {
  const path = { connected: true };
  const make = (far: () => Setup): Setup => {
    const setup: Omit<Setup, 'protection'> = { posted: [], secured: [], failed: [] };
    const protection = new SessionProtection({
      sessionId: 1,
      post: (command) => {
        setup.posted.push(command);
        if (command.type !== 'sendDtls' || !path.connected) return;
        setTimeout(() => far().protection.receive(command.datagram), 1);
      },
      certificate: () => CERTIFICATE,
      suites: ['AEAD_AES_128_GCM'],
      timeoutMs: 5000,
      onSecured: (method) => setup.secured.push(method),
      onFailed: (reason) => setup.failed.push(reason),
    });
    return { protection, ...setup };
  };
  const near: Setup = make(() => far);
  const far: Setup = make(() => near);
  return { near, far, path };
}

function dtls(role: 'client' | 'server', ice: Extract<AgreedSecurity, { kind: 'dtls' }>['ice'] = null): AgreedSecurity {
  return { kind: 'dtls', role, fingerprints: [CERTIFICATE.fingerprint], ice };
}

function put({ protection }: Setup, agreed: AgreedSecurity): void {
  protection.apply(agreed);
  protection.begin();
}

const types = ({ posted }: Setup) => posted.map(({ type }) => type).filter((type) => type !== 'sendDtls');

test('a handshake gives both workers their keys, once, also over re-offers and after a while', () => {
  const { near, far } = pair();
  put(far, dtls('server'));
  put(near, dtls('client'));
  vi.advanceTimersByTime(10);
  for (const side of [near, far]) expect([side.secured, types(side)]).toEqual([['dtls'], ['secure', 'setSrtpKeys']]);
  vi.advanceTimersByTime(60_000);
  put(near, dtls('client'));
  expect(types(near)).toEqual(['secure', 'setSrtpKeys', 'secure']);
  expect(near.posted.filter(({ type }) => type === 'sendDtls').length).toBe(2);
});

test('who begins waits for ICE to find the far side', () => {
  const { near, far } = pair();
  const ice = { local: { ufrag: 'abcd', password: 'p'.repeat(24) }, remoteUfrag: 'efgh' };
  put(far, dtls('server'));
  put(near, dtls('client', ice));
  vi.advanceTimersByTime(10);
  expect(near.secured).toEqual([]);
  near.protection.pathFound();
  vi.advanceTimersByTime(10);
  expect([near.secured, far.secured]).toEqual([['dtls'], ['dtls']]);
});

test('what was lost is repeated by the clock, what never comes is reported once, and an offer tries again', () => {
  const { near, far, path } = pair();
  path.connected = false;
  put(far, dtls('server'));
  put(near, dtls('client'));
  vi.advanceTimersByTime(4000);
  expect(near.posted.filter(({ type }) => type === 'sendDtls').length).toBe(4);
  vi.advanceTimersByTime(60_000);
  expect([near.failed.length, far.failed.length]).toEqual([1, 1]);
  path.connected = true;
  put(far, dtls('server'));
  put(near, dtls('client'));
  vi.advanceTimersByTime(10);
  expect([near.secured, far.secured]).toEqual([['dtls'], ['dtls']]);
});

test('closing ends the timers', () => {
  const { near, far } = pair();
  put(far, dtls('server'));
  put(near, dtls('client', { local: { ufrag: 'abcd', password: 'p'.repeat(24) }, remoteUfrag: null }));
  near.protection.pathFound();
  vi.advanceTimersByTime(10);
  expect(vi.getTimerCount()).toBe(2);
  near.protection.close();
  far.protection.close();
  vi.advanceTimersByTime(10);
  expect(vi.getTimerCount()).toBe(0);
});
