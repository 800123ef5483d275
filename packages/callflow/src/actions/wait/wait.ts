import { parametersNow } from '../../interpreter/evaluation.ts';
import { isRinging, rangTooLong, ringTimeLeft } from '../../interpreter/ringing.ts';
import { cancelTimer, setTimer } from '../../interpreter/step.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import { CONTINUE, defineAction } from '../action.ts';

const parameters = {
  time: integer({
    description: 'Milliseconds to wait.',
    default: 1_000,
    minimum: 0,
    maximum: 3_600_000,
    required: true,
  }),
};

type Arguments = { parameters: CompiledParameters };
type Waiting = { timerId: string; givesUp: boolean };

export const wait = defineAction<Arguments, Waiting>({
  type: 'WAIT',
  summary: 'Lets time pass.',
  description:
    'Does nothing for `time` and goes on. The caller hears silence; keys pressed meanwhile are ignored. It does not answer ' +
    'the call: before the answer the caller hears it ring, for three minutes in all, then the call is given up with the SIP status 480.',
  example: { type: 'WAIT', params: { time: 2000 } },
  parameters,
  fields: {},
  compile(entry, compiler) {
    compiler.emit({ parameters: compileParameters(parameters, entry.params, compiler.warn) });
  },
  forMessages: true,
  forCallees: true,
  behaviour: {
    needsMedia: false,
    start(step, instruction) {
      const { time } = parametersNow(step, instruction, parameters, instruction.args.parameters);
      if (time === 0) return CONTINUE;
      const ringMs = ringTimeLeft(step);
      if (ringMs <= 0) return rangTooLong(step, 'WAIT');
      const timerId = setTimer(step, Math.min(time, ringMs));
      return { kind: 'wait', wait: { timerId, givesUp: time > ringMs } };
    },
    onInput(step, _instruction, { timerId, givesUp }, input) {
      if (input.type !== 'timer' || input.timerId !== timerId) return null;
      return givesUp && isRinging(step) ? rangTooLong(step, 'WAIT') : CONTINUE;
    },
    abandon: (step, _instruction, { timerId }) => cancelTimer(step, timerId),
  },
});
