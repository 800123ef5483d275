import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createCertificate } from './certificate.ts';
import { DtlsEndpoint, type DtlsSrtpKeys } from './dtls-endpoint.ts';
import { type Fingerprint, fingerprintOf } from './fingerprint.ts';
import type { DtlsRole } from './secrets.ts';

// Handshakes with an implementation that is not ours, over real sockets. Without openssl on the PATH these are skipped.

const OPENSSL = 'openssl';
const hasOpenssl = spawnSync(OPENSSL, ['version']).error === undefined;
const folder = mkdtempSync(join(tmpdir(), 'dtls-'));
const PROFILES = 'SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80';
const OWN = createCertificate(Date.now());
const KEY_KINDS: Record<string, string[]> = {
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  rsa: ['-newkey', 'rsa:2048'],
};
const open: { socket: Socket; child: ChildProcess; timer: NodeJS.Timeout }[] = [];

afterAll(() => rmSync(folder, { recursive: true }));

afterEach(() => {
  for (const { socket, child, timer } of open.splice(0)) {
    clearInterval(timer);
    child.kill('SIGKILL');
    socket.close();
  }
});

function certificateFiles(kind: string): { arguments: string[]; fingerprint: Fingerprint } {
  const key = join(folder, `${kind}.key`);
  const certificate = join(folder, `${kind}.pem`);
  const files = ['-keyout', key, '-out', certificate];
  execFileSync(
    OPENSSL,
    ['req', '-x509', '-nodes', '-subj', '/CN=far', '-days', '2', ...(KEY_KINDS[kind] ?? []), ...files],
    { stdio: 'ignore' },
  );
  const fingerprint = fingerprintOf(new X509Certificate(readFileSync(certificate)).raw);
  return { arguments: ['-cert', certificate, '-key', key], fingerprint };
}

/** Our side in a role against openssl in the other: our keys, and the keying material that openssl prints. */
async function shakeHands(role: DtlsRole, kind: string): Promise<{ keys: DtlsSrtpKeys; material: string }> {
  const far = certificateFiles(kind);
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  // The system gives ports out by itself above 32768.
  const farPort = 21_000 + (process.pid % 5000) + (role === 'client' ? 0 : 5000);
  const program =
    role === 'server'
      ? ['s_client', '-connect', `127.0.0.1:${socket.address().port}`]
      : ['s_server', '-accept', `127.0.0.1:${farPort}`, '-Verify', '1'];
  const srtp = ['-use_srtp', PROFILES, '-keymatexport', 'EXTRACTOR-dtls_srtp', '-keymatexportlen', '56'];
  const child = spawn(OPENSSL, [...program, '-dtls1_2', ...far.arguments, ...srtp]);
  let target = farPort;
  const material = new Promise<string>((resolve) => {
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
      const found = /Keying material: ([0-9A-F]{112})/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  if (role === 'client') await once(child.stdout, 'data');
  const keys = await new Promise<DtlsSrtpKeys>((resolve, reject) => {
    const endpoint = new DtlsEndpoint(
      {
        role,
        certificate: OWN,
        fingerprints: [far.fingerprint],
        srtpSuites: ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'],
        timeoutMs: 10_000,
        send: (datagram) => socket.send(datagram, target, '127.0.0.1'),
        onConnected: resolve,
        onFailed: (reason) => reject(new Error(reason)),
        onClosed: () => {},
      },
      performance.now(),
    );
    socket.on('message', (datagram, source) => {
      target = source.port;
      endpoint.receive(datagram, performance.now());
    });
    open.push({ socket, child, timer: setInterval(() => endpoint.tick(performance.now()), 20) });
  });
  return { keys, material: await material };
}

describe.skipIf(!hasOpenssl)('OpenSSL', () => {
  test.each([
    ['server', 'ec'],
    ['server', 'rsa'],
    ['client', 'ec'],
    ['client', 'rsa'],
  ] as const)('we as %s, its key %s: both have the same keys', { timeout: 20_000 }, async (role, kind) => {
    const { keys, material } = await shakeHands(role, kind);
    const hex = (key: { master: string }) => Buffer.from(key.master, 'base64').toString('hex').toUpperCase();
    // Client key, server key, client salt, server salt (RFC 5764 §4.2).
    const client = material.slice(0, 32) + material.slice(64, 88);
    const server = material.slice(32, 64) + material.slice(88, 112);
    const ours = role === 'client' ? [client, server] : [server, client];
    expect([hex(keys.send), hex(keys.receive)]).toEqual(ours);
  });
});
