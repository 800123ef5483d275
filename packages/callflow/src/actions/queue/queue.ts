import { parametersNow } from '../../interpreter/evaluation.ts';
import type { EventRange } from '../../interpreter/events.ts';
import { newId, report, reportError, type Step, setTimer } from '../../interpreter/step.ts';
import { choice } from '../../parameters/choice.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import type { ParameterValues } from '../../parameters/parameter.ts';
import { text } from '../../parameters/text.ts';
import { CONTINUE, defineAction, type InstructionOf, type Outcome } from '../action.ts';
import { compileEvents, compileRegion, EVENTS_RUN_BESIDE, type EventRanges } from '../events/events.ts';
import { abandonQueue, onQueueInput, type Queueing, treatAgain } from './queueing.ts';

const LONGEST_NAME = 200;

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
    maximum: 86_400_000,
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
};

const EVENTS = ['on_enter', 'on_connect', 'on_exit', 'on_enter_error_max_size'];

type Arguments = { parameters: CompiledParameters; treatment: EventRange | null; events: EventRanges };
type Written = ParameterValues<typeof parameters>;

export const queue = defineAction<Arguments, Queueing>({
  type: 'QUEUE',
  summary: 'Lets callers wait in line for somebody who connects.',
  description:
    'One call enters the queue, another (an agent, who has called or was called) connects with the first in line; they talk ' +
    'until one of them hangs up, then the flow goes on. While the call waits the nested `actions` run over and over; ' +
    '`$queuePosition` is its place (1 is the next), `$queueSize` how many wait, `$queueWait` how long it has waited in ' +
    'milliseconds. Afterwards `$queueStatus` is `connected`, `timeout` after `max_wait`, `left`, `full`, or `failed`. ' +
    `${EVENTS_RUN_BESIDE} \`on_enter_error_max_size\` runs in place of the waiting when the queue is full, \`on_exit\` before the flow goes on.`,
  example: {
    type: 'QUEUE',
    params: { name: 'support', max_wait: 600000, priority: 1 },
    actions: [{ type: 'SAY', params: { text: 'You are number ${queuePosition} in line.' } }],
  },
  parameters,
  fields: {
    actions: 'What runs over and over while it waits.',
    events: 'Lists of actions: `on_enter`, `on_connect`, `on_exit`, `on_enter_error_max_size`.',
  },
  events: EVENTS,
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    const { event, name } = compiled.fixed;
    const isNamed = name !== '' || Object.hasOwn(compiled.filled ?? {}, 'name');
    if (!isNamed && event !== 'leave') compiler.warn(`${event} needs params.name`);
    const instruction = compiler.emit<Arguments>({ parameters: compiled, treatment: null, events: {} });
    const treatment = compileRegion(entry, compiler, 'actions');
    instruction.args = { parameters: compiled, treatment, events: compileEvents(entry, compiler, EVENTS) };
    instruction.next = compiler.here();
  },
  behaviour: {
    needsMedia: true,
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
  call.queue = { status: 'failed', position: 0, size: 0, sinceMs: call.nowMs, waitMs: 0 };
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
  const queueing: Queueing = { queueId, name, stage: 'waiting', timerId, roundMs: -1 };
  if (written.event === 'connect') {
    step.effects.push({ type: 'connect_queue', queueId, name });
    return treatAgain(step, queueing, instruction.args.treatment);
  }
  step.effects.push({ type: 'enter_queue', queueId, name, maxSize: written.max_size, priority: written.priority });
  return { kind: 'wait', wait: queueing };
}
