import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';

/** The page at `/`: what runs, where the reference is, and, with a key, the calls that are up. */
export async function serveStartPage(app: FastifyInstance): Promise<void> {
  const folder = join(import.meta.dirname, '..', '..', 'page');
  for (const [url, file, type] of [
    ['/', 'index.html', 'text/html; charset=utf-8'],
    ['/page.css', 'page.css', 'text/css; charset=utf-8'],
    ['/page.js', 'page.js', 'text/javascript; charset=utf-8'],
  ] as const) {
    const content = await readFile(join(folder, file), 'utf8');
    app.get(url, { schema: { hide: true } }, async (_request, reply) => reply.type(type).send(content));
  }
}
