import { parametersNow } from '../../interpreter/evaluation.ts';
import type { EventRange } from '../../interpreter/events.ts';
import { rangTooLong, ringTimeLeft } from '../../interpreter/ringing.ts';
import { report, reportError, type Step } from '../../interpreter/step.ts';
import { forgetVariables } from '../../interpreter/variables.ts';
import { boolean } from '../../parameters/boolean.ts';
import { choice } from '../../parameters/choice.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import { text, textList } from '../../parameters/text.ts';
import { CONTINUE, defineAction, type InstructionOf, type Outcome } from '../action.ts';
import { compileEvents, EVENTS_RUN_BESIDE, type EventRanges } from '../events/events.ts';
import { recordingAsked, recordParameter } from '../record/recording-options.ts';
import {
  compileScreening,
  HOW_CALLEES_ARE_ASKED,
  NOBODY_ASKED,
  type ScreeningRanges,
  screeningFields,
  screeningNow,
  screeningParameters,
} from './screening-parameters.ts';
import { abandonTransfer, onTransferInput, ring, type Transferring } from './transferring.ts';

const MS_PER_SECOND = 1_000;
const MOST_TARGETS = 20;

const parameters = {
  no: textList({
    description:
      'Who is rung: a number as `+12125550100`, a SIP user, a `sip:` URI; several as a list, twenty at most.',
    required: true,
  }),
  order: choice({
    description: 'Several numbers ring at once, and the first that answers counts; or one after the other.',
    options: ['simultaneous', 'sequential'],
    default: 'simultaneous',
  }),
  timeout: integer({
    description: 'Seconds it may ring; one after the other, each of them.',
    default: 30,
    minimum: 1,
    maximum: 600,
  }),
  caller_id_no: text({
    description:
      'Number that the far side sees: one of yours. Not given: the caller’s number where it may be shown, else the number of this call.',
    default: null,
  }),
  hangup_on_star: boolean({
    description: 'The caller ends the transfer with the key `*`, and the flow goes on.',
    default: false,
  }),
  max_time: integer({
    description: 'Longest time of the conversation, milliseconds; then the far side is hung up and the flow goes on.',
    default: null,
    minimum: 1_000,
    maximum: 86_400_000,
  }),
  ...screeningParameters,
  ...recordParameter({ what: 'The conversation is recorded', name: 'transfer', channels: 2 }),
};

const EVENTS = ['on_answer', 'on_end'];

type Arguments = { parameters: CompiledParameters; events: EventRanges } & ScreeningRanges;

export const transfer = defineAction<Arguments, Transferring>({
  type: 'TRANSFER',
  summary: 'Connects the call with somebody else.',
  description:
    'Rings `no` and connects the caller with whoever answers, until one of the two hangs up. When the far side hangs up, or ' +
    'nobody answers, the flow goes on with the next action: `$transferStatus` is then `completed`, `busy`, `no-answer`, ' +
    '`failed` or `canceled`, `$transferNo` who answered and `$transferTime` how long they spoke in milliseconds. A call ' +
    'that is not answered yet hears the far side ring, with its own sounds where it sends some, and is answered when the ' +
    'far side answers. Keys that the caller presses go to the far side. A call can be in one transfer or conference at a ' +
    `time. ${EVENTS_RUN_BESIDE} \`on_end\` runs when the transfer is over, before the flow goes on.\n\n` +
    `${HOW_CALLEES_ARE_ASKED} Of several numbers the first that takes the ` +
    'call is connected and the others are hung up, so a voicemail that answers keeps nobody from it. Whoever declines, hangs up ' +
    'or is too late counts as `no-answer`; the others ring on, or the next is rung.',
  example: {
    type: 'TRANSFER',
    params: { no: ['+12125550100', 'sip:anna@example.com'], timeout: 20, hangup_on_star: true, confirm_key: '1' },
    confirm: [
      {
        type: 'COLLECT',
        params: { num_digits: 1 },
        actions: [{ type: 'SAY', params: { text: 'A call from the web site. To take it, press 1.' } }],
      },
    ],
  },
  parameters,
  fields: {
    ...screeningFields,
    events: 'Lists of actions: `on_answer` when the far side has answered, `on_end` when it is over.',
  },
  events: EVENTS,
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    const instruction = compiler.emit<Arguments>({ parameters: compiled, ...NOBODY_ASKED, events: {} });
    const screening = compileScreening(entry, compiler, compiled);
    instruction.args = { parameters: compiled, ...screening, events: compileEvents(entry, compiler, EVENTS) };
    instruction.next = compiler.here();
  },
  behaviour: {
    needsMedia: false,
    takesTime: true,
    start: startTransfer,
    onInput: (step, instruction, transferring, input) =>
      onTransferInput(step, instruction, transferring, input, rangesOf(instruction)),
    onListEnded: () => CONTINUE,
    abandon: (step, _instruction, transferring) => abandonTransfer(step, transferring),
  },
});

function rangesOf({ args: { events } }: InstructionOf<Arguments>): {
  onAnswer: EventRange | null;
  onEnd: EventRange | null;
} {
  return { onAnswer: events.on_answer ?? null, onEnd: events.on_end ?? null };
}

function startTransfer(step: Step, instruction: InstructionOf<Arguments>): Outcome<Transferring> {
  const { call } = step;
  const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
  call.transfer = { status: 'failed', no: '', durationMs: 0 };
  forgetVariables(step, ['transferStatus', 'transferNo', 'transferTime']);
  if (call.joined !== null) {
    reportError(step, instruction, `the call is in a ${call.joined.kind} already; TRANSFER is passed over`);
    return CONTINUE;
  }
  const targets = [...new Set(written.no.map((no) => no.trim()))].filter((no) => no !== '');
  if (targets.length > MOST_TARGETS) {
    report(step, 'warning', instruction, `there are ${targets.length} numbers; ${MOST_TARGETS} are rung`);
    targets.length = MOST_TARGETS;
  }
  const [first, ...later] = written.order === 'sequential' ? targets.map((no) => [no]) : [targets];
  if (first === undefined || first.length === 0) {
    reportError(step, instruction, 'there is no number to ring');
    return CONTINUE;
  }
  if (ringTimeLeft(step) <= 0) return rangTooLong(step, 'TRANSFER');
  return ring(step, instruction, first, {
    later,
    callerIdNo: written.caller_id_no?.trim() || null,
    ringTimeoutMs: written.timeout * MS_PER_SECOND,
    hangupOnStar: written.hangup_on_star,
    maxTimeMs: written.max_time,
    record: recordingAsked(step, instruction, written),
    screening: screeningNow(step, instruction, instruction.args, written),
    best: 'failed',
  });
}
