import { parametersNow } from '../../interpreter/evaluation.ts';
import { newId, report, reportError, type Step } from '../../interpreter/step.ts';
import { boolean } from '../../parameters/boolean.ts';
import { choice } from '../../parameters/choice.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import type { ParameterValues } from '../../parameters/parameter.ts';
import { text } from '../../parameters/text.ts';
import { CONTINUE, defineAction, type InstructionOf, type Outcome } from '../action.ts';
import { compileEvents, EVENTS_RUN_BESIDE, type EventRanges } from '../events/events.ts';
import { recordingAsked, recordParameter } from '../record/recording-options.ts';
import { changeEffect } from './change-effect.ts';
import { holdMusicOf, holdMusicParameter } from './hold-music.ts';
import { abandonConference, afterwards, type InConference, onConferenceInput } from './in-conference.ts';

const LONGEST_NAME = 200;

const parameters = {
  name: text({
    description: 'Name of the room; needed to join one. All calls of the application that join this name are together.',
    default: '',
  }),
  event: choice({
    description:
      'What to do: enter the room and stay (`join`); with the room the call is in, from a list of an event: `leave` it, be ' +
      'unheard (`mute`, `unmute`), hear music and be unheard (`hold`, `resume`); take others out of the room `name` (`kick`).',
    options: ['join', 'leave', 'mute', 'unmute', 'hold', 'resume', 'kick'],
    default: 'join',
  }),
  max_participants: integer({
    description: 'The call does not enter when so many are in the room already.',
    default: null,
    minimum: 1,
    maximum: 10_000,
  }),
  end_on_exit: boolean({
    description: 'When this call leaves, in whatever way, the room is over for all.',
    default: false,
    textIsFine: true,
  }),
  start_on_enter: boolean({
    description: 'False: the call waits, hearing music, until somebody enters who has true.',
    default: true,
    textIsFine: true,
  }),
  muted: boolean({ description: 'The call enters unheard.', default: false, textIsFine: true }),
  gain: integer({
    description: 'How much louder the others hear this call, in dB; below 0 softer.',
    default: 0,
    minimum: -30,
    maximum: 30,
  }),
  hold_music: holdMusicParameter,
  announce: choice({
    description:
      'What the others hear when the call enters and leaves; of many who come and go at once one after the other, and not of all.',
    options: ['none', 'tones', 'names'],
    default: 'none',
  }),
  coach: text({
    description: '`call_id` of the one participant who hears this call, which itself hears everybody.',
    default: null,
  }),
  ...recordParameter({
    what: 'What this call says and hears, which is the whole room, is recorded while it is in it',
    name: 'conference',
    channels: 1,
  }),
  participant: text({
    description: 'Whom to `kick`: a number or a `call_id`; everybody when not given.',
    default: null,
  }),
};

const EVENTS = [
  'on_enter',
  'on_exit',
  'on_participant_enter',
  'on_participant_exit',
  'on_end',
  'on_enter_error_max_participants',
];

type Arguments = { parameters: CompiledParameters; events: EventRanges };
type Written = ParameterValues<typeof parameters>;

export const conference = defineAction<Arguments, InConference>({
  type: 'CONFERENCE',
  summary: 'Puts the call into a room with others.',
  description:
    'The call stays in the room until it leaves, is taken out, or the room is over; then the flow goes on with the next ' +
    'action. A call alone in its room hears music. Keys pressed in the room are for a COLLECT of an event only. A call can be ' +
    `in one conference or transfer at a time. ${EVENTS_RUN_BESIDE} \`on_enter_error_max_participants\` runs in place of the ` +
    'conference when the room is full; `on_end` runs when the room was ended for all, then `on_exit`, which runs however the ' +
    'call left, both before the flow goes on. In the events `$participants` is how many are in the room, and ' +
    '`$participant` the number of who came or went.',
  example: {
    type: 'CONFERENCE',
    params: { name: 'meeting', max_participants: 10, end_on_exit: false },
    events: {
      on_enter: [{ type: 'SAY', params: { text: 'You are number ${participants}.' } }],
      on_enter_error_max_participants: [{ type: 'SAY', params: { text: 'The room is full.' } }, { type: 'HANGUP' }],
    },
  },
  parameters,
  fields: {
    events:
      'Lists of actions: `on_enter`, `on_exit`, `on_participant_enter`, `on_participant_exit` (about others), `on_end`, ' +
      '`on_enter_error_max_participants`.',
  },
  events: EVENTS,
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    const { event, name } = compiled.fixed;
    const isNamed = name !== '' || Object.hasOwn(compiled.filled ?? {}, 'name');
    if (!isNamed && (event === 'join' || event === 'kick')) compiler.warn(`${event} needs params.name`);
    const instruction = compiler.emit<Arguments>({ parameters: compiled, events: {} });
    instruction.args = { parameters: compiled, events: compileEvents(entry, compiler, EVENTS) };
    instruction.next = compiler.here();
  },
  behaviour: {
    needsMedia: true,
    start(step, instruction) {
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      if (written.event === 'join') return join(step, instruction, written);
      if (written.event === 'kick') kick(step, instruction, written);
      else change(step, instruction, written.event);
      return CONTINUE;
    },
    onInput: (step, instruction, conference, input) =>
      onConferenceInput(step, instruction, conference, input, instruction.args.events),
    onListEnded: (_step, _instruction, conference) => afterwards(conference),
    abandon: (step, _instruction, conference) => abandonConference(step, conference),
  },
});

function join(step: Step, instruction: InstructionOf<Arguments>, written: Written): Outcome<InConference> {
  const { call } = step;
  const name = written.name.trim().slice(0, LONGEST_NAME);
  if (name === '') {
    reportError(step, instruction, 'the conference has no name; it is passed over');
    return CONTINUE;
  }
  if (call.joined !== null) {
    reportError(step, instruction, `the call is in a ${call.joined.kind} already; CONFERENCE is passed over`);
    return CONTINUE;
  }
  const joinId = newId(step, 'c');
  call.joined = { kind: 'conference', id: joinId };
  step.effects.push({
    type: 'join_conference',
    joinId,
    name,
    maxParticipants: written.max_participants,
    endOnExit: written.end_on_exit,
    startOnEnter: written.start_on_enter,
    muted: written.muted,
    ...(written.gain === 0 ? {} : { gainDb: written.gain }),
    coach: written.coach?.trim() || null,
    holdMusic: holdMusicOf(written.hold_music, call.settings.maxSayCharacters),
    announce: written.announce,
  });
  const record = recordingAsked(step, instruction, written);
  return { kind: 'wait', wait: { joinId, name, record, recordingId: null, after: null } };
}

function kick(step: Step, instruction: InstructionOf<Arguments>, written: Written): void {
  const name = written.name.trim().slice(0, LONGEST_NAME);
  if (name === '') reportError(step, instruction, 'the conference has no name; nobody is taken out');
  else step.effects.push({ type: 'kick_participant', name, participant: written.participant?.trim() || null });
}

function change(
  step: Step,
  instruction: InstructionOf<Arguments>,
  event: Exclude<Written['event'], 'join' | 'kick'>,
): void {
  const { joined } = step.call;
  if (joined?.kind === 'conference') step.effects.push(changeEffect(joined.id, event));
  else report(step, 'warning', instruction, `${event}: the call is in no conference`);
}
