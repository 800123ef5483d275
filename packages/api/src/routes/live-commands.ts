import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { LiveCommand } from '@voxology/telephony';
import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import { CallIdParams } from '../schema/call-id.ts';
import { ApiError, errors } from '../schema/error.ts';
import { liveAction, liveActionNames } from '../schema/live-action.ts';
import { noLiveCall } from '../schema/no-live-call.ts';

const Answer = Type.Object({ call_id: Type.String() });
const AnyObject = Type.Record(Type.String(), Type.Unknown());

const SessionDataBody = Type.Object({
  session_data: Type.Record(Type.String(), Type.Unknown(), {
    description: "Merged into the call's session data, key by key.",
  }),
});

const ActionsBody = Type.Object({
  actions: Type.Array(AnyObject, {
    minItems: 1,
    maxItems: 10_000,
    description: 'A list of call flow actions; when it has run, the flow goes on.',
  }),
  when: Type.Optional(
    Type.Union([Type.Literal('now'), Type.Literal('after_current'), Type.Literal('beside')], {
      default: 'now',
      description:
        '`now` cuts the current action short (a QUEUE with its list: the call leaves the line), `after_current` waits for its end, `beside` runs while the call stays in its queue, conference or transfer.',
    }),
  ),
});

const ActionParams = Type.Object({
  ...CallIdParams.properties,
  name: Type.Union(liveActionNames.map((name) => Type.Literal(name))),
});

/** Changing a call that is up (voxology-api.md §1.3 Session Data Injection, §1.5). */
export function liveCommandRoutes({ telephony }: ApiContext): FastifyPluginAsyncTypebox {
  const tell = (appId: string, callId: string, command: LiveCommand) => {
    if (!telephony.switchboard.command(appId, callId, command)) throw noLiveCall(callId);
    return { call_id: callId };
  };
  return async (app) => {
    app.route({
      method: ['POST', 'PUT'],
      url: '/LiveCalls/:call_id/SessionData',
      schema: {
        summary: 'Session Data Injection',
        description: 'The flow sees the new values from its next action on.',
        tags: ['Calls'],
        params: CallIdParams,
        body: SessionDataBody,
        response: { 200: Answer, ...errors(400, 401, 404) },
      },
      handler: async ({ appId, params: { call_id: callId }, body }) => {
        const sessionData = body.session_data as Extract<LiveCommand, { type: 'inject_session_data' }>['sessionData'];
        return tell(appId, callId, { type: 'inject_session_data', sessionData });
      },
    });

    app.post(
      '/LiveCalls/:call_id/Actions',
      {
        schema: {
          summary: 'Run actions on a live call',
          description: 'A list that cannot be taken changes nothing; the reason is in the log of the call.',
          tags: ['Calls'],
          params: CallIdParams,
          body: ActionsBody,
          response: { 200: Answer, ...errors(400, 401, 404) },
        },
      },
      async ({ appId, params: { call_id: callId }, body: { actions, when = 'now' } }) => {
        type Actions = Extract<LiveCommand, { type: 'inject_actions' }>['actions'];
        return tell(appId, callId, { type: 'inject_actions', actions: actions as Actions, when });
      },
    );

    app.post(
      '/LiveCalls/:call_id/Actions/:name',
      {
        schema: {
          summary: 'Do one thing with a live call',
          description:
            'Short forms of common lists. `message`, one text or several, is spoken first. ' +
            'Tell: `message`, `loop`; the call stays where it is, and the flow goes on as it was. ' +
            'These cut the current action short: Collect: `num_digits`, `finish_on_key`, `timeout`, `message`. ' +
            'Transfer: `no`, `caller_id_no`, `message`. JoinConference: `conference_name`, `message`. ' +
            'LeaveVoiceMail: `message`, spoken after the beep. HangUp: `message`. ' +
            'These leave it in its conference, but for the first: LeaveConference, MuteConferenceParticipant, ' +
            'UnmuteConferenceParticipant, HoldConferenceParticipant, ResumeConferenceParticipant: `message`.',
          tags: ['Calls'],
          params: ActionParams,
          body: Type.Union([AnyObject, Type.Null()]),
          response: { 200: Answer, ...errors(400, 401, 404) },
        },
      },
      async ({ appId, params: { call_id: callId, name }, body }) => {
        const command = liveAction(name, body ?? {});
        if (typeof command === 'string') throw new ApiError(400, `body: ${command}`, HELP);
        return tell(appId, callId, command);
      },
    );
  };
}

const HELP = 'See /reference for what each action takes.';
