import type { SessionEvents } from '../session/events.ts';
import type { WorkerCommand } from '../worker/protocol.ts';
import type { StreamSettings, StreamTrack } from './session-streams.ts';

export interface StreamOptions extends StreamSettings {
  /** 20 ms of a track in the stream's format, in base64. `timeMs`: since the stream began. */
  onMedia(track: StreamTrack, payload: string, timeMs: number): void;
  /** Everything written before the mark has been sent to the remote party, or was cleared. */
  onMark(name: string): void;
}

/** A running stream. All methods may be called after its end, for nothing. */
export interface MediaStream {
  /** Sends sound, in base64, to the remote party behind what waits already; beyond two minutes of it, it is dropped. */
  write(payload: string): void;
  mark(name: string): void;
  /** Throws away what was written and not sent yet. */
  clear(): void;
  stop(): void;
}

/** The streams of a session, on the control side. */
export class StreamControl {
  readonly #sessionId: number;
  readonly #post: (command: WorkerCommand) => void;
  readonly #streams = new Map<string, StreamOptions>();
  #next = 1;

  /** `post` drops what is asked of a session that is closed. */
  constructor(sessionId: number, post: (command: WorkerCommand) => void) {
    this.#sessionId = sessionId;
    this.#post = post;
  }

  start(options: StreamOptions): MediaStream {
    const { onMedia: _media, onMark: _mark, ...settings } = options;
    const streamId = String(this.#next++);
    const meant = { sessionId: this.#sessionId, streamId };
    this.#streams.set(streamId, options);
    this.#post({ type: 'startStream', ...meant, settings });
    const post = (command: WorkerCommand) => {
      if (this.#streams.has(streamId)) this.#post(command);
    };
    return {
      write: (payload) => post({ type: 'writeStream', ...meant, payload }),
      mark: (name) => post({ type: 'markStream', ...meant, name }),
      clear: () => post({ type: 'clearStream', ...meant }),
      stop: () => {
        post({ type: 'stopStream', ...meant });
        this.#streams.delete(streamId);
      },
    };
  }

  media({ streamId, track, payload, timeMs }: SessionEvents['streamMedia']): void {
    this.#streams.get(streamId)?.onMedia(track, payload, timeMs);
  }

  mark({ streamId, name }: SessionEvents['streamMark']): void {
    this.#streams.get(streamId)?.onMark(name);
  }
}
