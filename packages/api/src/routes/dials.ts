import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { DestinationRefused, DialRefused, type DialRequest } from '@voxology/telephony';
import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import { ApiError, errors } from '../schema/error.ts';

const MS_PER_S = 1000;

const Body = Type.Object({
  call: Type.Object({
    no: Type.Union([Type.String({ minLength: 1, maxLength: 256 }), Type.Integer()], {
      description: 'Whom to call: an E.164 number, a SIP user, or a `sip:` URI.',
      examples: ['phone', '+12125550199'],
    }),
    caller_id_no: Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Integer()], {
      description: 'A number of yours; its call flow configuration drives the call.',
      examples: ['+14155550100'],
    }),
  }),
  session_data: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
  timeout: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 600, examples: [60], description: 'Ring time, seconds; 60 when left out.' }),
  ),
  max_call_time: Type.Optional(
    Type.Integer({
      minimum: 1000,
      maximum: 86_400_000,
      examples: [3_600_000],
      description: 'Longest call from the answer, milliseconds.',
    }),
  ),
});

const Answer = Type.Object({
  call: Type.Object({ id: Type.String(), no: Type.String(), caller_id_no: Type.String() }),
  call_id: Type.String({ description: 'The same as `call.id`.' }),
  inbound_api: Type.Literal('CallFlows'),
});

/** Make Call (voxology-api.md §1.2.1). */
export function dialRoutes({ telephony }: ApiContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/Dials/Connect',
      {
        schema: {
          summary: 'Make Call',
          description: 'Starts a call and answers before the callee does.',
          tags: ['Calls'],
          body: Body,
          response: { 200: Answer, ...errors(400, 401) },
        },
      },
      async ({ appId, body }) => {
        const no = String(body.call.no);
        const callerIdNo = String(body.call.caller_id_no);
        const { callId } = await dial({
          appId,
          no,
          callerIdNo,
          sessionData: (body.session_data ?? null) as DialRequest['sessionData'],
          ringTimeoutMs: body.timeout === undefined ? null : body.timeout * MS_PER_S,
          maxCallTimeMs: body.max_call_time ?? null,
        });
        return {
          call: { id: callId, no, caller_id_no: callerIdNo },
          call_id: callId,
          inbound_api: 'CallFlows' as const,
        };
      },
    );

    async function dial(request: DialRequest) {
      try {
        return await telephony.dialler.dial(request);
      } catch (error) {
        if (error instanceof DestinationRefused) throw new ApiError(400, error.message, 'Check `call.no`.');
        if (!(error instanceof DialRefused)) throw error;
        if (error.kind === 'rate') throw new ApiError(429, error.message, 'Try again later, or raise the limit.');
        if (error.kind === 'busy') throw new ApiError(503, error.message, 'Try again when calls have ended.');
        throw new ApiError(400, error.message, 'Check `call.caller_id_no`.');
      }
    }
  };
}
