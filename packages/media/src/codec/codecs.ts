import type { AudioCodec, CodecName } from './audio-codec.ts';
import { PCMA, PCMU } from './g711-codec.ts';
import { G722 } from './g722-codec.ts';
import { OPUS } from './opus-codec.ts';
import { opusUnavailability } from './opus-library.ts';

/** Every codec the engine speaks. */
export const AUDIO_CODECS: Readonly<Record<CodecName, AudioCodec>> = { PCMU, PCMA, G722, opus: OPUS };

/** Why this codec cannot be used on this machine, for people; null when it can. */
export function codecUnavailability(name: CodecName): string | null {
  return name === 'opus' ? opusUnavailability() : null;
}
