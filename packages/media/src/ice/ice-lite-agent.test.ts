import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { areIceCredentials, createIceCredentials } from './credentials.ts';
import { IceLiteAgent } from './ice-lite-agent.ts';
import { STUN_ATTRIBUTE, STUN_BINDING, StunBuilder, StunMessage, xorMappedAddress } from './stun-message.ts';

const LOCAL = createIceCredentials();
const OTHER = createIceCredentials();
const ID = Uint8Array.from({ length: 12 }, (_, i) => i + 1);

interface Check {
  username?: string | null;
  password?: string | null;
  nominate?: boolean;
  priority?: number;
  extra?: [number, Uint8Array];
  role?: number;
}

function check({ username = `${LOCAL.ufrag}:far1`, password = LOCAL.password, ...check }: Check = {}): Uint8Array {
  const priority = new Uint8Array(4);
  new DataView(priority.buffer).setUint32(0, check.priority ?? 100);
  const builder = new StunBuilder(STUN_BINDING.request, ID);
  if (username !== null) builder.add(STUN_ATTRIBUTE.username, Buffer.from(username));
  builder.add(check.role ?? STUN_ATTRIBUTE.iceControlling, new Uint8Array(8));
  builder.add(STUN_ATTRIBUTE.priority, priority);
  if (check.nominate === true) builder.add(STUN_ATTRIBUTE.useCandidate, new Uint8Array(0));
  if (check.extra !== undefined) builder.add(...check.extra);
  return builder.finish(password === null ? null : createSecretKey(password, 'utf8'));
}

function setUp(consentMs = 30_000) {
  const sent: { message: StunMessage; to: string }[] = [];
  const lost: number[] = [];
  const agent = new IceLiteAgent({
    send(datagram, address, port) {
      const message = StunMessage.read(datagram);
      if (message === null) throw new Error('What was sent cannot be read');
      sent.push({ message, to: `${address}:${port}` });
    },
    consentMs,
    onConsentLost: (silentMs) => lost.push(silentMs),
  });
  agent.configure(LOCAL, 'far1', 0);
  const at = (nowMs: number, datagram: Uint8Array, port = 1000) => agent.receive(datagram, '192.0.2.1', port, nowMs);
  return { agent, sent, lost, at };
}

function code(message: StunMessage | undefined): number {
  const value = message?.attributes.get(STUN_ATTRIBUTE.errorCode);
  return value === undefined ? 0 : (value[2] as number) * 100 + (value[3] as number);
}

test('a check is answered with the address it came from, signed with our password', () => {
  const { agent, sent, at } = setUp();
  expect(agent.selected).toBeNull();
  at(5, check());
  expect(agent.selected).toMatchObject({ address: '192.0.2.1', port: 1000 });
  const [{ message, to } = { message: null, to: '' }] = sent;
  expect(to).toBe('192.0.2.1:1000');
  expect(message?.type).toBe(STUN_BINDING.success);
  expect(message?.isIntact(createSecretKey(LOCAL.password, 'utf8'))).toBe(true);
  expect(message?.transactionId).toEqual(ID);
  const mapped = Buffer.from(message?.attributes.get(STUN_ATTRIBUTE.xorMappedAddress) ?? []);
  expect(mapped).toEqual(Buffer.from(xorMappedAddress('192.0.2.1', 1000, ID)));
});

test.each<[string, Check, number]>([
  ['no user name', { username: null }, 400],
  ['no integrity', { password: null }, 400],
  ['another user name', { username: 'nobody:far1' }, 401],
  ['another far side', { username: `${LOCAL.ufrag}:far2` }, 401],
  ['a wrong password', { password: OTHER.password }, 401],
  ['an attribute that must be understood', { extra: [0x7777, new Uint8Array(4)] }, 420],
  ['the wrong role', { role: STUN_ATTRIBUTE.iceControlled }, 487],
])('%s is refused and opens no path', (_, wrong, expected) => {
  const { agent, sent, at } = setUp();
  at(1, check({ ...wrong, nominate: true }));
  expect(sent[0]?.message.type).toBe(STUN_BINDING.error);
  expect(code(sent[0]?.message)).toBe(expected);
  expect(agent.selected).toBeNull();
});

