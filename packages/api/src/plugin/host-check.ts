import type { FastifyRequest } from 'fastify';
import { ApiError } from '../schema/error.ts';

/**
 * A hook that refuses requests under a host name that is not ours, so that a web page in a browser on this machine
 * cannot reach the server through a name of its own (DNS rebinding). `hosts` are names without a port, lower case.
 */
export function requireKnownHost(hosts: ReadonlySet<string>): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const name = request.hostname.toLowerCase();
    if (hosts.has(name) || hosts.has(name.replace(/^\[|\]$/g, ''))) return;
    throw new ApiError(
      421,
      `This server does not answer for the host "${name}"`,
      'Add the name to `allowed_hosts` in the configuration.',
    );
  };
}
