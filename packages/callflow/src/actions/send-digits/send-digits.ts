import { parametersNow } from '../../interpreter/evaluation.ts';
import { report, reportError, sendDigits } from '../../interpreter/step.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { text } from '../../parameters/text.ts';
import { CONTINUE, defineAction } from '../action.ts';

const parameters = {
  digits: text({
    description:
      'Keys to send: `0`-`9`, `*`, `#`, `A`-`D`; `w` waits half a second. Spaces, `-`, `(`, `)` and `.` are skipped.',
    default: '',
    required: true,
    form: '^[0-9*#A-Da-dWw\\s().-]*$',
  }),
};

type Arguments = { parameters: CompiledParameters };
type Sending = { sendId: string };

export const sendDigitsAction = defineAction<Arguments, Sending>({
  type: 'SEND_DIGITS',
  summary: 'Sends key tones to the remote party.',
  description:
    'Sends `digits` as a telephone keypad would, to operate another menu or reach an extension, and goes on when they are ' +
    'sent. What has been begun is sent to its end, also when the action is cut short. A failure is reported and passed over.',
  example: { type: 'SEND_DIGITS', params: { digits: '1ww204#' } },
  parameters,
  fields: {},
  forCallees: true,
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    const { digits } = compiled.fixed;
    if (compiled.filled === null && typeof digits === 'string') {
      const { unknown } = keysIn(digits);
      if (unknown !== '') compiler.warn(noKeys(unknown));
    }
    compiler.emit({ parameters: compiled });
  },
  behaviour: {
    needsMedia: true,
    start(step, instruction) {
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      const { keys, unknown } = keysIn(written.digits);
      const { maxDigits } = step.limits;
      if (unknown !== '') report(step, 'warning', instruction, noKeys(unknown));
      if (keys === '') {
        report(step, 'warning', instruction, 'there are no digits to send');
        return CONTINUE;
      }
      if (keys.length > maxDigits) {
        report(step, 'warning', instruction, `there are ${keys.length} digits; ${maxDigits} are sent`);
      }
      return { kind: 'wait', wait: { sendId: sendDigits(step, keys.slice(0, maxDigits)) } };
    },
    onInput(step, instruction, { sendId }, input) {
      if (input.type !== 'digits_sent' || input.sendId !== sendId) return null;
      if (input.error !== null) {
        reportError(step, instruction, `the digits could not be sent: ${input.error}`, { reason: input.error });
      }
      return CONTINUE;
    },
  },
});

/** Keys as they are sent, and what is none. Marks that people write into numbers are neither. */
function keysIn(written: string): { keys: string; unknown: string } {
  const bare = written.replace(/[\s().-]/g, '');
  const keys = bare
    .replace(/[^0-9*#A-DW]/gi, '')
    .toUpperCase()
    .replaceAll('W', 'w');
  return { keys, unknown: bare.replace(/[0-9*#A-DW]/gi, '').slice(0, 20) };
}

function noKeys(unknown: string): string {
  return `params.digits: "${unknown}" is no key; it is left out`;
}
