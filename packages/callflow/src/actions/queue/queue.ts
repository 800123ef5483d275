import { parametersNow } from '../../interpreter/evaluation.ts';
import type { EventRange } from '../../interpreter/events.ts';
import { newId, report, reportError, type Step, setTimer } from '../../interpreter/step.ts';
import { forgetVariables } from '../../interpreter/variables.ts';
import type { QueueAgents } from '../../io.ts';
import { isJsonObject } from '../../json-value.ts';
import { choice } from '../../parameters/choice.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import type { ParameterValues } from '../../parameters/parameter.ts';
import { text, textList } from '../../parameters/text.ts';
import { CONTINUE, defineAction, type InstructionOf, type Outcome } from '../action.ts';
import { compileEvents, compileRegion, EVENTS_RUN_BESIDE, type EventRanges } from '../events/events.ts';
import {
  compileScreening,
  HOW_CALLEES_ARE_ASKED,
  NOBODY_ASKED,
  type ScreeningRanges,
  screeningFields,
  screeningNow,
  screeningParameters,
} from '../transfer/screening-parameters.ts';
import { abandonQueue, onQueueInput, type Queueing, treatAgain } from './queueing.ts';

const LONGEST_NAME = 200;
const MOST_AGENTS = 50;
const DAY_MS = 86_400_000;

const parameters = {
  name: text({ description: 'Name of the queue; needed to enter and to connect.', default: '' }),
  event: choice({
    description:
      'What to do: wait in line (`enter`); take the first in line, waiting until there is one (`connect`); from a list ' +
      'inside, give up waiting (`leave`).',
    options: ['enter', 'connect', 'leave'],
    default: 'enter',
  }),
  max_wait: integer({
    description: 'Milliseconds to wait; then the flow goes on. For ever when not given.',
    default: null,
    minimum: 0,
    maximum: DAY_MS,
  }),
  max_size: integer({
    description: 'The call does not enter when so many wait already.',
    default: null,
    minimum: 1,
    maximum: 100_000,
  }),
  priority: integer({
    description: 'The higher, the earlier its turn; of equals the first come.',
    default: 0,
    minimum: -1_000,
    maximum: 1_000,
  }),
  agents: textList({
    description:
      'Who is rung for this call while it waits: numbers as `+12125550100`, SIP users, `sip:` URIs, fifty at most. They are the ' +
      'call’s, not the queue’s: others in the same line may have other agents. Not given: it waits for somebody who connects.',
  }),
  order: choice({
    description:
      'Agents ring all at once, as far as they are free (`simultaneous`); one after the other, the first of the list that is ' +
      'free (`sequential`), or in turn (`round_robin`): of those that are free the one who was rung longest ago.',
    options: ['simultaneous', 'sequential', 'round_robin'],
    default: 'round_robin',
  }),
  ring_timeout: integer({
    description: 'Milliseconds an agent may ring.',
    default: 20_000,
    minimum: 1_000,
    maximum: 600_000,
  }),
  retry_after: integer({
    description: 'Milliseconds until an agent is rung again who did not answer, was busy or could not be reached.',
    default: 10_000,
    minimum: 1_000,
    maximum: DAY_MS,
  }),
  wrap_up_time: integer({
    description: 'Milliseconds that an agent is left alone after a conversation.',
    default: 0,
    minimum: 0,
    maximum: DAY_MS,
  }),
  caller_id_no: text({
    description:
      'Number that agents see: one of yours. Not given: the caller’s number where it may be shown, else the number of this call.',
    default: null,
  }),
  ...screeningParameters,
};

const EVENTS = ['on_enter', 'on_position', 'on_connect', 'on_exit', 'on_enter_error_max_size'];

type Arguments = {
  parameters: CompiledParameters;
  treatment: EventRange | null;
  events: EventRanges;
} & ScreeningRanges;
type Written = ParameterValues<typeof parameters>;

