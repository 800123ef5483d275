import type { CodecName, EncoderParameters } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import type { RemoteFormat } from './remote-description.ts';

/** A payload type with its `a=rtpmap` and `a=fmtp`. */
export interface LocalFormat {
  payloadType: number;
  rtpmap: string;
  fmtp: string | null;
}

/** All sixteen DTMF digits (RFC 4733 §2.4.1). */
const EVENT_FMTP = '0-15';
/** Packets from 10 ms on, one channel, no more than 16 kHz; copies of lost packets are made use of (RFC 7587 §6.1). */
const OPUS_FMTP = 'minptime=10;useinbandfec=1;stereo=0;maxplaybackrate=16000;sprop-maxcapturerate=16000';
/** Opus says two channels whatever it carries (RFC 7587 §7). */
const OPUS_RTPMAP = 'opus/48000/2';

/** Whether a format of the far side is this codec. */
export function isFormatOf({ name, clockRateHz, channels }: RemoteFormat, codec: CodecName): boolean {
  if (name !== codec.toUpperCase() || clockRateHz !== AUDIO_CODECS[codec].clockRateHz) return false;
  return channels === 1 || codec === 'opus';
}

export function audioFormat(codec: CodecName, payloadType: number): LocalFormat {
  if (codec === 'opus') return { payloadType, rtpmap: OPUS_RTPMAP, fmtp: OPUS_FMTP };
  return { payloadType, rtpmap: `${codec}/${AUDIO_CODECS[codec].clockRateHz}`, fmtp: null };
}

export function eventFormat(payloadType: number, clockRateHz: number): LocalFormat {
  return { payloadType, rtpmap: `telephone-event/${clockRateHz}`, fmtp: EVENT_FMTP };
}

/** What the far side asks of our encoder; null for codecs that have no such wishes. */
export function encoderParameters(codec: CodecName, fmtp: string): EncoderParameters | null {
  if (codec !== 'opus') return null;
  const parameters = new Map<string, string>();
  for (const parameter of fmtp.split(';')) {
    const [name = '', value = ''] = parameter.split('=', 2);
    parameters.set(name.trim().toLowerCase(), value.trim());
  }
  const bitrate = Number(parameters.get('maxaveragebitrate'));
  return {
    maxBitrateBps: Number.isInteger(bitrate) && bitrate > 0 ? bitrate : null,
    forwardErrorCorrection: parameters.get('useinbandfec') === '1',
    constantBitrate: parameters.get('cbr') === '1',
  };
}
