import type { FastifyError, FastifyInstance } from 'fastify';
import { ApiError, type ErrorBody } from '../schema/error.ts';

const REFERENCE = 'See /reference for the request this method takes.';

/** Makes every failure, ours and the framework's, an {@link ErrorBody}. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | ApiError, request, reply) => {
    const body = errorBody(error);
    if (body.status >= 500) request.log.error({ err: error }, 'request failed');
    return reply.status(body.status).send(body);
  });
  app.setNotFoundHandler((request, reply) =>
    reply.status(404).send({
      status: 404,
      message: `There is no ${request.method} ${request.url.split('?')[0]}`,
      help: 'The methods are listed at /reference.',
    } satisfies ErrorBody),
  );
}

function errorBody(error: FastifyError | ApiError): ErrorBody {
  if (error instanceof ApiError) return { status: error.statusCode, message: error.message, help: error.help };
  if (error.validation !== undefined) {
    const [first] = error.validation;
    const where = `${error.validationContext ?? 'request'}${(first?.instancePath ?? '').replaceAll('/', '.')}`;
    const allowed = first?.params?.allowedValue ?? first?.params?.allowedValues;
    const detail = `${first?.message ?? error.message}${allowed === undefined ? '' : ` (${JSON.stringify(allowed)})`}`;
    return { status: 400, message: `${where} ${detail}`, help: REFERENCE };
  }
  const status = error.statusCode ?? 500;
  if (status >= 500) {
    return { status, message: 'Something went wrong on our side', help: 'It is in the server log; please report it.' };
  }
  return { status, message: error.message, help: REFERENCE };
}
