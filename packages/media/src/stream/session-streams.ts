import type { Outgoing } from '../session/outgoing.ts';
import { decodeStreamPayload, StreamEncoder, type StreamFormat } from './stream-format.ts';
import { StreamPlayer } from './stream-player.ts';

/** `far`: what the remote party says; `near`: what we send to it. */
export type StreamTrack = 'far' | 'near';

export interface StreamSettings extends StreamFormat {
  tracks: readonly StreamTrack[];
  /** What is written to the stream is sent to the remote party, where no prompt, bridge or room is; it waits meanwhile. */
  bidirectional: boolean;
}

/** What a stream has to say. */
export interface StreamReport {
  /** `payload` is base64. `timeMs`: since the stream began. */
  media(streamId: string, track: StreamTrack, payload: string, timeMs: number): void;
  mark(streamId: string, name: string): void;
}

interface Stream {
  settings: StreamSettings;
  far: StreamEncoder | null;
  near: StreamEncoder | null;
  player: StreamPlayer | null;
  startedAtMs: number;
  /** Where the sound so far ends, since the stream began. */
  readonly endsMs: { far: number; near: number };
}

/** A worker that was late hands over its frames late; sound further off than this is put where it came. */
const MAX_APART_MS = 200;

/** The streams of one session, in its worker. */
export class SessionStreams {
  readonly #streams = new Map<string, Stream>();
  readonly #outgoing: Outgoing;
  readonly #report: StreamReport;

  constructor(outgoing: Outgoing, report: StreamReport) {
    this.#outgoing = outgoing;
    this.#report = report;
  }

  wants(track: StreamTrack): boolean {
    for (const stream of this.#streams.values()) if (stream[track] !== null) return true;
    return false;
  }

  /** A stream of the same name begins anew. */
  start(streamId: string, settings: StreamSettings, nowMs: number): void {
    this.stop(streamId);
    const { tracks, bidirectional, sampleRateHz } = settings;
    const player = bidirectional ? new StreamPlayer(sampleRateHz, (name) => this.#report.mark(streamId, name)) : null;
    if (player !== null) this.#outgoing.setStreamFeed(player);
    this.#streams.set(streamId, {
      settings,
      far: tracks.includes('far') ? new StreamEncoder(settings) : null,
      near: tracks.includes('near') ? new StreamEncoder(settings) : null,
      player,
      startedAtMs: nowMs,
      endsMs: { far: 0, near: 0 },
    });
  }

  /** `payload` is base64. */
  write(streamId: string, payload: string): void {
    const stream = this.#streams.get(streamId);
    stream?.player?.write(decodeStreamPayload(payload, stream.settings.codec));
  }

  mark(streamId: string, name: string): void {
    this.#streams.get(streamId)?.player?.mark(name);
  }

  clear(streamId: string): void {
    this.#streams.get(streamId)?.player?.clear();
  }

  stop(streamId: string): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    this.#streams.delete(streamId);
    if (stream.player !== null) this.#outgoing.removeFeed(stream.player);
  }

  /** What is heard or sent from `nowMs` on. */
  sound(track: StreamTrack, samples: Int16Array, n: number, sampleRateHz: number, nowMs: number): void {
    for (const [streamId, stream] of this.#streams) {
      const payload = stream[track]?.encode(samples, n, sampleRateHz);
      if (payload === undefined) continue;
      const { endsMs, startedAtMs } = stream;
      const cameMs = Math.max(0, nowMs - startedAtMs);
      const timeMs = Math.abs(cameMs - endsMs[track]) > MAX_APART_MS ? cameMs : endsMs[track];
      endsMs[track] = timeMs + (n * 1000) / sampleRateHz;
      this.#report.media(streamId, track, payload, timeMs);
    }
  }

  close(): void {
    for (const streamId of [...this.#streams.keys()]) this.stop(streamId);
  }
}
