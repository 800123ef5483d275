import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { NumberRow } from '@voxology/store';
import { toE164 } from '@voxology/telephony';
import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import { ApiError, errors } from '../schema/error.ts';

const MAX_RESULTS = 1000;
/** Without `max_results`: voxology-api.md §1.2.4. */
const DEFAULT_RESULTS = 10;
const SEARCHES = ['rate-center', 'prefixes', 'region', 'area-code', 'toll-free'] as const;
const TOLL_FREE_PREFIXES = '800,833,844,855,866,877,888';
const INBOUND_APIS = ['CallFlows', 'ParkingLot'] as const;

/** PostgreSQL takes no NUL in a text. */
const PRINTABLE = '^[^\\u0000-\\u001f]*$';

const Available = Type.Object({
  phone_numbers: Type.Array(
    Type.Object({
      no: Type.String({ examples: ['+14155550100'] }),
      formatted: Type.String({ examples: ['(415) 555-0100'] }),
      estimated_active_date: Type.String({ format: 'date-time' }),
      sandbox: Type.Boolean({ description: 'A fictional number: reachable from this server only.' }),
      city: Type.String(),
      region: Type.String(),
      rate_center: Type.String(),
    }),
  ),
});

const PhoneNumber = Type.Object({
  no: Type.String({ examples: ['+14155550100'] }),
  formatted: Type.String(),
  capabilities: Type.Array(Type.String(), { examples: [['voice', 'voice_inbound', 'voice_outbound']] }),
  inbound_api: Type.Union([Type.String(), Type.Null()]),
  app_id: Type.Union([Type.String(), Type.Null()]),
  sandbox: Type.Boolean(),
  city: Type.String(),
  region: Type.String(),
  country: Type.String(),
  timezone: Type.String(),
  rate_center: Type.String(),
});

const Provisioned = Type.Object({
  phone_numbers: Type.Array(
    Type.Object({
      no: Type.String(),
      status: Type.Union([Type.Literal('success'), Type.Literal('error')]),
      message: Type.Optional(Type.String({ description: 'Why it failed.' })),
    }),
  ),
});

