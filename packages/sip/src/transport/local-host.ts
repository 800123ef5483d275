import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Whether an address stands for every interface. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '';
}

// Asking the system costs more than all the rest of a message; addresses of interfaces change rarely.
const KEPT_MS = 5000;
const MAX_KEPT = 1000;

/** Finds the address of this machine that a peer can answer to, for a listener on a wildcard. */
export class LocalHosts {
  readonly #known = new Map<string, string>();
  #keptSinceMs = Number.NEGATIVE_INFINITY;

  /** The loopback for the loopback, the interface on the peer's own network, else the first that leaves the machine. */
  for(address: string): string {
    const nowMs = performance.now();
    if (nowMs - this.#keptSinceMs > KEPT_MS || this.#known.size >= MAX_KEPT) {
      this.#known.clear();
      this.#keptSinceMs = nowMs;
    }
    let host = this.#known.get(address);
    if (host === undefined) {
      host = localHostFor(address);
      this.#known.set(address, host);
    }
    return host;
  }
}

function localHostFor(address: string): string {
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
