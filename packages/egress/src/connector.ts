import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { AddressGuard } from './address-guard.ts';
import { EgressError } from './egress-error.ts';

/** Gives every address of a host name; rejects when it has none. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

/** The resolver of the operating system, hosts file included. */
export const systemResolve: Resolve = (hostname) =>
  new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });

/** The error of a host that may not be connected to. */
export function refusedAddress(host: string, what: string): EgressError {
  return new EgressError(
    'address-refused',
    `"${host}" is not a public address: ${what}. Use a public address, or allow the network in the server's configuration`,
  );
}

/**
 * A name is resolved once, its addresses are judged, and the socket connects to one of those that passed: a second answer
 * of the name server (DNS rebinding) never counts.
 */
export function guardedLookup(guard: AddressGuard, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const passed = addresses.filter(({ address }) => guard.refusal(address) === null);
        const [first] = passed;
        if (first === undefined) {
          const found = addresses.map(({ address }) => `${address} (${guard.refusal(address)})`).join(', ');
          callback(refusedAddress(hostname, found === '' ? 'it has no address' : found), []);
        } else if (options.all === true) {
          callback(null, passed);
        } else {
          callback(null, first.address, first.family);
        }
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

/** Opens connections for undici; every request goes over one of these, looked up by {@link guardedLookup}. */
export function guardedConnector(
  guard: AddressGuard,
  resolve: Resolve,
  connectTimeoutMs: number,
): buildConnector.connector {
  const connect = buildConnector({ allowH2: false, timeout: connectTimeoutMs, lookup: guardedLookup(guard, resolve) });
  return (options, callback) => {
    const host = hostOf(options.hostname);
    // An address is not looked up.
    const range = isIP(host) === 0 ? null : guard.refusal(host);
    if (range === null) connect(options, callback);
    else callback(refusedAddress(host, `${host} (${range})`), null);
  };
}

/** The host of a URL without the brackets of an IPv6 address. */
export function hostOf(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
