import type { Peer } from '@voxology/sip';
import ipaddr from 'ipaddr.js';

/** A carrier or PBX we exchange calls with. */
export interface Trunk {
  name: string;
  /** Where calls out go; null for a trunk that only brings calls in. */
  target: Peer | null;
  /** Addresses (CIDR) whose INVITEs are taken without a challenge. */
  allowFrom: readonly string[];
  /** E.164 prefixes routed to this trunk; the longest match over all trunks wins. */
  prefixes: readonly string[];
  /** How the media of calls out is protected; `sdes`: keys in the SDP (RFC 4568), which must travel safely. */
  srtp: 'none' | 'sdes';
  /** For a trunk that challenges our INVITEs. */
  credentials: { username: string; password: string } | null;
}

/** The trunk with the longest prefix of `no`, or null. */
export function trunkFor(trunks: readonly Trunk[], no: string): Trunk | null {
  let best: { trunk: Trunk; length: number } | null = null;
  for (const trunk of trunks) {
    if (trunk.target === null) continue;
    for (const prefix of trunk.prefixes) {
      if (no.startsWith(prefix) && prefix.length > (best?.length ?? -1)) best = { trunk, length: prefix.length };
    }
  }
  return best?.trunk ?? null;
}

/** The trunk that a URI names by the host of its target; of several with that host the one with the port. */
export function trunkAt(trunks: readonly Trunk[], host: string, port: number | undefined): Trunk | null {
  const name = host.toLowerCase();
  const there = trunks.filter(({ target }) => target?.address.toLowerCase() === name);
  if (port === undefined) return there[0] ?? null;
  return there.find(({ target }) => target?.port === port) ?? null;
}

/** Finds the trunk an INVITE comes from by its source address. */
export class TrunkSources {
  readonly #ranges: { trunk: Trunk; range: [ipaddr.IPv4 | ipaddr.IPv6, number] }[];

  /** Throws an Error naming the trunk when a range is not CIDR notation. */
  constructor(trunks: readonly Trunk[]) {
    this.#ranges = trunks.flatMap((trunk) =>
      trunk.allowFrom.map((cidr) => {
        try {
          return {
            trunk,
            range: ipaddr.parseCIDR(cidr.includes('/') ? cidr : `${cidr}/${cidr.includes(':') ? 128 : 32}`),
          };
        } catch {
          throw new Error(
            `trunk ${trunk.name}: allow_from "${cidr}" is not an address or CIDR range such as 192.0.2.0/24`,
          );
        }
      }),
    );
  }

  of(address: string): Trunk | null {
    if (this.#ranges.length === 0 || !ipaddr.isValid(address)) return null;
    const source = ipaddr.process(address);
    return (
      this.#ranges.find(({ range: [network, bits] }) => network.kind() === source.kind() && source.match(network, bits))
        ?.trunk ?? null
    );
  }
}
