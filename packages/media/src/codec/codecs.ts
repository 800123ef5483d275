import type { AudioCodec, CodecName } from './audio-codec.ts';
import { PCMA, PCMU } from './g711-codec.ts';
import { G722 } from './g722-codec.ts';

/** Every codec the engine speaks. */
export const AUDIO_CODECS: Readonly<Record<CodecName, AudioCodec>> = { PCMU, PCMA, G722 };