/** Phone numbers: search, provision, read (voxology-api.md §1.2.4, 1.2.5, 1.2.7). */
export function phoneNumberRoutes({ store, defaultCountry }: ApiContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/PhoneNumbers/Available',
      {
        schema: {
          summary: 'List Available Inbound Numbers',
          tags: ['Phone numbers'],
          querystring: Type.Object({
            search_by: Type.Optional(
              Type.Union(
                SEARCHES.map((name) => Type.Literal(name)),
                { description: 'What `search_on` names.' },
              ),
            ),
            search_on: Type.Optional(Type.String({ maxLength: 200, pattern: PRINTABLE, examples: ['415'] })),
            capabilities: Type.Optional(
              Type.String({ maxLength: 200, pattern: PRINTABLE, description: 'Comma list.', examples: ['voice'] }),
            ),
            max_results: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_RESULTS, default: DEFAULT_RESULTS })),
          }),
          response: { 200: Available, ...errors(400, 401) },
        },
      },
      async ({ query }) => {
        const { search_by: searchBy, search_on: searchOn, capabilities, max_results: maxResults } = query;
        const needsPlace = searchBy !== undefined && searchBy !== 'toll-free';
        if (needsPlace && (searchOn === undefined || searchOn === '')) {
          throw new ApiError(
            400,
            `search_by=${searchBy} needs search_on`,
            'For example search_by=area-code&search_on=415.',
          );
        }
        const found = await store.numbers.searchAvailable({
          searchBy: searchBy === 'toll-free' ? 'prefixes' : searchBy,
          searchOn: searchBy === 'toll-free' ? TOLL_FREE_PREFIXES : searchOn,
          capabilities: capabilities?.split(',').filter((name) => name !== ''),
          maxResults: maxResults ?? DEFAULT_RESULTS,
        });
        // In the past for every clock: clients leave out numbers that are active later than now.
        const activeDate = new Date(new Date().setUTCHours(0, 0, 0, 0)).toISOString();
        return {
          phone_numbers: found.map(({ no, formatted, sandbox, city, region, rateCenter }) => ({
            no,
            formatted,
            estimated_active_date: activeDate,
            sandbox,
            city: city ?? '',
            region: region ?? '',
            rate_center: rateCenter ?? '',
          })),
        };
      },
    );

    app.post(
      '/PhoneNumbers/:name',
      {
        schema: {
          summary: 'Provision Phone Numbers',
          description: 'Buys a number that is for sale and assigns it. Each number succeeds or fails on its own.',
          tags: ['Phone numbers'],
          params: Type.Object({
            name: Type.Union(
              INBOUND_APIS.map((name) => Type.Literal(name)),
              { description: 'The inbound API that the numbers are for.' },
            ),
          }),
          body: Type.Object({
            phone_numbers: Type.Array(Type.Object({ no: Type.String({ examples: ['+14155550100'] }) }), {
              minItems: 1,
              maxItems: 100,
            }),
          }),
          response: { 200: Provisioned, ...errors(400, 401) },
        },
      },
      async ({ appId, params, body }) => {
        const results = [];
        for (const { no } of body.phone_numbers) results.push(await provision(appId, params.name, no));
        return { phone_numbers: results };
      },
    );

    app.get(
      '/PhoneNumbers/:name',
      {
        schema: {
          summary: 'Read a number, or list the numbers of an inbound API',
          description:
            'A segment that begins with `+` or a digit is a number; otherwise it names an inbound API (`CallFlows`).',
          tags: ['Phone numbers'],
          params: Type.Object({ name: Type.String({ maxLength: 64, examples: ['+14155550100'] }) }),
          response: {
            200: Type.Union([PhoneNumber, Type.Object({ phone_numbers: Type.Array(PhoneNumber) })]),
            ...errors(401, 404),
          },
        },
      },
      async ({ appId, params }) => {
        if (/^[+0-9]/.test(params.name)) return present(await ownNumber(appId, params.name));
        if (!INBOUND_APIS.some((name) => name === params.name)) {
          throw new ApiError(
            404,
            `"${params.name}" is neither a number nor an inbound API`,
            'Write the number as E.164, for example +14155550100.',
          );
        }
        const numbers = await store.numbers.list(appId);
        return { phone_numbers: numbers.filter(({ inboundApi }) => inboundApi === params.name).map(present) };
      },
    );

    async function provision(appId: string, inboundApi: string, dialled: string) {
      const no = toE164(dialled, defaultCountry);
      if (no === null) return failure(dialled, 'Not an E.164 number');
      const result = await store.numbers.provision(appId, inboundApi, no);
      if (result.ok) return { no, status: 'success' as const };
      return failure(
        no,
        result.reason === 'taken' ? 'The number belongs to another application' : 'The number is not for sale',
      );
    }

    async function ownNumber(appId: string, dialled: string): Promise<NumberRow> {
      const no = toE164(dialled, defaultCountry);
      const number = no === null ? null : await store.numbers.get(no);
      if (number?.appId !== appId) {
        throw new ApiError(
          404,
          `${dialled} is not a number of this application`,
          'List them with GET /v1/PhoneNumbers/CallFlows.',
        );
      }
      return number;
    }
  };
}

function failure(no: string, message: string) {
  return { no, status: 'error' as const, message };
}

function present(number: NumberRow) {
  const { no, formatted, capabilities, inboundApi, appId, sandbox, city, region, country, timezone, rateCenter } =
    number;
  return {
    no,
    formatted,
    capabilities,
    inbound_api: inboundApi,
    app_id: appId,
    sandbox,
    city: city ?? '',
    region: region ?? '',
    country: country ?? '',
    timezone: timezone ?? '',
    rate_center: rateCenter ?? '',
  };
}
