import { parametersNow } from '../../interpreter/evaluation.ts';
import { report } from '../../interpreter/step.ts';
import { isJsonObject } from '../../json-value.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { text } from '../../parameters/text.ts';
import { isSsml } from '../../ssml/ssml.ts';
import { CONTINUE, defineAction } from '../action.ts';
import {
  bargeInParameter,
  loopParameter,
  type Playlist,
  playlistBehaviour,
  startPlaylist,
} from '../playback/playlist.ts';
import { plainSpeech, ssmlSpeech } from './speech-source.ts';

const parameters = {
  text: text({
    description: 'What to say, or an SSML document. `${name}` is replaced by a variable.',
    default: '',
    required: true,
  }),
  loop: loopParameter,
  barge_in: bargeInParameter,
  voice: text({
    description: 'Name of the voice; the configured one when not given.',
    default: null,
    blankIsNone: true,
  }),
  language: text({
    description: 'Language of the text as in `en-US`; the voice’s own when not given.',
    default: null,
    blankIsNone: true,
  }),
};

/** `ssml`: the document as written; its variables are filled after its markup has been read. */
type Arguments = { parameters: CompiledParameters; ssml: string | null };

export const say = defineAction<Arguments, Playlist>({
  type: 'SAY',
  summary: 'Speaks a text.',
  description:
    'Speaks `text` to the caller and goes on when it has been said. A text that cannot be spoken is reported and passed ' +
    'over. As the prompt of a COLLECT it ends at the first key.\n\n' +
    'A text that begins with `<speak` is SSML, any other is spoken as it is. What a variable holds is always spoken, never ' +
    'markup. What of SSML is spoken is told in `docs/ssml.md`.',
  example: { type: 'SAY', params: { text: 'Hello, ${sessionData.firstName}.', loop: 2 } },
  parameters,
  fields: {},
  forCallees: true,
  compile(entry, compiler) {
    const { params } = entry;
    const ssml = isJsonObject(params) && typeof params.text === 'string' && isSsml(params.text) ? params.text : null;
    const written = ssml !== null && isJsonObject(params) ? { ...params, text: '' } : params;
    compiler.emit({ parameters: compileParameters(parameters, written, compiler.warn), ssml });
  },
  behaviour: {
    ...playlistBehaviour,
    start(step, instruction) {
      const { ssml } = instruction.args;
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      const source =
        ssml === null ? plainSpeech(step, instruction, written) : ssmlSpeech(step, instruction, ssml, written);
      if (source !== null) return startPlaylist(step, instruction, [source], written);
      report(step, 'warning', instruction, 'the text is empty; nothing is said');
      return CONTINUE;
    },
  },
});
