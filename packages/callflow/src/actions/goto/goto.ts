import { parametersNow } from '../../interpreter/evaluation.ts';
import { reportError } from '../../interpreter/step.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { text } from '../../parameters/text.ts';
import { defineAction } from '../action.ts';

const parameters = {
  label: text({
    description: 'Name of the LABEL, exactly as written there.',
    default: '',
    required: true,
    form: '^[^$]*$',
    isLiteral: true,
  }),
};

/** `target` is null when the label does not exist. */
type Arguments = { parameters: CompiledParameters; target: number | null };

export const goto = defineAction<Arguments, null>({
  type: 'GOTO',
  summary: 'Goes on at a LABEL.',
  description:
    'Looks for the label in its own list, then in each list around it, then in the document’s other branches. Going ' +
    'backwards is allowed; a loop that neither plays nor waits is ended. When the label does not exist, that is ' +
    'reported, the rest of the list is left out and the next callback follows.',
  example: { type: 'GOTO', params: { label: 'AGAIN' } },
  parameters,
  fields: {},
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    const instruction = compiler.emit<Arguments>({ parameters: compiled, target: null });
    if (compiled.filled !== null) {
      compiler.warn('params.label cannot hold a variable; use IF with a GOTO in each branch');
      return;
    }
    const label = compiled.fixed.label;
    if (typeof label !== 'string' || label === '') return;
    compiler.goto(instruction, label, (target) => {
      instruction.args = { parameters: compiled, target };
    });
  },
  forMessages: true,
  forCallees: true,
  behaviour: {
    needsMedia: false,
    start(step, instruction) {
      const { target } = instruction.args;
      if (target !== null) return { kind: 'jump', to: target };
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      const label = written.label.slice(0, 60);
      reportError(step, instruction, `there is no LABEL "${label}"; the rest of the list is left out`, { label });
      return { kind: 'leave' };
    },
  },
});
