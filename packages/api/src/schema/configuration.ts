import type { CallFlowConfiguration } from '@voxology/store';
import { type Static, Type } from 'typebox';
import { ApiError } from './error.ts';

const Callback = Type.Object({
  url: Type.String({
    format: 'uri',
    pattern: '^https?://',
    maxLength: 2048,
    description: 'A server script or a static JSON file.',
    examples: ['https://example.com/voice'],
  }),
  method: Type.Optional(
    Type.Union([Type.Literal('GET'), Type.Literal('POST')], {
      description: 'GET sends the fields in the query string, POST (the default) in the body.',
    }),
  ),
  content_type: Type.Optional(
    Type.String({
      maxLength: 200,
      description:
        'Encoding of a POST: `application/json` (the default), `application/x-www-form-urlencoded`, `application/xml` or `text/xml`.',
      examples: ['application/json'],
    }),
  ),
});

/** Body of Update Call Flow Configuration (voxology-api.md §1.2.8). */
export const ConfigurationBody = Type.Object({
  callback: Type.Union([Callback, Type.Null()], {
    description: 'Where the call flow is asked for; `null`: calls to the number are refused.',
  }),
  callback_failover: Type.Optional(
    Type.Union([Callback, Type.Null()], { description: 'Asked when the callback cannot be had.' }),
  ),
  answer_on_ring: Type.Optional(
    Type.Union([Type.Literal(0), Type.Literal(1), Type.Boolean()], {
      default: 0,
      description: '1: answer before the first callback; 0: answer when the first action needs audio.',
    }),
  ),
  custom_data: Type.Optional(
    Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
      description: 'Kept with the number and returned in every callback.',
    }),
  ),
});
type ConfigurationBody = Static<typeof ConfigurationBody>;

export const ConfigurationAnswer = Type.Object({
  no: Type.String({ examples: ['+14155550100'] }),
  inherited: Type.Boolean({ description: "Whether it is the application's default." }),
  callback: Type.Unknown(),
  callback_failover: Type.Unknown(),
  answer_on_ring: Type.Integer(),
  custom_data: Type.Unknown(),
});

/** Why a URL can never be requested, for people; null when it may be tried. */
export type UrlRefusal = (url: string) => string | null;

/**
 * The body as the store keeps it, defaults filled in (voxology-api.md §5.2).
 *
 * @throws ApiError 400 for an encoding that we do not have, or a URL that the server may not connect to.
 */
export function toConfiguration(body: ConfigurationBody, urlRefusal: UrlRefusal): CallFlowConfiguration {
  return {
    callback: toCallback('callback', body.callback, urlRefusal),
    callback_failover: toCallback('callback_failover', body.callback_failover ?? null, urlRefusal),
    answer_on_ring: body.answer_on_ring === 1 || body.answer_on_ring === true ? 1 : 0,
    custom_data: body.custom_data ?? null,
  };
}

const CONTENT_TYPES = ['application/json', 'application/x-www-form-urlencoded', 'application/xml', 'text/xml'];

function toCallback(
  field: string,
  callback: Static<typeof Callback> | null,
  urlRefusal: UrlRefusal,
): CallFlowConfiguration['callback'] {
  if (callback === null) return null;
  const { url, method = 'POST', content_type = 'application/json' } = callback;
  // Parameters such as a charset change nothing: what we send is UTF-8.
  if (!CONTENT_TYPES.includes(content_type.split(';', 1)[0]?.trim().toLowerCase() ?? '')) {
    throw new ApiError(
      400,
      `body.${field}.content_type "${content_type}" is not an encoding of callbacks`,
      `Use one of ${CONTENT_TYPES.join(', ')}.`,
    );
  }
  const refusal = urlRefusal(url);
  if (refusal !== null) {
    throw new ApiError(
      400,
      `body.${field}.url: ${refusal}`,
      'Private networks can be allowed with `callbacks.allow_private` in the configuration.',
    );
  }
  return { url, method, content_type };
}
