import { compileParameters } from '../../parameters/compile.ts';
import { CONTINUE, defineAction } from '../action.ts';

export const answer = defineAction<null, null>({
  type: 'ANSWER',
  summary: 'Answers the call.',
  description:
    'Answers an inbound call that still rings and goes on when audio can flow; on a call that is up it does nothing. SAY, ' +
    'PLAY and COLLECT answer by themselves, so it is needed only where the moment matters, before a WAIT for example.',
  example: { type: 'ANSWER' },
  parameters: {},
  fields: {},
  compile(entry, compiler) {
    compileParameters({}, entry.params, compiler.warn);
    compiler.emit(null);
  },
  // Needing media is being answered.
  behaviour: { needsMedia: true, start: () => CONTINUE },
});
