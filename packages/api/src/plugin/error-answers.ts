import { StoreError } from '@voxology/store';
import type { FastifyError, FastifyInstance } from 'fastify';
import { ApiError, type ErrorBody } from '../schema/error.ts';

type Failure = FastifyError | ApiError | StoreError;

const REFERENCE = 'See /reference for the request this method takes.';

/** Makes every failure, ours and the framework's, an {@link ErrorBody}. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: Failure, request, reply) => {
    const body = errorBody(error);
    if (body.status === 503) request.log.warn({ reason: error.message }, 'request refused');
    else if (body.status >= 500) request.log.error({ err: error }, 'request failed');
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

/** Any failure as the body of its answer. */
export function errorBody(error: Failure): ErrorBody {
  if (error instanceof ApiError) return { status: error.statusCode, message: error.message, help: error.help };
  if (error instanceof StoreError) return UNAVAILABLE.has(error.code) ? { ...BUSY_STORE } : { ...OUR_FAULT };
  if (error.validation !== undefined) return { status: 400, message: faultOf(error), help: REFERENCE };
  const status = error.statusCode ?? 500;
  if (status >= 500) return { ...OUR_FAULT, status };
  return { status, message: error.message, help: HELP[status] ?? REFERENCE };
}

const OUR_FAULT: ErrorBody = {
  status: 500,
  message: 'Something went wrong on our side',
  help: 'It is in the server log; please report it.',
};
const BUSY_STORE: ErrorBody = {
  status: 503,
  message: 'The database does not take this now',
  help: 'Try again in a moment.',
};
const UNAVAILABLE: ReadonlySet<string> = new Set(['overloaded', 'unreachable', 'closed']);

const HELP: Readonly<Record<number, string>> = {
  400: 'Send a JSON object. See /reference for the request this method takes.',
  413: 'Send less, or raise `limits.api_body_bytes` in the configuration.',
  415: 'Send the body as JSON, with the header Content-Type: application/json.',
  429: 'Wait as long as the Retry-After header says, or raise `limits.api_requests_per_minute` in the configuration.',
};

/** Names the field, as `body.call.no`, what is wrong with it, and all values it may have where there are few. */
function faultOf({ validation = [], validationContext, message }: FastifyError): string {
  const [first] = validation;
  const path = first?.instancePath ?? '';
  const where = `${validationContext ?? 'request'}${path.replaceAll('/', '.')}`;
  const allowed = validation
    .filter(({ instancePath }) => instancePath === path)
    .flatMap(({ params }) => params.allowedValue ?? params.allowedValues ?? []);
  if (allowed.length > 0) return `${where} must be one of ${allowed.map((value) => JSON.stringify(value)).join(', ')}`;
  return `${where} ${first?.message ?? message}`;
}
