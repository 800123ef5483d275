import { parametersNow } from '../../interpreter/evaluation.ts';
import { report } from '../../interpreter/step.ts';
import { choice } from '../../parameters/choice.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { defineAction } from '../action.ts';

/** RFC 3261 §21.4 and §21.6. */
const SIP_STATUS = { busy: 486, declined: 603, unavailable: 480, not_found: 404 } as const;

const parameters = {
  reason: choice({
    description: 'What the caller is told: SIP status 486, 603, 480 or 404.',
    options: ['busy', 'declined', 'unavailable', 'not_found'],
    default: 'declined',
  }),
};

type Arguments = { parameters: CompiledParameters };

export const reject = defineAction<Arguments, null>({
  type: 'REJECT',
  summary: 'Turns an inbound call away without answering it.',
  description:
    'The caller hears what their telephone makes of the reason, a busy tone for example; the actions after it are not run ' +
    'and the last callback follows. A call that has been answered cannot be rejected: that is reported and it is hung up.',
  example: { type: 'REJECT', params: { reason: 'busy' } },
  parameters,
  fields: {},
  compile(entry, compiler) {
    compiler.emit({ parameters: compileParameters(parameters, entry.params, compiler.warn) });
  },
  behaviour: {
    needsMedia: false,
    start(step, instruction) {
      const { reason } = parametersNow(step, instruction, parameters, instruction.args.parameters);
      const { answerAsked, answeredAtMs } = step.call;
      if (answerAsked || answeredAtMs !== null) {
        report(step, 'warning', instruction, 'the call has been answered and cannot be rejected; it is hung up');
        return { kind: 'hang_up', reason: 'REJECT after the answer', sipStatus: null };
      }
      return { kind: 'hang_up', reason: `REJECT: ${reason}`, sipStatus: SIP_STATUS[reason] };
    },
  },
});
