import { addBackground, backgroundOf, raiseFrom, removeBackground } from '../../interpreter/background.ts';
import { parametersNow } from '../../interpreter/evaluation.ts';
import type { Background } from '../../interpreter/state.ts';
import {
  cancelTimer,
  emitWhileUp,
  newId,
  report,
  reportError,
  type Spot,
  type Step,
  setTimer,
} from '../../interpreter/step.ts';
import { forgetVariables } from '../../interpreter/variables.ts';
import type { Party } from '../../io.ts';
import { boolean } from '../../parameters/boolean.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import type { ParameterValues } from '../../parameters/parameter.ts';
import {
  type ActionInput,
  type BackgroundInput,
  CONTINUE,
  defineAction,
  type InstructionOf,
  type Outcome,
} from '../action.ts';
import { compileEvents, type EventRanges, eventsNow } from '../events/events.ts';

const parameters = {
  timeout: integer({
    description: 'Milliseconds after which it gives up: `unknown`.',
    default: 10_000,
    minimum: 500,
    maximum: 300_000,
  }),
  background: boolean({ description: 'The flow does not wait: it goes on while it listens.', default: false }),
};

const EVENTS = ['on_live_person', 'on_answering_machine', 'on_fax', 'on_pbx', 'on_operator', 'on_unknown', 'on_beep'];

/** A greeting may be longer than it takes to know that it is one: the beep is waited for so much longer than `timeout`. */
const LAST_WAIT_MS = 30_000;

/** Name of a background detection in that time; before, its name is the party that was found. */
const LAST_WAIT = 'beep';

type Arguments = { parameters: CompiledParameters; events: EventRanges };
/** `detectionId` is null when it is over and the list of its result runs. */
type Detecting = { detectionId: string | null; timerId: string | null };

export const detect = defineAction<Arguments, Detecting>({
  type: 'DETECT',
  summary: 'Finds out who or what has answered.',
  description:
    'Listens to the remote party until it is known, or `timeout` is over. `$detection` and the callbacks say then ' +
    '`live_person`, `answering_machine`, `fax`, `pbx`, `operator` or `unknown`, and the list of that event runs before the ' +
    'flow goes on. (The server tells the first three apart; where it would have to say `pbx` or `operator` it says what they ' +
    'sound like.) With `background` the flow goes on at once, and the list runs beside it when the result is there: a GOTO ' +
    'in it to a label of the flow cuts short what the flow does. `on_beep`, only with `background`, runs when the tone of an ' +
    'answering machine has ended, which is waited for 30 seconds longer than `timeout`.',
  example: {
    type: 'DETECT',
    params: { timeout: 6000 },
    events: { on_answering_machine: [{ type: 'HANGUP' }] },
  },
  parameters,
  fields: {
    events:
      'Lists of actions: `on_live_person`, `on_answering_machine`, `on_fax`, `on_pbx`, `on_operator`, `on_unknown`, `on_beep`.',
  },
  events: EVENTS,
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    const instruction = compiler.emit<Arguments>({ parameters: compiled, events: {} });
    const events = compileEvents(entry, compiler, EVENTS);
    if (compiled.fixed.background === false && Object.hasOwn(events, 'on_beep'))
      compiler.warn('events.on_beep is for a DETECT with "background"; here it is never run');
    instruction.args = { parameters: compiled, events };
    instruction.next = compiler.here();
  },
  behaviour: {
    needsMedia: true,
    start(step, instruction) {
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      return written.background ? inBackground(step, instruction, written) : begin(step, written);
    },
    onInput: onDetectInput,
    onListEnded: () => CONTINUE,
    abandon(step, _instruction, { detectionId, timerId }) {
      if (timerId !== null) cancelTimer(step, timerId);
      if (detectionId !== null) emitWhileUp(step, { type: 'stop_detection', detectionId });
    },
  },
  onBackground: onDetectionInBackground,
});

function begin(step: Step, { timeout }: ParameterValues<typeof parameters>): Outcome<Detecting> {
  const detectionId = newId(step, 'e');
  step.effects.push({ type: 'start_detection', detectionId, want: ['party'] });
  return { kind: 'wait', wait: { detectionId, timerId: setTimer(step, timeout) } };
}

