import type { Store } from '@voxology/store';
import type { FastifyInstance } from 'fastify';

/** `GET /healthz`: 200 when calls can be taken, 503 with the reason otherwise. */
export function serveHealth(app: FastifyInstance, health: { takesCalls: boolean }, store: Store): void {
  app.get('/healthz', { schema: { hide: true } }, async (_request, reply) => {
    if (!health.takesCalls) return reply.status(503).send({ status: 'starting or stopping' });
    try {
      await store.ping();
    } catch {
      return reply.status(503).send({ status: 'the database does not answer' });
    }
    return { status: 'ok' };
  });
}
