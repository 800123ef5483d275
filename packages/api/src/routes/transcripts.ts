import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { transcriptFacts } from '@voxology/telephony';
import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import { CallIdParams } from '../schema/call-id.ts';
import { ApiError, errors } from '../schema/error.ts';
import { Transcript } from '../schema/transcript.ts';

const RecordingParams = Type.Object({ id: Type.String({ maxLength: 300, pattern: '^[!-~]+$' }) });

/** What was said in calls and recordings (voxology-api.md §6.3). */
export function transcriptRoutes({ store }: ApiContext): FastifyPluginAsyncTypebox {
  const ofCall = async (appId: string, callId: string) => {
    const rows = await store.transcripts.ofCall(appId, callId);
    // The row of the call may be gone, or not be there yet.
    if (rows.length > 0 || (await store.calls.get(callId))?.appId === appId) return rows;
    throw new ApiError(
      404,
      `There is no call ${callId}`,
      'Its id is in the answer of Make Call and in every callback.',
    );
  };
  return async (app) => {
    app.get(
      '/CallFlows/Transcripts/:call_id',
      {
        schema: {
          summary: 'Read what was said in a call',
          description: 'The transcripts of TRANSCRIBE and of recordings with `transcribe`, while they grow too.',
          tags: ['Transcripts'],
          params: CallIdParams,
          response: { 200: Type.Object({ transcripts: Type.Array(Transcript) }), ...errors(401, 404) },
        },
      },
      async ({ appId, params: { call_id: callId } }) => ({
        transcripts: (await ofCall(appId, callId)).map(transcriptFacts),
      }),
    );

    app.delete(
      '/CallFlows/Transcripts/:call_id',
      {
        schema: {
          summary: 'Delete what was said in a call',
          description:
            'All its transcripts, also those of recordings; a webhook that was not told yet is not told any more.',
          tags: ['Transcripts'],
          params: CallIdParams,
          response: {
            200: Type.Object({ deleted: Type.Integer({ description: 'How many transcripts there were.' }) }),
            ...errors(400, 401, 404),
          },
        },
      },
      async ({ appId, params: { call_id: callId } }) => {
        const rows = await ofCall(appId, callId);
        if (rows.some(({ status }) => status === 'in_progress')) {
          throw new ApiError(400, `A transcript of call ${callId} still grows`, 'Wait until none is `in_progress`.');
        }
        return { deleted: await store.transcripts.removeOfCall(appId, callId) };
      },
    );

    app.get(
      '/Recordings/:id/Transcript',
      {
        schema: {
          summary: 'Read what was said in a recording',
          description: 'Of one with `transcribe`; it is `in_progress` until some time after the end of the recording.',
          tags: ['Recordings'],
          params: RecordingParams,
          response: { 200: Transcript, ...errors(401, 404) },
        },
      },
      async ({ appId, params: { id } }) => {
        const row = await store.transcripts.get(id);
        if (row?.appId === appId && row.recordingId === id) return transcriptFacts(row);
        throw new ApiError(
          404,
          `There is no transcript of a recording ${id}`,
          'Ask for it by `"transcribe": true` of RECORD, or of `record` of a TRANSFER or CONFERENCE.',
        );
      },
    );
  };
}
