import { parametersNow } from '../../interpreter/evaluation.ts';
import { reportError } from '../../interpreter/step.ts';
import { addressFault, addressOrBlank, checkAddresses, HTTP_ADDRESS } from '../../parameters/address.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import { textList } from '../../parameters/text.ts';
import { defineAction } from '../action.ts';
import {
  bargeInParameter,
  loopParameter,
  type Playlist,
  playlistBehaviour,
  startPlaylist,
} from '../playback/playlist.ts';

const parameters = {
  url: textList({
    description: 'http(s) address of an audio file, or a list of them played in turn.',
    required: true,
    form: addressOrBlank(HTTP_ADDRESS),
  }),
  loop: loopParameter,
  offset: integer({
    description:
      'Milliseconds into the file at which it begins; of a list into the first file, and with `loop` in the first pass only. ' +
      'Beyond the end of the file there is nothing to play, which is reported.',
    default: 0,
    minimum: 0,
    maximum: 86_400_000,
  }),
  barge_in: bargeInParameter,
};

type Arguments = { parameters: CompiledParameters };

export const play = defineAction<Arguments, Playlist>({
  type: 'PLAY',
  summary: 'Plays audio files.',
  description:
    'Plays `url` to the caller and goes on when it has ended. A file that cannot be played is reported and passed over; ' +
    'when no file of the list could be played, `loop` ends. As the prompt of a COLLECT it ends at the first key.',
  example: { type: 'PLAY', params: { url: 'https://example.com/welcome.mp3' } },
  parameters,
  fields: {},
  forCallees: true,
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    checkAddresses(compiled, 'url', HTTP_ADDRESS, compiler.warn);
    compiler.emit({ parameters: compiled });
  },
  behaviour: {
    ...playlistBehaviour,
    start(step, instruction) {
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      const addresses = written.url.filter((one) => {
        if (one.trim() === '') return false;
        const fault = addressFault(one, HTTP_ADDRESS);
        if (fault !== null) reportError(step, instruction, `${fault}; it is not played`);
        return fault === null;
      });
      const sources = addresses.map((one, index) => ({
        kind: 'url' as const,
        url: one.trim(),
        ...(index === 0 && written.offset > 0 ? { offsetMs: written.offset } : {}),
      }));
      return startPlaylist(step, instruction, sources, written);
    },
  },
});
