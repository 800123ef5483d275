import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import { CallIdParams } from '../schema/call-id.ts';
import { errors } from '../schema/error.ts';
import { noLiveCall } from '../schema/no-live-call.ts';

const LiveCall = Type.Object({
  call_id: Type.String(),
  direction: Type.Union([Type.Literal('inbound'), Type.Literal('outbound')]),
  caller_no: Type.String(),
  api_no: Type.String(),
  start_time: Type.String({ format: 'date-time' }),
  answer_time: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  status: Type.Union([Type.Literal('live-ringing'), Type.Literal('live-in-progress')]),
});

/** Calls that are up (the v0 methods under v1, voxology-api.md §1.5). */
export function liveCallRoutes({ telephony }: ApiContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/LiveCalls',
      {
        schema: {
          summary: 'List live calls',
          tags: ['Calls'],
          response: { 200: Type.Object({ live_calls: Type.Array(LiveCall) }), ...errors(401) },
        },
      },
      async ({ appId }) => ({
        live_calls: telephony.switchboard.live(appId).map((call) => ({
          call_id: call.callId,
          direction: call.direction,
          caller_no: call.callerNo,
          api_no: call.apiNo,
          start_time: new Date(call.startTimeMs).toISOString(),
          answer_time: call.answerTimeMs === null ? null : new Date(call.answerTimeMs).toISOString(),
          status: call.answerTimeMs === null ? ('live-ringing' as const) : ('live-in-progress' as const),
        })),
      }),
    );

    app.delete(
      '/LiveCalls/:call_id',
      {
        schema: {
          summary: 'End a live call',
          tags: ['Calls'],
          params: CallIdParams,
          response: { 200: Type.Object({ call_id: Type.String() }), ...errors(401, 404) },
        },
      },
      async ({ appId, params: { call_id: callId } }) => {
        if (!telephony.switchboard.command(appId, callId, { type: 'hang_up', reason: 'ended by the API' })) {
          throw noLiveCall(callId);
        }
        return { call_id: callId };
      },
    );
  };
}
