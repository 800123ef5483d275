import { backgroundsOf } from '../../interpreter/background.ts';
import { fillValue, parametersNow } from '../../interpreter/evaluation.ts';
import type { EventRange } from '../../interpreter/events.ts';
import { stopRecording } from '../../interpreter/recordings.ts';
import { report, type Step } from '../../interpreter/step.ts';
import { forgetVariables } from '../../interpreter/variables.ts';
import type { JsonObject } from '../../io.ts';
import { isJsonObject } from '../../json-value.ts';
import { boolean } from '../../parameters/boolean.ts';
import { choice } from '../../parameters/choice.ts';
import { type CompiledParameters, compileParameters, type Warn } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import type { ParameterValues } from '../../parameters/parameter.ts';
import { textList } from '../../parameters/text.ts';
import { CONTINUE, defineAction, type InstructionOf } from '../action.ts';
import { compileEntryName } from '../collect/entry-name.ts';
import { checkFinishKeys, FINISH_KEYS, finishKeysNow } from '../collect/finish-keys.ts';
import { compileRegion } from '../events/events.ts';
import { abandonMessage, beginMessage, type Message, onMessageInput } from './message.ts';
import { onRecordingInput } from './on-recording-input.ts';
import { backgroundRecording, beginRecording, howRecorded, recordingOptions } from './recording-options.ts';

const parameters = {
  action: choice({
    description:
      'Take a message and wait for its end (`message`); record in the background while the flow goes on (`start`, `stop`, ' +
      '`pause`, `resume`), those of this `name`, or all.',
    options: ['message', 'start', 'stop', 'pause', 'resume'],
    default: 'message',
  }),
  finish_on_key: textList({
    description: 'Key that ends a message; `pound` when not given, `none` for no key.',
    form: FINISH_KEYS,
  }),
  timeout: integer({
    description: 'A message ends when the caller has been silent for so many milliseconds; 0: never.',
    default: 5_000,
    minimum: 0,
    maximum: 3_600_000,
  }),
  beep: boolean({ description: 'A beep before a message.', default: true }),
  ...recordingOptions(1),
};

const MESSAGE_TIME_MS = 120_000;

type Arguments = { parameters: CompiledParameters; name: string | null; prompt: EventRange | null };
type Written = ParameterValues<typeof parameters>;

export const record = defineAction<Arguments, Message>({
  type: 'RECORD',
  summary: 'Records the caller’s message, or the whole call.',
  description:
    'A message: runs the nested `actions` as a prompt, which a key cuts short, beeps, and records the caller until a key of ' +
    '`finish_on_key`, a silence, or `max_time`. `$recordingId` is then its id and `$recordingTime` how long it is in ' +
    'milliseconds, both empty when it failed. With `action` `start` the call is recorded while the flow goes on, through transfers and conferences, ' +
    'until `stop` or the end of the call; `pause` leaves out what follows. The next callback after its end has an entry in ' +
    '`recordings`; when the caller hangs up in a message, or a recording goes on to the end of the call, the last callback has it.',
  example: {
    type: 'RECORD',
    name: 'message',
    params: { max_time: 60000, finish_on_key: '#', timeout: 4000 },
    actions: [{ type: 'SAY', params: { text: 'Please speak after the tone.' } }],
  },
  parameters,
  fields: { name: 'Name of the entry in `recordings`; null when not given.', actions: 'The prompt; may be left out.' },
  shapes: { name: { type: ['string', 'null'] } },
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    checkFinishKeys(compiled, compiler.warn);
    checkUse(entry, compiled, compiler.warn);
    const name = compileEntryName(entry, compiler.warn);
    const instruction = compiler.emit<Arguments>({ parameters: compiled, name, prompt: null });
    const prompt = compileRegion(entry, compiler, 'actions');
    instruction.args = { parameters: compiled, name, prompt };
    instruction.next = compiler.here();
  },
  behaviour: {
    needsMedia: true,
    isOneWithItsList: true,
    start(step, instruction) {
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      const name = nameNow(step, instruction);
      if (written.action !== 'message') {
        inBackground(step, instruction, name, written);
        return CONTINUE;
      }
      step.call.lastRecording = null;
      forgetVariables(step, ['recordingId', 'recordingTime']);
      const namedKeys = written.finish_on_key.length === 0 ? ['#'] : written.finish_on_key;
      const finishKeys = finishKeysNow(step, instruction, namedKeys);
      const message: Message = {
        recordingId: null,
        finishKeys,
        maxTimeMs: written.max_time ?? MESSAGE_TIME_MS,
        timerId: null,
        start: {
          name,
          channels: 1,
          beep: written.beep,
          callerOnly: true,
          silenceMs: written.timeout === 0 ? null : written.timeout,
          ...howRecorded(step, instruction, written),
        },
      };
      const { prompt } = instruction.args;
      if (prompt !== null) return { kind: 'enter', from: prompt.from, to: prompt.to, wait: message };
      return beginMessage(step, instruction, message);
    },
    onInput: onMessageInput,
    onListEnded: beginMessage,
    abandon: (step, _instruction, message) => abandonMessage(step, message),
  },
  onBackground: onRecordingInput,
});

/** What says how a message is taken, and how anything is recorded. */
const OF_A_MESSAGE = ['finish_on_key', 'timeout', 'beep'];
const OF_A_RECORDING = Object.keys(parameters).filter((name) => name !== 'action');

/** Warns of what is written for another `action` than that which is written. */
function checkUse(entry: JsonObject, { fixed, filled }: CompiledParameters, warn: Warn): void {
  const { action, channels } = fixed;
  if (Object.hasOwn(filled ?? {}, 'action')) return;
  if (action === 'message') {
    if (channels === 2) warn('params.channels is of no use to a message, which has one');
    return;
  }
  const params = isJsonObject(entry.params) ? entry.params : {};
  const useless = action === 'start' ? OF_A_MESSAGE : OF_A_RECORDING;
  for (const name of useless) if (Object.hasOwn(params, name)) warn(`params.${name} is of no use to ${action}`);
  if (Object.hasOwn(entry, 'actions')) warn(`actions is the prompt of a message; ${action} does not run it`);
}

function nameNow(step: Step, { args: { name } }: InstructionOf<Arguments>): string | null {
  const filled = name === null ? null : fillValue(step, name);
  return filled === null ? null : String(filled);
}

function inBackground(step: Step, instruction: InstructionOf<Arguments>, name: string | null, written: Written): void {
  const { action } = written;
  if (action === 'start') {
    beginRecording(step, instruction, backgroundRecording(step, instruction, name, written));
    return;
  }
  const meant = backgroundsOf(step, 'recording', name);
  if (meant.length === 0) report(step, 'warning', instruction, `there is no recording to ${action}`);
  for (const recording of meant) {
    const recordingId = recording.id;
    if (action === 'stop') stopRecording(step, recording);
    else step.effects.push({ type: action === 'pause' ? 'pause_recording' : 'resume_recording', recordingId });
  }
}
