import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Whether an address stands for every interface. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '';
}

/**
 * The address of this machine that a peer at `address` can answer to, for a listener on a wildcard: the loopback for
 * the loopback, the interface on the peer's own network, else the first that leaves the machine.
 */
export function localHostFor(address: string): string {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  const loopback = family === 'ipv6' ? '::1' : '127.0.0.1';
  if (address === 'localhost' || address === '::1' || address.startsWith('127.')) return loopback;
  let first: string | undefined;
  for (const entries of Object.values(networkInterfaces())) {
    for (const entry of entries ?? []) {
      if (entry.internal || entry.family.toLowerCase() !== family || entry.cidr === null) continue;
      first ??= entry.address;
      if (isIP(address) !== 0 && isInside(address, entry.cidr, family)) return entry.address;
    }
  }
  return first ?? loopback;
}

function isInside(address: string, cidr: string, family: 'ipv4' | 'ipv6'): boolean {
  const [network = '', prefix = ''] = cidr.split('/');
  const block = new BlockList();
  block.addSubnet(network, Number(prefix), family);
  return block.check(address, family);
}
