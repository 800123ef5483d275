import { createSecretKey } from 'node:crypto';
import { createRequest, DigestClient, type Peer } from '@voxology/sip';
import { beforeEach, expect, test } from 'vitest';
import { OnNetTokens } from '../outbound/on-net.ts';
import { DOMAIN, MemoryStore, PASSWORD } from '../testing/memory-store.ts';
import { BanList } from './ban-list.ts';
import { Identifier } from './identify.ts';

const PROXY = '127.0.0.1';
const overProxy = (connection: string): Peer => ({ protocol: 'ws', address: PROXY, port: 40_000, connection });

let identifier: Identifier;
beforeEach(() => {
  identifier = new Identifier({
    store: new MemoryStore().asStore(),
    trunks: { of: () => null },
    onNet: new OnNetTokens(),
    bans: new BanList({ maxFailures: 3, banMs: 60_000 }),
    nonceKey: createSecretKey(Buffer.alloc(32, 1)),
    nonceLifetimeMs: 60_000,
    digestAlgorithms: ['MD5'],
    nowMs: () => 0,
  });
});

/** What comes of a REGISTER whose challenge is answered. */
async function tryAs(username: string, password: string, source: Peer): Promise<string> {
  const client = new DigestClient({ username, password });
  const ask = (headers: [string, string][]) => {
    const from = `<sip:${username}@${DOMAIN}>`;
    const request = { method: 'REGISTER', uri: `sip:${DOMAIN}`, from, to: from, callId: 'x', cseq: 1, headers };
    return identifier.user(createRequest(request), source);
  };
  const first = await ask([]);
  if (first.kind !== 'challenge') return first.kind;
  client.take(first.challenges);
  const authorization = client.authorize({ method: 'REGISTER', uri: `sip:${DOMAIN}` }) ?? '';
  return (await ask([['Authorization', authorization]])).kind;
}

test('behind a proxy only the connection that guesses is banned', async () => {
  const outcomes: string[] = [];
  for (const name of ['a', 'b', 'c', 'd']) outcomes.push(await tryAs(name, 'wrong', overProxy('one')));
  expect(outcomes).toEqual(['challenge', 'challenge', 'forbidden', 'forbidden']);
  expect(await tryAs('alice', PASSWORD, overProxy('one'))).toBe('forbidden');
  expect(await tryAs('alice', PASSWORD, overProxy('two'))).toBe('user');
});

test('an account is not guessed over one connection after another, whoever succeeds meanwhile', async () => {
  const outcomes: string[] = [];
  for (const connection of ['one', 'two', 'three', 'four']) {
    outcomes.push(await tryAs('bob', 'wrong', overProxy(connection)));
    outcomes.push(await tryAs('alice', PASSWORD, overProxy(connection)));
  }
  expect(outcomes).toEqual(['challenge', 'user', 'challenge', 'user', 'forbidden', 'user', 'forbidden', 'user']);
});

test('what is right is not told while the account is banned', async () => {
  for (const connection of ['one', 'two', 'three']) await tryAs('alice', 'wrong', overProxy(connection));
  expect(await tryAs('alice', PASSWORD, overProxy('four'))).toBe('forbidden');
  // A telephone of the same user, at an address of its own, is not the one that guesses.
  expect(await tryAs('alice', PASSWORD, { protocol: 'udp', address: '10.0.0.2', port: 5060 })).toBe('user');
});

test('other transports are told apart by address', async () => {
  const from = (port: number): Peer => ({ protocol: 'udp', address: '10.0.0.2', port });
  for (const port of [1, 2, 3]) await tryAs('alice', 'wrong', from(port));
  expect(await tryAs('alice', PASSWORD, from(4))).toBe('forbidden');
});
