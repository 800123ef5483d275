import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SipHeaders } from '../message/message.ts';
import { type DigestAlgorithm, ha1 } from './algorithm.ts';
import { authorize, DigestClient } from './digest-client.ts';
import { DigestVerifier } from './digest-verifier.ts';

const realm = 'voice.example.com';
const key = createSecretKey(Buffer.alloc(32, 7));
const alice = { username: 'alice', password: 'wonder"land' };
const lookup = (username: string, asked: string, algorithm: DigestAlgorithm) =>
  username === 'alice' ? ha1('alice', asked, alice.password, algorithm) : undefined;

function setUp(options: { nonceLifetimeMs?: number; kind?: 'www' | 'proxy'; maxNonces?: number } = {}) {
  const clock = { nowMs: 1_700_000_000_000 };
  const verifier = new DigestVerifier({ realm, key, now: () => clock.nowMs, ...options });
  const verify = (authorization: string | null, method = 'REGISTER', uri = 'sip:voice.example.com') => {
    const headers = new SipHeaders();
    const name = options.kind === 'proxy' ? 'Proxy-Authorization' : 'Authorization';
    if (authorization !== null) headers.append(name, authorization);
    return verifier.verify({ method, uri, headers }, lookup);
  };
  return { clock, verifier, verify };
}

const register = { method: 'REGISTER', uri: 'sip:voice.example.com' };

describe('DigestVerifier', () => {
  it('offers SHA-256 before MD5 with one nonce', () => {
    const { verifier } = setUp();
    const [first, second, ...others] = verifier.challenges();
    expect(first).toMatch(/^Digest realm="voice.example.com", nonce="[\w-]{32}", algorithm=SHA-256, qop="auth"$/);
    expect(second).toBe(first?.replace('SHA-256', 'MD5'));
    expect(others).toEqual([]);
    expect(verifier.challenges({ stale: true })[0]).toMatch(/, stale=true$/);
    expect([verifier.challengeStatus, verifier.challengeHeader]).toEqual([401, 'WWW-Authenticate']);
  });

  it.each(['www', 'proxy'] as const)('accepts right credentials (%s)', async (kind) => {
    const { verifier, verify } = setUp({ kind });
    expect(await verify(authorize(register, verifier.challenges(), alice))).toEqual({ ok: true, username: 'alice' });
  });

  it('accepts a client that speaks MD5 only, and one without qop for one request', async () => {
    const { verifier, verify } = setUp();
    const md5 = verifier.challenges().filter((challenge) => challenge.includes('MD5'));
    expect((await verify(authorize(register, md5, alice))).ok).toBe(true);
    const plain = verifier.challenges().map((challenge) => challenge.replace(', qop="auth"', ''));
    const credentials = authorize(register, plain, alice);
    expect(credentials).not.toContain('qop');
    expect((await verify(credentials)).ok).toBe(true);
    expect(await verify(credentials)).toMatchObject({ reason: 'stale' });
  });

  it('tells wrong passwords, unknown users and missing credentials apart', async () => {
    const { verifier, verify } = setUp();
    const wrong = authorize(register, verifier.challenges(), { ...alice, password: 'x' });
    const unknown = authorize(register, verifier.challenges(), { ...alice, username: 'mallory' });
    expect(await verify(wrong)).toEqual({ ok: false, reason: 'bad-credentials', username: 'alice' });
    expect(await verify(unknown)).toEqual({ ok: false, reason: 'unknown-user', username: 'mallory' });
    expect(await verify(null)).toEqual({ ok: false, reason: 'no-credentials' });
    expect(await verify('NoOneKnowsThisScheme opaque-data=here')).toEqual({ ok: false, reason: 'no-credentials' });
    expect(await verify('Digest realm="elsewhere", username="alice"')).toEqual({ ok: false, reason: 'no-credentials' });
  });

  it('never accepts the stand-in hash of users that do not exist', async () => {
    const { verifier, verify } = setUp();
    const { digestResponse } = await import('./algorithm.ts');
    const nonce = /nonce="([^"]+)"/.exec(verifier.challenges()[0] ?? '')?.[1] ?? '';
    const response = digestResponse('MD5', '0'.repeat(32), { ...register, nonce, qop: null });
    const forged = `Digest username="nobody", realm="${realm}", nonce="${nonce}", uri="${register.uri}", response="${response}"`;
    expect(await verify(forged)).toMatchObject({ reason: 'unknown-user' });
  });

  it.each([
    ['a missing response', (text: string) => text.replace(/response="[^"]*", /, '')],
    ['a short response', (text: string) => text.replace(/response="[^"]*"/, 'response="abc"')],
    [
      'a response that is no hexadecimal',
      (text: string) => text.replace(/response=".{64}"/, `response="${'z'.repeat(64)}"`),
    ],
    ['a short nc', (text: string) => text.replace('nc=00000001', 'nc=1')],
    ['another qop', (text: string) => text.replace('qop=auth', 'qop=auth-int')],
    ['an unknown algorithm', (text: string) => text.replace('SHA-256', 'SHA3')],
    ['a uri of someone else', (text: string) => text.replace('uri="sip:', 'uri="sip:bob@')],
  ])('calls %s malformed', async (_, spoil) => {
    const { verifier, verify } = setUp();
    const good = authorize(register, verifier.challenges(), alice) ?? '';
    expect(spoil(good)).not.toBe(good);
    expect(await verify(spoil(good))).toMatchObject({ ok: false, reason: 'malformed' });
  });

  it('accepts a Request-URI that was changed on the way, but not another number', async () => {
    const { verifier, verify } = setUp();
    const invite = { method: 'INVITE', uri: 'sip:+15550100@voice.example.com' };
    const credentials = authorize(invite, verifier.challenges(), alice);
    const onWire = 'sip:%2b15550100@VOICE.example.com:5060;transport=udp';
    expect((await verify(credentials, 'INVITE', onWire)).ok).toBe(true);
    expect((await verify(credentials, 'BYE', invite.uri)).ok).toBe(false);
    const toAddress = authorize({ method: 'INVITE', uri: 'sip:192.0.2.1:5060' }, verifier.challenges(), alice);
    expect((await verify(toAddress, 'INVITE', invite.uri)).ok).toBe(true);
    const toOther = authorize(invite, verifier.challenges(), alice);
    expect((await verify(toOther, 'INVITE', 'sip:+15550199@voice.example.com')).ok).toBe(false);
  });

  it('calls right credentials with an expired, foreign or used nonce stale', async () => {
    const { clock, verifier, verify } = setUp({ nonceLifetimeMs: 1000 });
    const client = new DigestClient(alice);
    client.take(verifier.challenges());
    const first = client.authorize(register);
    clock.nowMs += 999;
    expect((await verify(first)).ok).toBe(true);
    expect(await verify(first)).toEqual({ ok: false, reason: 'stale', username: 'alice' });
    expect((await verify(client.authorize(register))).ok).toBe(true);
    clock.nowMs += 1;
    expect(await verify(client.authorize(register))).toMatchObject({ reason: 'stale' });
    const foreign = new DigestVerifier({ realm, key: createSecretKey(Buffer.alloc(32, 8)), now: () => clock.nowMs });
    expect(await verify(authorize(register, foreign.challenges(), alice))).toMatchObject({ reason: 'stale' });
    const wrong = authorize(register, foreign.challenges(), { ...alice, password: 'x' });
    expect(await verify(wrong)).toMatchObject({ reason: 'bad-credentials' });
  });

  it('accepts nonces of before a restart with the same key', async () => {
    const before = setUp();
    const after = setUp();
    expect((await after.verify(authorize(register, before.verifier.challenges(), alice))).ok).toBe(true);
  });
});

