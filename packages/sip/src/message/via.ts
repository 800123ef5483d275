import { isHost, parseHostPort } from './host-port.ts';
import { formatParams, isToken, type Params, parseParams } from './params.ts';

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
  const name = text.slice(0, firstSlash).trim();
  const version = text.slice(firstSlash + 1, secondSlash).trim();
  const rest = text.slice(secondSlash + 1).trim();
  const space = endOfWord(rest);
  const transport = rest.slice(0, space);
  if (!isToken(name) || !isToken(version) || !isToken(transport)) return null;
  const semicolon = rest.indexOf(';', space);
  const sentBy = parseHostPort(rest.slice(space, semicolon < 0 ? rest.length : semicolon).trim());
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

function endOfWord(text: string): number {
  let at = 0;
  while (at < text.length && text.charCodeAt(at) !== 0x20 && text.charCodeAt(at) !== 0x09) at++;
  return at;
}