function inBackground(
  step: Step,
  instruction: InstructionOf<Arguments>,
  { timeout }: ParameterValues<typeof parameters>,
): Outcome<Detecting> {
  const detectionId = newId(step, 'e');
  const events = eventsNow(step, null, instruction.args.events);
  const timerId = setTimer(step, timeout);
  const background = { kind: 'detection', id: detectionId, name: null, timerId, events } as const;
  if (!addBackground(step, instruction, background)) return CONTINUE;
  const want = Object.hasOwn(events, 'on_beep') ? (['party', 'beep'] as const) : (['party'] as const);
  step.effects.push({ type: 'start_detection', detectionId, want: [...want] });
  return CONTINUE;
}

function onDetectInput(
  step: Step,
  instruction: InstructionOf<Arguments>,
  { detectionId, timerId }: Detecting,
  input: ActionInput,
): Outcome<Detecting> | null {
  if (detectionId === null) return null;
  let party: Party = 'unknown';
  if (input.type === 'timer' && input.timerId === timerId) {
    step.effects.push({ type: 'stop_detection', detectionId });
  } else if (input.type === 'party_detected' && input.detectionId === detectionId) {
    party = input.party;
  } else if (input.type === 'detection_failed' && input.detectionId === detectionId) {
    reportError(step, instruction, `the detection failed: ${input.reason}`, { reason: input.reason });
  } else {
    return null;
  }
  if (timerId !== null) cancelTimer(step, timerId);
  found(step, instruction, party);
  const range = instruction.args.events[`on_${party}`];
  if (range === undefined) return CONTINUE;
  return { kind: 'enter', from: range.from, to: range.to, wait: { detectionId: null, timerId: null } };
}

/** What becomes of a detection that goes on beside the flow. */
function onDetectionInBackground(step: Step, input: BackgroundInput): boolean {
  if (input.type === 'timer') {
    const late = step.call.background.find(({ kind, timerId }) => kind === 'detection' && timerId === input.timerId);
    if (late === undefined) return false;
    if (late.name !== null && late.name !== LAST_WAIT) {
      change(step, late, { name: LAST_WAIT, timerId: setTimer(step, LAST_WAIT_MS) });
      return true;
    }
    step.effects.push({ type: 'stop_detection', detectionId: late.id });
    removeBackground(step, late);
    if (late.name === null) foundInBackground(step, late, 'unknown');
    else report(step, 'progress', late.spot, 'no beep was heard');
    return true;
  }
  if (!('detectionId' in input)) return false;
  const detection = backgroundOf(step, 'detection', input.detectionId);
  if (detection === undefined) return true;
  if (input.type === 'beep_detected') {
    step.effects.push({ type: 'stop_detection', detectionId: detection.id });
    removeBackground(step, detection);
    report(step, 'progress', detection.spot, 'the beep is over');
    raiseFrom(step, detection, 'on_beep');
  } else if (input.type === 'party_detected') {
    const { party } = input;
    const wantsBeep = Object.hasOwn(detection.events, 'on_beep');
    if (wantsBeep && party !== 'live_person') change(step, detection, { name: party });
    else removeBackground(step, detection);
    if (wantsBeep && party === 'live_person') {
      step.effects.push({ type: 'stop_detection', detectionId: detection.id });
    }
    foundInBackground(step, detection, party);
  } else {
    removeBackground(step, detection);
    reportError(step, detection.spot, `the detection failed: ${input.reason}`, { reason: input.reason });
    foundInBackground(step, detection, 'unknown');
  }
  return true;
}

function change(step: Step, detection: Background, to: Partial<Pick<Background, 'name' | 'timerId'>>): void {
  step.call.background = step.call.background.map((other) => (other.id === detection.id ? { ...other, ...to } : other));
}

function foundInBackground(step: Step, detection: Background, party: Party): void {
  found(step, detection.spot, party);
  raiseFrom(step, detection, `on_${party}`);
}

function found(step: Step, spot: Spot, party: Party): void {
  step.call.detection = party;
  forgetVariables(step, ['detection']);
  report(step, 'progress', spot, `detected: ${party.replace('_', ' ')}`, { detection: party });
}
