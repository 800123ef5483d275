import type { CallFlowConfiguration } from '@voxology/store';
import { type Static, Type } from 'typebox';

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
  content_type: Type.Optional(Type.Literal('application/json', { description: 'Encoding of a POST.' })),
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

/** The body as the store keeps it, defaults filled in (voxology-api.md §5.2). */
export function toConfiguration(body: ConfigurationBody): CallFlowConfiguration {
  return {
    callback: toCallback(body.callback),
    callback_failover: toCallback(body.callback_failover ?? null),
    answer_on_ring: body.answer_on_ring === 1 || body.answer_on_ring === true ? 1 : 0,
    custom_data: body.custom_data ?? null,
  };
}

function toCallback(callback: Static<typeof Callback> | null): CallFlowConfiguration['callback'] {
  if (callback === null) return null;
  return {
    url: callback.url,
    method: callback.method ?? 'POST',
    content_type: callback.content_type ?? 'application/json',
  };
}