test('before the answer came, checks of any far side that knows our password are answered', () => {
  const { agent, at, sent } = setUp();
  agent.configure(OTHER, null, 10);
  at(11, check({ username: `${OTHER.ufrag}:whoever`, password: OTHER.password }));
  expect(sent.map(({ message }) => message.type)).toEqual([STUN_BINDING.success]);
});

test('the nominated path is taken, the better one of several, another one when the former fell silent', () => {
  const { agent, at } = setUp();
  const port = () => agent.selected?.port;
  at(1, check(), 1000);
  at(2, check(), 2000);
  expect(port()).toBe(1000);
  at(3, check({ nominate: true, priority: 50 }), 2000);
  expect(port()).toBe(2000);
  at(4, check({ nominate: true, priority: 90 }), 3000);
  at(5, check({ nominate: true, priority: 50 }), 2000);
  expect(port()).toBe(3000);
  at(5003, check({ nominate: true, priority: 50 }), 2000);
  expect(port()).toBe(3000);
  at(5004, check({ nominate: true, priority: 50 }), 2000);
  expect(port()).toBe(2000);
});

test('without checks consent is lost, once, and comes back with the next', () => {
  const { agent, at, lost } = setUp();
  at(1000, check());
  agent.tick(30_999);
  expect(lost).toEqual([]);
  agent.tick(31_000);
  agent.tick(40_000);
  expect(lost).toEqual([30_000]);
  expect(agent.selected).toBeNull();
  at(41_000, check());
  expect(agent.selected).toMatchObject({ port: 1000 });
  agent.tick(71_000);
  expect(lost).toEqual([30_000, 30_000]);
});

test('a far side that never checks is reported too, unless consent is switched off', () => {
  const never = setUp();
  never.agent.tick(30_000);
  expect(never.lost).toEqual([30_000]);
  const off = setUp(0);
  off.agent.tick(1_000_000);
  expect(off.lost).toEqual([]);
});

test('a restart takes new credentials only, and media stays where it is until the next check', () => {
  const { agent, at, sent } = setUp();
  at(1, check({ nominate: true, priority: 90 }), 1000);
  agent.configure(OTHER, 'far2', 10_000);
  expect(agent.selected).toMatchObject({ port: 1000 });
  at(10_001, check({ nominate: true }), 1000);
  expect(code(sent.at(-1)?.message)).toBe(401);
  at(10_002, check({ username: `${OTHER.ufrag}:far2`, password: OTHER.password, nominate: true, priority: 1 }), 4000);
  expect(agent.selected).toMatchObject({ port: 4000 });
});

test('credentials keep the grammar of RFC 8839', () => {
  for (let i = 0; i < 20; i++) expect(areIceCredentials(createIceCredentials())).toBe(true);
  expect(areIceCredentials({ ufrag: 'abc', password: LOCAL.password })).toBe(false);
  expect(areIceCredentials({ ufrag: 'abcd', password: 'short' })).toBe(false);
  expect(areIceCredentials({ ufrag: 'ab d', password: LOCAL.password })).toBe(false);
  expect(areIceCredentials({ ufrag: 'abcd\r\n', password: LOCAL.password })).toBe(false);
});

test('changed checks and junk open no path and throw nothing', () => {
  const { agent } = setUp();
  const good = check();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1 }),
      (edits) => {
        const changed = Uint8Array.from(good);
        for (const [at, mask] of edits) changed[at] = (changed[at] as number) ^ mask;
        if (Buffer.compare(changed, good) !== 0) agent.receive(changed, '::1', 9, 0);
        expect(agent.selected).toBeNull();
      },
    ),
    { numRuns: 1000 },
  );
});
