import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { LiveCall, StreamFigures } from '@voxology/telephony';
import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import { AudioOfCall, presentAudio } from '../schema/call-audio.ts';
import { CallIdParams } from '../schema/call-id.ts';
import { PlaceOfCall, presentPlace } from '../schema/conference.ts';
import { errors } from '../schema/error.ts';
import { noLiveCall } from '../schema/no-live-call.ts';
import { Nullable } from '../schema/nullable.ts';

const listedProperties = {
  call_id: Type.String(),
  direction: Type.Union([Type.Literal('inbound'), Type.Literal('outbound')]),
  caller_no: Type.String(),
  api_no: Type.String(),
  start_time: Type.String({ format: 'date-time' }),
  answer_time: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
  status: Type.Union([Type.Literal('live-ringing'), Type.Literal('live-in-progress')]),
};

const Stream = Type.Object({
  name: Nullable(Type.String(), 'As the flow calls it.'),
  url_host: Type.String({ description: 'Host and port of the far end.' }),
  status: Type.Union([Type.Literal('connecting'), Type.Literal('open'), Type.Literal('reconnecting')]),
  bytes_sent: Type.Integer({ description: 'Of sound, to the far end.' }),
  bytes_received: Type.Integer({ description: 'Of sound, from the far end.' }),
  dropped_messages: Type.Integer({ description: 'To a far end that was too slow to take them.' }),
  strange_messages: Type.Integer({ description: 'From the far end, that are none of the protocol.' }),
  reconnects: Type.Integer(),
});

const DetailedCall = Type.Object({
  ...listedProperties,
  conference: PlaceOfCall,
  audio: AudioOfCall,
  streams: Type.Array(Stream, { description: 'The STREAMs that are up.' }),
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
          response: { 200: Type.Object({ live_calls: Type.Array(Type.Object(listedProperties)) }), ...errors(401) },
        },
      },
      async ({ appId }) => ({
        live_calls: telephony.switchboard.live(appId).map(present),
      }),
    );

    app.get(
      '/LiveCalls/:call_id',
      {
        schema: {
          summary: 'Read a live call: its conference, and how its sound is',
          description: 'The figures of the sound are those so far; when the call is over they are in its record.',
          tags: ['Calls'],
          params: CallIdParams,
          response: { 200: DetailedCall, ...errors(401, 404) },
        },
      },
      async ({ appId, params: { call_id: callId } }) => {
        const call = await telephony.switchboard.liveSound(appId, callId);
        if (call === null) throw noLiveCall(callId);
        const { audio, streams } = call;
        const conference = presentPlace(telephony.conferences.placeOf(callId));
        return { ...present(call), conference, audio: presentAudio(audio), streams: streams.map(presentStream) };
      },
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

function present({ callId, direction, callerNo, apiNo, startTimeMs, answerTimeMs }: LiveCall) {
  return {
    call_id: callId,
    direction,
    caller_no: callerNo,
    api_no: apiNo,
    start_time: new Date(startTimeMs).toISOString(),
    answer_time: answerTimeMs === null ? null : new Date(answerTimeMs).toISOString(),
    status: answerTimeMs === null ? ('live-ringing' as const) : ('live-in-progress' as const),
  };
}

function presentStream(stream: StreamFigures) {
  return {
    name: stream.name,
    url_host: stream.urlHost,
    status: stream.status,
    bytes_sent: stream.bytesSent,
    bytes_received: stream.bytesReceived,
    dropped_messages: stream.droppedMessages,
    strange_messages: stream.strangeMessages,
    reconnects: stream.reconnects,
  };
}
