import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { CallFlowConfiguration, NumberRow } from '@voxology/store';
import { toE164 } from '@voxology/telephony';
import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import { ConfigurationAnswer, ConfigurationBody, toConfiguration } from '../schema/configuration.ts';
import { ApiError, errors } from '../schema/error.ts';

const PATH = '/CallFlows/Configurations/PhoneNumbers/:no';
const params = Type.Object({ no: Type.String({ maxLength: 64, examples: ['+14155550100'] }) });

/** Which callback a number runs (voxology-api.md §1.2.8, §5.1). */
export function configurationRoutes({ store, defaultCountry, urlRefusal }: ApiContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.put(
      PATH,
      {
        schema: {
          summary: 'Update Call Flow Configuration',
          tags: ['Call flows'],
          params,
          body: ConfigurationBody,
          response: { 200: ConfigurationAnswer, ...errors(400, 401, 404) },
        },
      },
      async ({ appId, params: { no }, body }) => await configure(appId, no, toConfiguration(body, urlRefusal)),
    );

    app.get(
      PATH,
      {
        schema: {
          summary: 'Read a Call Flow Configuration',
          tags: ['Call flows'],
          params,
          response: { 200: ConfigurationAnswer, ...errors(401, 404) },
        },
      },
      async ({ appId, params: { no } }) => {
        const number = await store.numbers.get(e164(no));
        if (number?.appId !== appId) throw notFound(no);
        return await present(number);
      },
    );

    app.delete(
      PATH,
      {
        schema: {
          summary: "Inherit the application's default configuration again",
          tags: ['Call flows'],
          params,
          response: { 200: ConfigurationAnswer, ...errors(401, 404) },
        },
      },
      async ({ appId, params: { no } }) => await configure(appId, no, null),
    );

    async function configure(appId: string, no: string, configuration: CallFlowConfiguration | null) {
      const number = await store.numbers.configure(e164(no), appId, configuration);
      if (number === null) throw notFound(no);
      return await present(number);
    }

    function e164(no: string): string {
      const number = toE164(no, defaultCountry);
      if (number === null) throw notFound(no);
      return number;
    }

    async function present({ no, appId, configuration }: NumberRow) {
      const application = appId === null ? null : await store.applications.get(appId);
      const effective = configuration ?? application?.defaultConfiguration ?? null;
      return {
        no,
        inherited: configuration === null,
        callback: effective?.callback ?? null,
        callback_failover: effective?.callback_failover ?? null,
        answer_on_ring: effective?.answer_on_ring ?? 0,
        custom_data: effective?.custom_data ?? null,
      };
    }
  };
}

function notFound(no: string): ApiError {
  return new ApiError(
    404,
    `Not Found: ${no} is not a number of this application`,
    'List them with GET /v1/PhoneNumbers/CallFlows.',
  );
}
