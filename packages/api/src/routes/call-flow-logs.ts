import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { callbackLoop } from '../callback-loop.ts';
import type { ApiContext } from '../context.ts';
import { CallIdParams } from '../schema/call-id.ts';
import { ApiError, errors } from '../schema/error.ts';

const CallFlowLog = Type.Object({
  call_id: Type.String({ description: 'Of the call, or of the message.' }),
  status: Type.Union([Type.String(), Type.Null()], {
    description: '`null` while the call is up, or the flow of the message runs.',
  }),
  error: Type.Union([Type.String(), Type.Null()]),
  end_callback: Type.String({
    description: 'Delivery of the last callback: `none`, `pending`, `delivered`, `failed`.',
  }),
  callbacks: Type.Array(
    Type.Object({
      request_id: Type.Union([Type.String(), Type.Null()]),
      time: Type.String({ format: 'date-time' }),
      request: Type.Unknown({ description: 'Method, URL and body of what we asked.' }),
      response: Type.Unknown({ description: 'What came back, or why nothing did; `null` while we wait.' }),
    }),
  ),
  events: Type.Array(
    Type.Object({
      seq: Type.Integer(),
      time: Type.String({ format: 'date-time' }),
      kind: Type.String(),
      type: Type.String(),
      data: Type.Unknown(),
    }),
  ),
});

/** The callback-response loop and the event log of one call, for debugging (voxology-api.md §6.8). */
export function callFlowLogRoutes({ store }: ApiContext): FastifyPluginAsyncTypebox {
  /** A message that came in has a flow as a call has, but no last callback. */
  const messageAsCall = async (messageId: string) => {
    const row = await store.messages.get(messageId);
    if (row === null || row.direction !== 'inbound') return null;
    const { appId, error, endTimeMs, status } = row;
    return { appId, error, status: endTimeMs === null ? null : status, endCallbackState: 'none' as const };
  };
  return async (app) => {
    app.get(
      '/CallFlows/Logs/:call_id',
      {
        schema: {
          summary: "Read a call's callback loop and event log",
          description: 'Of a text message that came in, too, by its `message_id`.',
          tags: ['Logs'],
          params: CallIdParams,
          response: { 200: CallFlowLog, ...errors(401, 404) },
        },
      },
      async ({ appId, params: { call_id: callId } }) => {
        const row = (await store.calls.get(callId)) ?? (await messageAsCall(callId));
        if (row === null || row.appId !== appId) {
          throw new ApiError(
            404,
            `There is no call or message ${callId}`,
            'Its id is in the answer of Make Call and in every callback.',
          );
        }
        const events = await store.events.list(callId);
        return {
          call_id: callId,
          status: row.status,
          error: row.error,
          end_callback: row.endCallbackState,
          callbacks: callbackLoop(events),
          events: events.map(({ seq, at, kind, type, data }) => ({
            seq,
            time: new Date(at).toISOString(),
            kind,
            type,
            data,
          })),
        };
      },
    );
  };
}
