import { isHost, parseHostPort } from './host-port.ts';
import { formatParams, isToken, type Params, parseParams } from './params.ts';
import { findSpace, trimSpace } from './white-space.ts';

/** One element of a Via header (RFC 3261 §20.42). */
export interface Via {
  /** `SIP/2.0` in every message we understand. */
  protocol: string;
  /** Upper case: `UDP`, `TCP`, `TLS`, `WS`, `WSS`, or another token. */
  transport: string;
  /** The host of sent-by, an IPv6 address in brackets. */
  host: string;
  port: number | undefined;
  /** `branch`, `received`, `rport` (`null` when asked for and not yet filled), `maddr`, `ttl` … */
  params: Params;
}

/** Reads one Via element; `null` when it is malformed. */
export function parseVia(text: string): Via | null {
  const firstSlash = text.indexOf('/');
  const secondSlash = text.indexOf('/', firstSlash + 1);
  if (firstSlash < 0 || secondSlash < 0) return null;
  const name = trimSpace(text, 0, firstSlash);
  const version = trimSpace(text, firstSlash + 1, secondSlash);
  const rest = trimSpace(text, secondSlash + 1);
  const space = findSpace(rest, 0);
  const transport = rest.slice(0, space);
  if (!isToken(name) || !isToken(version) || !isToken(transport)) return null;
  const semicolon = rest.indexOf(';', space);
  const sentBy = parseHostPort(trimSpace(rest, space, semicolon < 0 ? rest.length : semicolon));
  if (sentBy === null || !isHost(sentBy.host)) return null;
  const params = semicolon < 0 ? new Map<string, string | null>() : parseParams(rest, semicolon);
  if (params === null) return null;
  return {
    protocol: `${name.toUpperCase()}/${version}`,
    transport: transport.toUpperCase(),
    host: sentBy.host,
    port: sentBy.port,
    params,
  };
}

/** Writes one Via element. */
export function formatVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `${via.protocol}/${via.transport} ${via.host}${port}${formatParams(via.params)}`;
}
