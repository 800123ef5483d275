import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { formatHostPort } from '../config/address.ts';
import type { Settings } from '../config/load.ts';

/** The page at `/`: what runs, where the reference is, and, with a key, the calls that are up. */
export async function serveStartPage(app: FastifyInstance, settings: Settings, version: string): Promise<void> {
  const folder = join(import.meta.dirname, '..', '..', 'page');
  for (const [url, file, type] of [
    ['/', 'index.html', 'text/html; charset=utf-8'],
    ['/page.css', 'page.css', 'text/css; charset=utf-8'],
    ['/page.js', 'page.js', 'text/javascript; charset=utf-8'],
  ] as const) {
    const content = (await readFile(join(folder, file), 'utf8')).replace('{{running}}', running(settings, version));
    app.get(url, { schema: { hide: true } }, async (_request, reply) => reply.type(type).send(content));
  }
}

/** What runs, as rows of the page's list. All of it comes from the configuration: addresses and numbers, no markup. */
function running({ http, sip, rtp, database_url: databaseUrl }: Settings, version: string): string {
  const rows = [
    ['Version', version],
    ['API', `http ${formatHostPort(http)}`],
    ['SIP', `${formatHostPort(sip)} (UDP, TCP)`],
    ['RTP', `${rtp.host} ${rtp.portLow}–${rtp.portHigh}`],
    ['Database', databaseUrl === null ? 'PostgreSQL, its own' : 'PostgreSQL server'],
  ];
  return rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('');
}
