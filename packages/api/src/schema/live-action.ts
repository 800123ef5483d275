import type { LiveCommand } from '@voxology/telephony';

type Body = Record<string, unknown>;
type Action = Extract<LiveCommand, { type: 'inject_actions' }>['actions'][number];

/** The v0 names (voxology-api.md §1.4, §1.5) and the command each stands for; a string tells what is wrong with the body. */
const LIVE_ACTIONS = {
  Tell: (body) => (messages(body).length === 0 ? 'message is missing' : run(spoken(body, { loop: body.loop }))),
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
  LeaveConference: () => ({ type: 'conference_command', command: 'leave' }),
  MuteConferenceParticipant: () => ({ type: 'conference_command', command: 'mute' }),
  UnmuteConferenceParticipant: () => ({ type: 'conference_command', command: 'unmute' }),
  HoldConferenceParticipant: () => ({ type: 'conference_command', command: 'hold' }),
  ResumeConferenceParticipant: () => ({ type: 'conference_command', command: 'resume' }),
  LeaveVoiceMail: (body) =>
    messages(body).length === 0 ? 'message is missing' : run([{ type: 'VOICEMAIL', actions: spoken(body) }]),
  HangUp: (body) => run([...spoken(body), { type: 'HANGUP' }]),
} satisfies Record<string, (body: Body) => LiveCommand | string>;

export type LiveActionName = keyof typeof LIVE_ACTIONS;

export const liveActionNames = Object.keys(LIVE_ACTIONS) as LiveActionName[];

/** The command of one v0 live action, or what is wrong with its body. */
export function liveAction(name: LiveActionName, body: Body): LiveCommand | string {
  return LIVE_ACTIONS[name](body);
}

function run(actions: Action[]): LiveCommand {
  return { type: 'inject_actions', actions, when: 'now' };
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
