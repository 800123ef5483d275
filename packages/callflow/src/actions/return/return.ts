import { compileParameters } from '../../parameters/compile.ts';
import { defineAction } from '../action.ts';

export const returnAction = defineAction<null, null>({
  type: 'RETURN',
  summary: 'Ends the flow that RUN started.',
  description:
    'Leaves the rest of the flow out, loops and branches inside it too, and goes on after the RUN. Outside of a flow it ' +
    'leaves out the rest of the document’s list, and the next callback follows.',
  example: { type: 'RETURN' },
  parameters: {},
  fields: {},
  compile(entry, compiler) {
    compileParameters({}, entry.params, compiler.warn);
    compiler.emit(null);
  },
  forMessages: true,
  forCallees: true,
  behaviour: { needsMedia: false, start: () => ({ kind: 'return' }) },
});
