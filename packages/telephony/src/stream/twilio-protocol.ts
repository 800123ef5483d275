import type { StreamTrack } from '@voxology/callflow';
import { messageOf, type StreamFacts, type StreamProtocol, type StreamRequest } from './stream-protocol.ts';

/** What we say is Twilio's `inbound` is the remote party's voice, `outbound` what it hears. */
const TRACKS = { far: 'inbound', near: 'outbound' } as const satisfies Record<StreamTrack, string>;
const ENCODINGS = { mulaw: 'audio/x-mulaw', l16: 'audio/x-l16' } as const;

/**
 * The messages of Twilio Media Streams ("Media Streams - WebSocket Messages" of its documentation), so that servers made
 * for it work unchanged. All counters are text, as there; call and account are named by our ids.
 */
export class TwilioProtocol implements StreamProtocol {
  readonly #facts: StreamFacts;
  /** Both stand in every message and may hold anything. */
  readonly #streamSid: string;
  #sequence = 0;
  readonly #chunks = { far: 0, near: 0 };

  constructor(facts: StreamFacts) {
    this.#facts = facts;
    this.#streamSid = JSON.stringify(facts.streamId);
  }

  opened(): string[] {
    const { call, streamId, tracks, codec, sampleRateHz, streamData } = this.#facts;
    const start = {
      accountSid: call.appId,
      streamSid: streamId,
      callSid: call.callId,
      tracks: tracks.map((track) => TRACKS[track]),
      customParameters: textsOf(streamData ?? {}),
      mediaFormat: { encoding: ENCODINGS[codec], sampleRate: sampleRateHz, channels: 1 },
    };
    return [
      JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }),
      JSON.stringify({ event: 'start', sequenceNumber: this.#next(), start, streamSid: streamId }),
    ];
  }

  media(track: StreamTrack, payload: string, timeMs: number): string {
    const chunk = ++this.#chunks[track];
    return (
      `{"event":"media","sequenceNumber":"${this.#next()}","media":{"track":"${TRACKS[track]}","chunk":"${chunk}",` +
      `"timestamp":"${Math.round(timeMs)}","payload":"${payload}"},"streamSid":${this.#streamSid}}`
    );
  }

  digit(digit: string): string | null {
    if (!this.#facts.bidirectional) return null;
    return this.#event('dtmf', { dtmf: { track: 'inbound_track', digit } });
  }

  mark(name: string): string {
    return this.#event('mark', { mark: { name } });
  }

  ended(): string {
    const { call } = this.#facts;
    return this.#event('stop', { stop: { accountSid: call.appId, callSid: call.callId } });
  }

  read(text: string): StreamRequest | null {
    const message = messageOf(text);
    const { event, media, mark } = (message ?? {}) as { event?: unknown; media?: Fields; mark?: Fields };
    if (event === 'clear') return { type: 'clear' };
    if (event === 'media' && typeof media?.payload === 'string') return { type: 'media', payload: media.payload };
    if (event === 'mark' && typeof mark?.name === 'string') return { type: 'mark', name: mark.name };
    return null;
  }

  #event(event: string, fields: object): string {
    return JSON.stringify({ event, sequenceNumber: this.#next(), ...fields, streamSid: this.#facts.streamId });
  }

  #next(): string {
    this.#sequence += 1;
    return String(this.#sequence);
  }
}

type Fields = { payload?: unknown; name?: unknown } | null;

/** Custom parameters are texts there. */
function textsOf(data: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
