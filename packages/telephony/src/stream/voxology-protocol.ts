import type { StreamTrack } from '@voxology/callflow';
import { messageOf, type StreamFacts, type StreamProtocol, type StreamRequest } from './stream-protocol.ts';

/**
 * Our own messages (voxology-api.md §6.4). `live_track` is the published one; `start_stream`, `end_stream`, `digit`, and
 * what a far end may send (`play_media`, `mark`, `clear`) are decisions of ours.
 */
export class VoxologyProtocol implements StreamProtocol {
  readonly #facts: StreamFacts;
  readonly #streamId: number;
  readonly #callId: string;
  #sequence = 0;
  readonly #trackSequence = { far: 0, near: 0 };

  /** `streamNumber`: the published messages name the stream by an integer. */
  constructor(facts: StreamFacts, streamNumber: number) {
    this.#facts = facts;
    this.#streamId = streamNumber;
    this.#callId = JSON.stringify(facts.call.callId);
  }

  opened(): string[] {
    const { call, name, tracks, bidirectional, codec, sampleRateHz, streamData } = this.#facts;
    return [
      this.#message('start_stream', {
        stream_name: name,
        api_no: call.apiNo,
        caller_no: call.callerNo,
        direction: call.direction,
        app_id: call.appId,
        tracks,
        bidirectional,
        media_format: { codec, sample_rate: sampleRateHz, channels: 1 },
        stream_data: streamData,
      }),
    ];
  }

  media(track: StreamTrack, payload: string): string {
    this.#trackSequence[track] += 1;
    return (
      `{"stream_id":${this.#streamId},"type":"live_track","stream_sequence_number":${this.#next()},` +
      `"track_sequence_number":${this.#trackSequence[track]},"media":"${payload}","call_id":${this.#callId},"name":"${track}"}`
    );
  }

  digit(digit: string): string {
    return this.#message('digit', { digit });
  }

  mark(name: string): string {
    return this.#message('mark', { mark: name });
  }

  ended(): string {
    return this.#message('end_stream', {});
  }

  read(text: string): StreamRequest | null {
    const message = messageOf(text);
    if (message?.type === 'clear') return { type: 'clear' };
    if (message?.type === 'play_media' && typeof message.media === 'string') {
      return { type: 'media', payload: message.media };
    }
    if (message?.type === 'mark' && typeof message.mark === 'string') return { type: 'mark', name: message.mark };
    return null;
  }

  #message(type: string, fields: object): string {
    return JSON.stringify({
      stream_id: this.#streamId,
      type,
      stream_sequence_number: this.#next(),
      call_id: this.#facts.call.callId,
      ...fields,
    });
  }

  #next(): number {
    this.#sequence += 1;
    return this.#sequence;
  }
}
