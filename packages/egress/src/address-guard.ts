import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Cidr = [Address, number];

/** The IPv6 addresses in use on the Internet (RFC 4291 section 2.4 and the IANA registry). */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/** Says which addresses may be connected to: those of the public Internet, and what the configuration allows. */
export class AddressGuard {
  private readonly allowed: readonly Cidr[];

  /** @throws Error naming the entry that is not a CIDR. */
  constructor(allowPrivate: readonly string[]) {
    this.allowed = allowPrivate.map((text) => {
      if (!ipaddr.isValidCIDR(text)) {
        throw new Error(`allowPrivate: "${text}" is not a network; write one such as 127.0.0.0/8 or ::1/128`);
      }
      return ipaddr.parseCIDR(text);
    });
  }

  /** Null when `address` may be connected to, else the name of the range that is refused. */
  refusal(address: string): string | null {
    if (!ipaddr.isValid(address)) return 'unreadable';
    // An IPv4 address in IPv6 dress (::ffff:a.b.c.d) is judged as what is connected to.
    const parsed: Address = ipaddr.process(address);
    if (this.allowed.some((network) => isWithin(parsed, network))) return null;
    const range = parsed.range();
    if (range !== 'unicast') return range;
    return parsed.kind() === 'ipv4' || isWithin(parsed, GLOBAL_UNICAST) ? null : 'reserved';
  }
}

function isWithin(address: Address, [network, bits]: Cidr): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}
