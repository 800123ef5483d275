import type { LiveCommand } from '@voxology/telephony';

type Body = Record<string, unknown>;
type Change = Extract<LiveCommand, { type: 'conference_command' }>['command'];
type Action = Extract<LiveCommand, { type: 'inject_actions' }>['actions'][number];

/** The v0 names (voxology-api.md §1.4, §1.5) and the command each stands for; a string tells what is wrong with the body. */
const LIVE_ACTIONS = {
  // Whoever is told something stays where he is: in a queue, a conference, a conversation, or at a question.
  Tell: (body) =>
    messages(body).length === 0 ? 'message is missing' : run(spoken(body, { loop: body.loop }), 'beside'),
  Collect: (body) =>
    run([
      {
        type: 'COLLECT',
        params: given(body, ['num_digits', 'finish_on_key', 'timeout']),
        actions: spoken(body),
      } as Action,
    ]),
  Transfer: (body) =>
    typeof body.no === 'string' && body.no !== ''
      ? run([...spoken(body), { type: 'TRANSFER', params: given(body, ['no', 'caller_id_no']) } as Action])
      : 'no must be the number to transfer to',
  JoinConference: (body) =>
    typeof body.conference_name === 'string' && body.conference_name !== ''
      ? run([...spoken(body), { type: 'CONFERENCE', params: { name: body.conference_name } }])
      : 'conference_name must be the name of a room',
  LeaveConference: (body) => inConference(body, 'leave'),
  MuteConferenceParticipant: (body) => inConference(body, 'mute'),
  UnmuteConferenceParticipant: (body) => inConference(body, 'unmute'),
  HoldConferenceParticipant: (body) => inConference(body, 'hold'),
  ResumeConferenceParticipant: (body) => inConference(body, 'resume'),
  LeaveVoiceMail: (body) =>
    messages(body).length === 0 ? 'message is missing' : run([{ type: 'VOICEMAIL', actions: spoken(body) }]),
  // Actions wait for the answer of a call that rings; with nothing to be said it is ended at once.
  HangUp: (body) =>
    messages(body).length === 0
      ? { type: 'hang_up', reason: 'ended by the API' }
      : run([...spoken(body), { type: 'HANGUP' }]),
} satisfies Record<string, (body: Body) => LiveCommand | string>;

export type LiveActionName = keyof typeof LIVE_ACTIONS;

export const liveActionNames = Object.keys(LIVE_ACTIONS) as LiveActionName[];

/** The command of one v0 live action, or what is wrong with its body. */
export function liveAction(name: LiveActionName, body: Body): LiveCommand | string {
  return LIVE_ACTIONS[name](body);
}

function run(actions: Action[], when: 'now' | 'beside' = 'now'): LiveCommand {
  return { type: 'inject_actions', actions, when };
}

/** Whoever is in a conference hears the message there, before the change. */
function inConference(body: Body, change: Change): LiveCommand {
  if (messages(body).length === 0) return { type: 'conference_command', command: change };
  return run([...spoken(body), { type: 'CONFERENCE', params: { event: change } }], 'beside');
}

/** One text or several; clients have sent both. */
function messages({ message }: Body): string[] {
  const list = Array.isArray(message) ? message : [message];
  return list.filter((text) => typeof text === 'string' && text.trim() !== '');
}

function spoken(body: Body, params: Body = {}): Action[] {
  return messages(body).map((text) => ({ type: 'SAY', params: { text, ...given(params, ['loop']) } }) as Action);
}

function given(body: Body, names: readonly string[]): Body {
  return Object.fromEntries(names.filter((name) => body[name] !== undefined).map((name) => [name, body[name]]));
}
