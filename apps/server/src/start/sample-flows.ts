import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';

/** The vendor's names of the tutorial flows, so that its tutorials can be followed here. Compared without regard to case. */
const ALIASES: Readonly<Record<string, string>> = {
  'example-helloworld': 'hello-world',
  'example-multiaction': 'multi-action',
  'example-multiactionprocessing': 'multi-action',
  'example-conditional': 'conditional',
  'example-conditionalprocessing': 'conditional',
  'example-variable': 'variable',
  'example-variableprocessing': 'variable',
  'example-conference': 'conference-welcome',
  'example-conferencewelcome': 'conference-welcome',
};

/** Serves the sample flows at `/flows/NAME.json`, for callbacks by GET and by POST. */
export async function serveSampleFlows(app: FastifyInstance): Promise<void> {
  const folder = join(import.meta.dirname, '..', '..', 'flows');
  const flows = new Map<string, string>();
  for (const file of await readdir(folder)) {
    flows.set(file.replace(/\.json$/, ''), await readFile(join(folder, file), 'utf8'));
  }
  app.route<{ Params: { file: string } }>({
    method: ['GET', 'POST'],
    url: '/flows/:file',
    schema: { hide: true },
    handler: async ({ params: { file } }, reply) => {
      const name = file.replace(/\.json$/, '').toLowerCase();
      const flow = flows.get(ALIASES[name] ?? name);
      if (flow === undefined) {
        const names = [...flows.keys()].map((each) => `${each}.json`).join(', ');
        return reply
          .status(404)
          .send({ status: 404, message: `There is no sample flow ${file}`, help: `There are: ${names}` });
      }
      return reply.type('application/json').send(flow);
    },
  });
}
