import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isWildcard, LocalHosts } from './local-host.ts';

describe('LocalHosts', () => {
  it('names the loopback to peers on it', () => {
    const hosts = new LocalHosts();
    expect(['127.0.0.1', '127.8.8.8', 'localhost'].map((peer) => hosts.for(peer))).toEqual(Array(3).fill('127.0.0.1'));
    expect(hosts.for('::1')).toBe('::1');
  });

  it('names an address of this machine to everybody else', () => {
    const own = Object.values(networkInterfaces()).flatMap((entries) => (entries ?? []).map(({ address }) => address));
    expect(own).toContain(new LocalHosts().for('203.0.113.9'));
    for (const address of own)
      if (!address.includes(':'))
        expect(new LocalHosts().for(address)).toBe(address.startsWith('127.') ? '127.0.0.1' : address);
  });

  it('knows the wildcards', () => {
    expect(['0.0.0.0', '::', '', '10.0.0.1'].map(isWildcard)).toEqual([true, true, true, false]);
  });
});
