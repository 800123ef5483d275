import { parametersNow } from '../../interpreter/evaluation.ts';
import type { EventRange } from '../../interpreter/events.ts';
import { cancelTimer, emitWhileUp, newId, report, reportError, setTimer } from '../../interpreter/step.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import { CONTINUE, defineAction } from '../action.ts';
import { compileRegion } from '../events/events.ts';

const parameters = {
  timeout: integer({
    description: 'Milliseconds to wait for the beep; then the message is left all the same.',
    default: 30_000,
    minimum: 0,
    maximum: 300_000,
  }),
};

type Arguments = { parameters: CompiledParameters; message: EventRange | null };
/** `detectionId` is null when the message is being left. */
type Leaving = { detectionId: string | null; timerId: string | null };

export const voicemail = defineAction<Arguments, Leaving>({
  type: 'VOICEMAIL',
  summary: 'Leaves a message on an answering machine.',
  description:
    'Waits until the tone of the machine has ended and runs the nested `actions`, then the flow goes on. To know whether a ' +
    'machine has answered, DETECT comes before it.',
  example: {
    type: 'VOICEMAIL',
    actions: [{ type: 'SAY', params: { text: 'This is a message for ${sessionData.name}.' } }, { type: 'HANGUP' }],
  },
  parameters,
  fields: { actions: 'The message.' },
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    if (!Object.hasOwn(entry, 'actions')) compiler.warn('actions is missing; there is no message to leave');
    const instruction = compiler.emit<Arguments>({ parameters: compiled, message: null });
    instruction.args = { parameters: compiled, message: compileRegion(entry, compiler, 'actions') };
    instruction.next = compiler.here();
  },
  behaviour: {
    needsMedia: true,
    start(step, instruction) {
      const { timeout } = parametersNow(step, instruction, parameters, instruction.args.parameters);
      const detectionId = newId(step, 'e');
      step.effects.push({ type: 'start_detection', detectionId, want: ['beep'] });
      return { kind: 'wait', wait: { detectionId, timerId: setTimer(step, timeout) } };
    },
    onInput(step, instruction, { detectionId, timerId }, input) {
      if (detectionId === null) return null;
      if (input.type === 'timer' && input.timerId === timerId) {
        step.effects.push({ type: 'stop_detection', detectionId });
        report(step, 'warning', instruction, 'no beep was heard; the message is left all the same');
      } else if (input.type === 'beep_detected' && input.detectionId === detectionId) {
        step.effects.push({ type: 'stop_detection', detectionId });
        report(step, 'progress', instruction, 'the beep is over');
      } else if (input.type === 'detection_failed' && input.detectionId === detectionId) {
        reportError(step, instruction, `the beep cannot be waited for: ${input.reason}`, { reason: input.reason });
      } else {
        return null;
      }
      if (timerId !== null) cancelTimer(step, timerId);
      const { message } = instruction.args;
      if (message === null) return CONTINUE;
      return { kind: 'enter', from: message.from, to: message.to, wait: { detectionId: null, timerId: null } };
    },
    onListEnded: () => CONTINUE,
    abandon(step, _instruction, { detectionId, timerId }) {
      if (timerId !== null) cancelTimer(step, timerId);
      if (detectionId !== null) emitWhileUp(step, { type: 'stop_detection', detectionId });
    },
  },
});
