import { compileParameters } from '../../parameters/compile.ts';
import { defineAction } from '../action.ts';

export const hangup = defineAction<null, null>({
  type: 'HANGUP',
  summary: 'Ends the call.',
  description:
    'Ends the call; the actions after it are not run. Before the answer the call is declined. The last callback follows.',
  example: { type: 'HANGUP' },
  parameters: {},
  fields: {},
  compile(entry, compiler) {
    compileParameters({}, entry.params, compiler.warn);
    compiler.emit(null);
  },
  forMessages: true,
  forCallees: true,
  behaviour: {
    needsMedia: false,
    start: () => ({ kind: 'hang_up', reason: 'HANGUP', sipStatus: null }),
  },
});
