import type { Store } from '@voxology/store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../schema/error.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The application whose key the request carries. */
    appId: string;
  }
}

/** A hook that lets a request pass only with a valid `X-API-Key` (voxology-api.md §1.1). */
export function requireApiKey(store: Store): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request) => {
    const key = request.headers['x-api-key'];
    if (typeof key !== 'string' || key === '') {
      throw new ApiError(401, 'The X-API-Key header is missing', 'Send the key of your application as X-API-Key.');
    }
    const owner = await store.apiKeys.authenticate(key);
    if (owner === null) {
      throw new ApiError(
        401,
        'The X-API-Key is not valid',
        'The key of the first start is in quickstart.json in the data directory.',
      );
    }
    request.appId = owner.appId;
  };
}
