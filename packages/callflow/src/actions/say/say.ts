import { parametersNow } from '../../interpreter/evaluation.ts';
import { report } from '../../interpreter/step.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { text } from '../../parameters/text.ts';
import { CONTINUE, defineAction } from '../action.ts';
import {
  bargeInParameter,
  loopParameter,
  type Playlist,
  playlistBehaviour,
  startPlaylist,
} from '../playback/playlist.ts';

const parameters = {
  text: text({ description: 'What to say. `${name}` is replaced by a variable.', default: '', required: true }),
  loop: loopParameter,
  barge_in: bargeInParameter,
  voice: text({ description: 'Name of the voice; the configured one when not given.', default: null }),
  language: text({ description: 'Language of the text as in `en-US`; the voice’s own when not given.', default: null }),
};

type Arguments = { parameters: CompiledParameters };

export const say = defineAction<Arguments, Playlist>({
  type: 'SAY',
  summary: 'Speaks a text.',
  description:
    'Speaks `text` to the caller and goes on when it has been said. A text that cannot be spoken is reported and passed ' +
    'over. As the prompt of a COLLECT it ends at the first key.',
  example: { type: 'SAY', params: { text: 'Hello, ${sessionData.firstName}.', loop: 2 } },
  parameters,
  fields: {},
  compile(entry, compiler) {
    compiler.emit({ parameters: compileParameters(parameters, entry.params, compiler.warn) });
  },
  behaviour: {
    ...playlistBehaviour,
    start(step, instruction) {
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      const { text, voice, language } = written;
      if (text.trim() === '') {
        report(step, 'warning', instruction, 'the text is empty; nothing is said');
        return CONTINUE;
      }
      const { maxSayCharacters } = step.limits;
      if (text.length > maxSayCharacters) {
        report(step, 'warning', instruction, `the text has ${text.length} characters; ${maxSayCharacters} are said`);
      }
      const source = { kind: 'say' as const, text: text.slice(0, maxSayCharacters), voice, language };
      return startPlaylist(step, instruction, [source], written);
    },
  },
});
