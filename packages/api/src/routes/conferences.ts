import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import { ConferenceBody, presentConference } from '../schema/conference.ts';
import { ApiError, errors } from '../schema/error.ts';

/** Rooms that are up. The voxology-api.md has nothing to read them: these are ours. */
export function conferenceRoutes({ telephony }: ApiContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/Conferences',
      {
        schema: {
          summary: 'List live conferences',
          description: 'The rooms of CONFERENCE that somebody is in, the oldest first.',
          tags: ['Calls'],
          response: { 200: Type.Object({ conferences: Type.Array(ConferenceBody) }), ...errors(401) },
        },
      },
      async ({ appId }) => ({ conferences: telephony.conferences.live(appId).map(presentConference) }),
    );

    app.get(
      '/Conferences/:name',
      {
        schema: {
          summary: 'Read a live conference',
          description:
            'Who is in it, how, and who speaks. A participant is muted, held and let go by its `call_id`: ' +
            '`POST /v1/LiveCalls/{call_id}/Actions/MuteConferenceParticipant` and its like.',
          tags: ['Calls'],
          params: Type.Object({ name: Type.String({ minLength: 1, examples: ['meeting'] }) }),
          response: { 200: ConferenceBody, ...errors(400, 401, 404) },
        },
      },
      async ({ appId, params: { name } }) => {
        const conference = telephony.conferences.find(appId, name);
        if (conference === null) {
          throw new ApiError(404, `There is no live conference ${name}`, 'List them with GET /v1/Conferences.');
        }
        return presentConference(conference);
      },
    );
  };
}