export const queue = defineAction<Arguments, Queueing>({
  type: 'QUEUE',
  summary: 'Lets callers wait in line for somebody who connects, or for agents who are rung.',
  description:
    'One call enters the queue, another (an agent, who has called or was called) connects with the first in line; or its ' +
    '`agents` are rung, and the first who answers is connected. They talk until one of them hangs up, then the flow goes on. ' +
    'The next in line gets the first of its agents who is free. An agent of an application is never rung twice at once by its ' +
    'queues, nor while talking with somebody from one of them, nor during `wrap_up_time`. While the call waits the nested `actions` run over and over; ' +
    '`$queuePosition` is its place (1 is the next), `$queueSize` how many wait, `$queueWait` how long it has waited in ' +
    'milliseconds, `$queueNo` with whom it was connected. Afterwards `$queueStatus` is `connected`, `timeout` after ' +
    '`max_wait`, `left`, `full`, or `failed`. ' +
    `${EVENTS_RUN_BESIDE} \`on_position\` runs when its place has changed, \`on_enter_error_max_size\` runs in place of the waiting when the queue is full, \`on_exit\` before the flow goes on.\n\n` +
    `${HOW_CALLEES_ARE_ASKED} \`$queueNo\` is the callee there too, \`$queueWait\` and \`$queuePosition\` are the caller’s. ` +
    'Of several agents the first who takes the call gets it. Whoever declines, hangs up or is too late counts as ' +
    '`no-answer`, and is rung again after `retry_after`; somebody who connects may take the call meanwhile.',
  example: {
    type: 'QUEUE',
    params: { name: 'support', max_wait: 600000, agents: ['alice', 'bob', '+12125550100'], wrap_up_time: 15000 },
    actions: [{ type: 'SAY', params: { text: 'You are number ${queuePosition} in line.' } }],
  },
  parameters,
  fields: {
    actions: 'What runs over and over while it waits.',
    ...screeningFields,
    events: 'Lists of actions: `on_enter`, `on_position`, `on_connect`, `on_exit`, `on_enter_error_max_size`.',
  },
  events: EVENTS,
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    const { event, name } = compiled.fixed;
    const isNamed = name !== '' || Object.hasOwn(compiled.filled ?? {}, 'name');
    if (!isNamed && event !== 'leave') compiler.warn(`${event} needs params.name`);
    if (event !== 'enter' && isJsonObject(entry.params) && Object.hasOwn(entry.params, 'agents')) {
      compiler.warn(`params.agents is of no use to ${event}: agents are rung for calls that enter`);
    }
    const nothing = { treatment: null, ...NOBODY_ASKED, events: {} };
    const instruction = compiler.emit<Arguments>({ parameters: compiled, ...nothing });
    const treatment = compileRegion(entry, compiler, 'actions');
    const screening = compileScreening(entry, compiler, compiled);
    if ((screening.whisper !== null || screening.confirm !== null) && !mayRing(compiled))
      compiler.warn('whisper and confirm are of no use without params.agents: nobody is rung');
    instruction.args = {
      parameters: compiled,
      treatment,
      ...screening,
      events: compileEvents(entry, compiler, EVENTS),
    };
    instruction.next = compiler.here();
  },
  behaviour: {
    needsMedia: true,
    // The treatment only fills the time: who is fetched out of the line is to be fetched whatever is being said.
    isCutWhole: ({ stage }) => stage === 'waiting',
    start(step, instruction) {
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      if (written.event !== 'leave') return enter(step, instruction, written);
      const { joined } = step.call;
      if (joined?.kind === 'queue') step.effects.push({ type: 'leave_queue', queueId: joined.id });
      else report(step, 'warning', instruction, 'leave: the call is in no queue');
      return CONTINUE;
    },
    onInput: (step, instruction, queueing, input) => onQueueInput(step, instruction, queueing, input, instruction.args),
    onListEnded: (step, instruction, queueing) => treatAgain(step, queueing, instruction.args.treatment),
    abandon: (step, _instruction, queueing) => abandonQueue(step, queueing),
  },
});

function enter(step: Step, instruction: InstructionOf<Arguments>, written: Written): Outcome<Queueing> {
  const { call } = step;
  const name = written.name.trim().slice(0, LONGEST_NAME);
  forgetVariables(step, ['queueStatus', 'queuePosition', 'queueSize', 'queueNo', 'queueWait']);
  call.queue = { status: 'failed', position: 0, size: 0, sinceMs: call.nowMs, waitMs: 0, no: '' };
  if (name === '') {
    reportError(step, instruction, 'the queue has no name; it is passed over');
    return CONTINUE;
  }
  if (call.joined !== null) {
    reportError(step, instruction, `the call is in a ${call.joined.kind} already; QUEUE is passed over`);
    return CONTINUE;
  }
  const queueId = newId(step, 'q');
  call.joined = { kind: 'queue', id: queueId };
  call.queue = { ...call.queue, status: 'waiting', waitMs: null };
  const timerId = written.max_wait === null ? null : setTimer(step, written.max_wait);
  const queueing: Queueing = {
    queueId,
    name,
    stage: 'waiting',
    timerId,
    roundMs: -1,
    screening: null,
    asked: [],
  };
  if (written.event === 'connect') {
    step.effects.push({ type: 'connect_queue', queueId, name });
    return treatAgain(step, queueing, instruction.args.treatment);
  }
  const { max_size: maxSize, priority } = written;
  const screening = screeningNow(step, instruction, instruction.args, written);
  step.effects.push({
    type: 'enter_queue',
    queueId,
    name,
    maxSize,
    priority,
    agents: agentsOf(step, instruction, written, screening !== null),
  });
  return { kind: 'wait', wait: { ...queueing, screening } };
}

/** Who is rung may be known to the call alone. */
function mayRing({ fixed, filled }: CompiledParameters): boolean {
  const { agents } = fixed;
  return (Array.isArray(agents) && agents.length > 0) || Object.hasOwn(filled ?? {}, 'agents');
}

function agentsOf(
  step: Step,
  instruction: InstructionOf<Arguments>,
  written: Written,
  isScreened: boolean,
): QueueAgents | null {
  const targets = [...new Set(written.agents.map((no) => no.trim()))].filter((no) => no !== '');
  if (targets.length > MOST_AGENTS) {
    report(step, 'warning', instruction, `there are ${targets.length} agents; ${MOST_AGENTS} are rung`);
    targets.length = MOST_AGENTS;
  }
  if (targets.length === 0) return null;
  return {
    targets,
    order: written.order,
    callerIdNo: written.caller_id_no?.trim() || null,
    ringTimeoutMs: written.ring_timeout,
    wrapUpMs: written.wrap_up_time,
    retryMs: written.retry_after,
    ...(isScreened && { screened: true }),
  };
}
