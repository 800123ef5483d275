import { parametersNow } from '../../interpreter/evaluation.ts';
import { programOf } from '../../interpreter/frames.ts';
import { reportError } from '../../interpreter/step.ts';
import { didYouMean } from '../../nearest-name.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { text } from '../../parameters/text.ts';
import { CONTINUE, defineAction } from '../action.ts';

const parameters = {
  flow: text({ description: 'Name of the flow, exactly as written in `flows`.', default: '', required: true }),
};

type Arguments = { parameters: CompiledParameters };

export const run = defineAction<Arguments, { flow: string }>({
  type: 'RUN',
  summary: 'Runs a named flow of the document.',
  description:
    'The flows are the members of `flows` at the top of the document, each a list of actions. When the flow is used up, or ' +
    'at a RETURN, the list goes on after the RUN. Variables are shared, so they carry arguments and results. A flow may run ' +
    'others and itself; at 64 open lists a RUN is reported and passed over, as is one of a flow that does not exist. GOTO ' +
    'stays within its flow.',
  example: { type: 'RUN', params: { flow: 'greeting' } },
  parameters,
  fields: {},
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    const { flow } = compiled.fixed;
    if (compiled.filled === null && typeof flow === 'string' && flow !== '' && !compiler.flowNames.includes(flow)) {
      compiler.warn(() => `${missing(flow)}${didYouMean(flow, compiler.flowNames)}`);
    }
    compiler.emit({ parameters: compiled });
  },
  forMessages: true,
  forCallees: true,
  behaviour: {
    needsMedia: false,
    start(step, instruction) {
      const { flow } = parametersNow(step, instruction, parameters, instruction.args.parameters);
      const { strand } = step;
      const flows = (strand && programOf(step.call, strand)?.flows) ?? {};
      const range = Object.hasOwn(flows, flow) ? flows[flow] : undefined;
      if (range === undefined) {
        reportError(step, instruction, `${missing(flow)}; RUN is passed over`, { flow: flow.slice(0, 60) });
        return CONTINUE;
      }
      const { maxOpenLists } = step.limits;
      if (strand !== null && strand.frames.length >= maxOpenLists) {
        reportError(step, instruction, `${maxOpenLists} lists are open already; RUN is passed over`, { flow });
        return CONTINUE;
      }
      return { kind: 'enter', as: 'flow', from: range.from, to: range.to, wait: { flow } };
    },
  },
});

function missing(flow: string): string {
  return `there is no flow "${flow.slice(0, 60)}" in the document`;
}
