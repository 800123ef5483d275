import type { HoldMusic, Json } from '../../io.ts';
import { kindOf } from '../../json-value.ts';
import { asWritten, type Parameter, type Reading } from '../../parameters/parameter.ts';

/** `hold_music`: an address, a text, `false` for silence; null (and `true`) for the configured music. */
export const holdMusicParameter: Parameter<string | false | null> = {
  kind: 'text',
  description:
    'What it hears while it is alone, waits for the start or is on hold: an http(s) address, a text to say, or `false` for ' +
    'silence; the configured music when not given.',
  required: false,
  default: null,
  read: readHoldMusic,
};

function readHoldMusic(written: Json): Reading<string | false | null> {
  if (written === null || written === true || written === 'true') return asWritten(null);
  if (written === false || written === 'false' || written === 'none') return asWritten(false);
  if (typeof written === 'string') return asWritten(written.trim() === '' ? null : written.trim());
  return { value: null, verdict: 'refused', message: `is ${kindOf(written)}; an address, a text or false is expected` };
}

export function holdMusicOf(written: string | false | null, maxCharacters: number): HoldMusic {
  if (written === null) return { kind: 'default' };
  if (written === false) return { kind: 'none' };
  if (/^https?:\/\//i.test(written)) return { kind: 'url', url: written };
  return { kind: 'say', text: written.slice(0, maxCharacters), voice: null, language: null };
}