describe('DigestClient', () => {
  it('prefers SHA-256 wherever it stands and passes over what it does not speak', () => {
    const values = [
      'Basic realm="x"',
      'Digest realm="x", nonce="1", algorithm=SHA-512-256, qop="auth"',
      'Digest realm="x", nonce="2", qop="auth"',
      'Digest realm="x", nonce="3", algorithm=SHA-256, qop="auth-int,auth", opaque="o"',
    ];
    expect(authorize(register, values, alice)).toMatch(
      /nonce="3".*algorithm=SHA-256, opaque="o", qop=auth, nc=00000001/,
    );
    expect(authorize(register, values.slice(0, 3), alice)).not.toContain('algorithm');
    expect(authorize(register, ['Digest realm="x", nonce="3", qop="auth-int"'], alice)).toBeNull();
    expect(new DigestClient(alice).authorize(register)).toBeNull();
  });

  it('counts the uses of a nonce and knows when it is refused', () => {
    const client = new DigestClient(alice);
    const challenge = 'Digest realm="x", nonce="1", qop="auth"';
    expect(client.take([challenge])).toBe('ready');
    expect(client.authorize(register)).toContain('nc=00000001');
    expect(client.authorize(register)).toContain('nc=00000002');
    expect(client.take([challenge])).toBe('refused');
    expect(client.take([challenge.replace('"1"', '"2"')])).toBe('ready');
    expect(client.authorize(register)).toContain('nc=00000001');
    expect(client.take([`${challenge.replace('"1"', '"2"')}, stale=TRUE`])).toBe('ready');
    expect(client.take(['Bearer x'])).toBe('unsupported');
  });
});
