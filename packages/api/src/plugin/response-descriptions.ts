import type { FastifySchema } from 'fastify';

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  200: 'It is done.',
  400: 'The request is wrong; `message` tells where.',
  401: 'No API key, or one that is not known.',
  404: 'What the request names is not there, or is not of this application.',
  416: 'The range asked for is not in the file.',
  429: 'Too many requests; `Retry-After` tells when to go on.',
  501: 'This server is not set up for it; `message` tells what is missing.',
  502: 'Whoever should take it has not taken it; `message` tells why.',
  503: 'The server cannot serve this now; try again in a moment.',
};

/** The schema of a route with a description for every response, for the reference page. */
export function withDescriptions(schema: FastifySchema | undefined): FastifySchema {
  if (schema?.response === undefined) return schema ?? {};
  const response = Object.fromEntries(
    Object.entries(schema.response as Record<string, object>).map(([status, body]) => {
      const description = DESCRIPTIONS[status];
      return [status, description === undefined ? body : { description, ...body }];
    }),
  );
  return { ...schema, response };
}
