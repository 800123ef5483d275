import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { send } from '@fastify/send';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { RecordingRow } from '@voxology/store';
import { recordingFacts } from '@voxology/telephony';
import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import { ApiError, errors } from '../schema/error.ts';
import { checkPagePlace } from '../schema/page-place.ts';
import { PrintableId } from '../schema/printable-id.ts';
import { Recording } from '../schema/recording.ts';

const params = Type.Object({ id: PrintableId(300) });

const Sound = Type.Unsafe<Readable>({ type: 'string', format: 'binary', description: 'The sound, or a part of it.' });

const ListQuery = Type.Object({
  call_id: Type.Optional(PrintableId(200)),
  before: Type.Optional(Type.String({ format: 'date-time', description: 'Only those that began earlier.' })),
  before_id: Type.Optional(
    PrintableId(300, 'With `before`: those too that began at that very moment and come behind this one.'),
  ),
  max_results: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
});

const CONTENT_TYPES = { wav: 'audio/wav', mp3: 'audio/mpeg' } as const;

/** Recordings of calls (voxology-api.md §6.2). */
export function recordingRoutes({ store, recordingsDir }: ApiContext): FastifyPluginAsyncTypebox {
  const owned = async (appId: string, id: string): Promise<RecordingRow> => {
    const row = await store.recordings.get(id);
    if (row?.appId === appId) return row;
    throw new ApiError(404, `There is no recording ${id}`, 'Its id is in `recordings` of the callbacks.');
  };
  return async (app) => {
    app.get(
      '/Recordings',
      {
        schema: {
          summary: 'List recordings',
          description:
            'The newest first; of those that began at the same moment the one with the lesser id. For the next page `before` is ' +
            'the `start_time` of the last, and `before_id` its `id`.',
          tags: ['Recordings'],
          querystring: ListQuery,
          response: { 200: Type.Object({ recordings: Type.Array(Recording) }), ...errors(400, 401) },
        },
      },
      async ({ appId, query: { call_id: callId, before, before_id: beforeId, max_results: limit = 100 } }) => {
        checkPagePlace('before_id', beforeId, 'before', before);
        const beforeTimeMs = before === undefined ? undefined : Date.parse(before);
        const rows = await store.recordings.list({ appId, callId, beforeTimeMs, beforeId, limit });
        return { recordings: rows.map(recordingFacts) };
      },
    );

    app.get(
      '/Recordings/:id',
      {
        schema: {
          summary: 'Read what is known of a recording',
          tags: ['Recordings'],
          params,
          response: { 200: Recording, ...errors(401, 404) },
        },
      },
      async ({ appId, params: { id } }) => recordingFacts(await owned(appId, id)),
    );

    app.get(
      '/Recordings/:id/Audio',
      {
        schema: {
          summary: 'Listen to a recording',
          description: 'The file itself; parts of it by `Range`.',
          tags: ['Recordings'],
          params,
          produces: Object.values(CONTENT_TYPES),
          response: { 200: Sound, 206: Sound, ...errors(401, 404, 416) },
        },
      },
      async (request, reply) => {
        const row = await owned(request.appId, request.params.id);
        if (row.status !== 'ready') {
          throw new ApiError(
            404,
            `Recording ${row.recordingId} has no audio: ${row.error ?? 'it still goes on'}`,
            WAIT,
          );
        }
        const file = await send(request.raw, encodeURI(row.file), { root: recordingsDir, dotfiles: 'deny' });
        if (file.type === 'error' && file.statusCode === 416) {
          void reply.header('content-range', `bytes */${row.bytes}`);
          const message = `Recording ${row.recordingId} has ${row.bytes} bytes; the range begins beyond them`;
          throw new ApiError(416, message, 'Ask for a range within the file, or for the whole without `Range`.');
        }
        if (file.type === 'error') {
          throw new ApiError(404, `The file of recording ${row.recordingId} is gone`, 'It was removed from the disk.');
        }
        return reply
          .code(file.statusCode as 200 | 206)
          .headers({
            ...file.headers,
            'content-type': CONTENT_TYPES[row.format],
            'content-disposition': `inline; filename="${fileNameOf(row)}"`,
            'cache-control': 'private, no-cache',
          })
          .send(file.stream);
      },
    );

    app.delete(
      '/Recordings/:id',
      {
        schema: {
          summary: 'Delete a recording',
          tags: ['Recordings'],
          params,
          response: { 200: Type.Object({ id: Type.String() }), ...errors(400, 401, 404) },
        },
      },
      async ({ appId, params: { id } }) => {
        const row = await owned(appId, id);
        if (row.status === 'recording') throw new ApiError(400, `Recording ${id} still goes on`, WAIT);
        await rm(join(recordingsDir, row.file), { force: true });
        await store.recordings.remove(id);
        return { id };
      },
    );
  };
}

/** As it is saved: what is no letter, digit or dot of an id is a hyphen. */
function fileNameOf({ recordingId, format }: RecordingRow): string {
  return `${recordingId.replace(/[^A-Za-z0-9.]+/g, '-')}.${format}`;
}

const WAIT = 'Wait until its status is `ready`.';
