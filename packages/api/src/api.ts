import type { IncomingMessage, Server } from 'node:http';
import fastifyHelmet from '@fastify/helmet';
import fastifyRateLimit from '@fastify/rate-limit';
import fastifySwagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import scalar from '@scalar/fastify-api-reference';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from 'fastify';
import type { ApiContext } from './context.ts';
import { requireApiKey } from './plugin/authenticate.ts';
import { answerErrors, errorBody } from './plugin/error-answers.ts';
import { requireKnownHost } from './plugin/host-check.ts';
import { withDescriptions } from './plugin/response-descriptions.ts';
import { callFlowLogRoutes } from './routes/call-flow-logs.ts';
import { conferenceRoutes } from './routes/conferences.ts';
import { configurationRoutes } from './routes/configurations.ts';
import { dialRoutes } from './routes/dials.ts';
import { historyRoutes } from './routes/history.ts';
import { inboundMessageRoutes, type ProviderSecret } from './routes/inbound-messages.ts';
import { liveCallRoutes } from './routes/live-calls.ts';
import { liveCommandRoutes } from './routes/live-commands.ts';
import { messageHistoryRoutes } from './routes/message-history.ts';
import { messageRoutes } from './routes/messages.ts';
import { phoneNumberRoutes } from './routes/phone-numbers.ts';
import { recordingRoutes } from './routes/recordings.ts';
import { transcriptRoutes } from './routes/transcripts.ts';
import { WEBHOOKS } from './schema/callback.ts';
import { ApiError } from './schema/error.ts';

export interface ApiOptions {
  log: FastifyBaseLogger;
  /** Host names requests may be made under, without a port. */
  allowedHosts: ReadonlySet<string>;
  /** Requests per minute and API key, and of the message provider. */
  requestsPerMinute: number;
  /** Header by which the message provider is known when it hands messages in; null: nobody may. */
  messageProvider: ProviderSecret | null;
  maxBodyBytes: number;
  version: string;
}

/** The HTTP server with the REST API under `/v1`, `/openapi.json` and `/reference`. Pages of the server are added to it. */
export async function createApi(context: ApiContext, options: ApiOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: options.log,
    // What Fastify refuses before it has a route, such as a path with a lone percent sign.
    frameworkErrors: (error, _request, reply) => {
      const body = errorBody(error);
      (reply as unknown as FastifyReply).status(body.status).send(body);
    },
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.maxBodyBytes,
    http: { shouldUpgradeCallback: asksForWebSocket },
    routerOptions: { maxParamLength: 512 },
  }).withTypeProvider<TypeBoxTypeProvider>();
  // A body is JSON or nothing we take: as plain text it would fail with a puzzling reason.
  app.removeContentTypeParser('text/plain');
  tolerateEmptyJson(app);
  answerErrors(app);
  app.addHook('onRequest', requireKnownHost(options.allowedHosts));
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: { directives: contentPolicy() },
    strictTransportSecurity: false,
  });
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Voxology API',
        version: options.version,
        description: 'Programmable voice: numbers, call flows, calls and their logs.',
      },
      components: {
        securitySchemes: {
          api_key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
          message_provider: { type: 'apiKey', in: 'header', name: options.messageProvider?.name ?? 'Authorization' },
        },
      },
      security: [{ api_key: [] }],
      // The server that the document came from.
      servers: [{ url: '/' }],
      webhooks: WEBHOOKS,
    },
    transform: ({ schema, url }) => ({ schema: withDescriptions(schema), url }),
  });
  await app.register(
    async (v1) => {
      v1.addHook('onRequest', requireApiKey(context.store));
      await v1.register(fastifyRateLimit, {
        max: options.requestsPerMinute,
        timeWindow: 60_000,
        keyGenerator: (request) => request.appId,
      });
      for (const routes of [
        phoneNumberRoutes,
        configurationRoutes,
        dialRoutes,
        messageRoutes,
        historyRoutes,
        messageHistoryRoutes,
        liveCallRoutes,
        liveCommandRoutes,
        conferenceRoutes,
        callFlowLogRoutes,
        recordingRoutes,
        transcriptRoutes,
      ]) {
        await v1.register(routes(context));
      }
    },
    { prefix: '/v1' },
  );
  await app.register(
    async (provider) => {
      await provider.register(fastifyRateLimit, { max: options.requestsPerMinute, timeWindow: 60_000 });
      await provider.register(inboundMessageRoutes(context, options.messageProvider));
    },
    { prefix: '/v1' },
  );
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  await app.register(scalar, { routePrefix: '/reference', configuration: REFERENCE });
  return app;
}

/**
 * Whether a request goes to who listens for upgrades. Many HTTP clients offer HTTP/2 (`Upgrade: h2c`) with each request;
 * who does not speak it just answers (RFC 9110 §7.8).
 */
function asksForWebSocket(this: Server, { headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && this.listenerCount('upgrade') > 0;
}

/** The reference page shows our document and nothing that reaches out to others. */
const REFERENCE = {
  url: '/openapi.json',
  agent: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  telemetry: false,
  withDefaultFonts: false,
} as const;

/** Some clients declare JSON and send nothing, on DELETE above all (voxology-api.md §1.1). */
function tolerateEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'ignore');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') {
      done(null, undefined);
      return;
    }
    parse(request, body as string, (error, value) => {
      done(error !== null && isJson(body as string) ? HOSTILE_KEY : error, value);
    });
  });
}

const HOSTILE_KEY = new ApiError(
  400,
  'The body has a key `__proto__` or `constructor.prototype`, which is not taken',
  'Rename that key.',
);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Pages of ours load nothing from elsewhere. The reference page builds its styles and scripts inline. */
function contentPolicy(): Record<string, string[] | null> {
  return {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'", "'unsafe-inline'", "'unsafe-eval'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:', 'blob:'],
    fontSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    frameAncestors: ["'none'"],
    upgradeInsecureRequests: null,
  };
}
