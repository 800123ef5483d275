import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refuseUpgrade, WsTransport } from '@voxology/sip';
import type { FastifyInstance } from 'fastify';
import type { Settings } from '../config/load.ts';
import { allowedHosts } from './allowed-hosts.ts';

const PATH = '/sip';

/** SIP for browsers: a transport for the endpoint, and the HTTP server that its connections come to. */
export interface SipWebSockets {
  readonly transport: WsTransport;
  /** Takes the WebSockets of this server, before it listens. They are closed before it is. */
  serve(app: FastifyInstance): void;
}

/** Null when it is turned off. */
export function sipWebSockets(settings: Settings): SipWebSockets | null {
  const { enabled, origins, max_connections: connections } = settings.sip_websocket;
  if (!enabled) return null;
  let app: FastifyInstance | null = null;
  const hosts = allowedHosts(settings);
  const transport = new WsTransport({
    local: () => {
      const address = (app?.server.address() ?? null) as AddressInfo | null;
      return { host: settings.http.host, port: address?.port ?? settings.http.port };
    },
    limits: { connections },
  });
  return {
    transport,
    serve: (to) => {
      app = to;
      // Its server waits for every connection when it closes.
      to.addHook('preClose', () => transport.close());
      to.server.on('upgrade', (request, socket, head) => {
        const refusal = refusalOf(request, hosts, origins);
        if (refusal === null) transport.upgrade(request, socket, head);
        else refuseUpgrade(socket, ...refusal);
      });
    },
  };
}

/**
 * Why a WebSocket is not opened, with the HTTP status that says so. Whoever is behind it must still authenticate by SIP;
 * this keeps out the pages of strangers in browsers that can reach us (`hosts` and `origins` as they are configured).
 */
export function refusalOf(
  { url = '', headers }: Pick<IncomingMessage, 'url' | 'headers'>,
  hosts: ReadonlySet<string>,
  origins: readonly string[],
): [status: number, why: string] | null {
  if (url.split('?', 1)[0] !== PATH) return [404, `WebSockets are served at ${PATH}.`];
  const host = hostOf(`http://${headers.host}`);
  if (!hosts.has(host)) return [421, `This server does not answer for the host "${host}": add it to allowed_hosts.`];
  const { origin } = headers;
  // Programs other than browsers name none.
  if (origin === undefined || origins.includes('*') || origins.includes(origin) || hosts.has(hostOf(origin))) {
    return null;
  }
  return [403, `Pages of ${origin} may not connect: add it to sip_websocket.origins.`];
}

/** The host name of a URL without port or brackets, lower case; empty when there is none. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
}
