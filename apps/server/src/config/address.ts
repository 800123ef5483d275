import { isIP } from 'node:net';

export interface HostPort {
  host: string;
  port: number;
}
export interface HostPortRange {
  host: string;
  portLow: number;
  portHigh: number;
}

const MAX_PORT = 65_535;

/** Reads `HOST:PORT` (`[::1]:8080` for IPv6; port 0 lets the system choose). Throws an Error that says what is wrong. */
export function parseHostPort(text: string): HostPort {
  const { host, rest } = splitHost(text, 'HOST:PORT, for example 127.0.0.1:15060');
  return { host, port: parsePort(rest, 0) };
}

/** Reads `HOST:LOW-HIGH`. Throws an Error that says what is wrong. */
export function parseHostPortRange(text: string): HostPortRange {
  const { host, rest } = splitHost(text, 'HOST:LOW-HIGH, for example 127.0.0.1:10000-19999');
  const [low = '', high = '', ...more] = rest.split('-');
  if (more.length > 0 || high === '')
    throw new Error(`"${rest}" is not a port range: write LOW-HIGH, for example 10000-19999`);
  const range = { host, portLow: parsePort(low, 1024), portHigh: parsePort(high, 1024) };
  if (range.portHigh - range.portLow < 3)
    throw new Error(`the port range ${rest} is too small: a call needs two ports`);
  return range;
}

export function formatHostPort({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function splitHost(text: string, form: string): { host: string; rest: string } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(.+)$/.exec(text.trim());
  const host = match?.[1] ?? match?.[2];
  const rest = match?.[3];
  if (host === undefined || rest === undefined) throw new Error(`"${text}" is not an address: write ${form}`);
  if (host !== 'localhost' && isIP(host) === 0)
    throw new Error(`"${host}" is not an IP address of this machine: write ${form}`);
  return { host: host === 'localhost' ? '127.0.0.1' : host, rest };
}

function parsePort(text: string, lowest: number): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port >= lowest && port <= MAX_PORT))
    throw new Error(`"${text}" is not a port: write a number from ${lowest} to ${MAX_PORT}`);
  return port;
}
