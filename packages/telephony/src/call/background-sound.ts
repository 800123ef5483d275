import type { MediaSession, PromptRef } from '@voxology/media';

/** A sound that is repeated for as long as it is wanted: hold music, ringing. */
export interface RepeatedSound {
  /** Asked before every repetition, since a prompt may leave the workers' memory meanwhile. */
  prompt(): Promise<PromptRef>;
  /** It cannot be had: it is not tried again. */
  failed(error: unknown): void;
}

const PREFIX = 'background/';
/** Anything shorter would keep the process busy with starting it. */
const SHORTEST_MS = 100;

/** What a call hears whenever the flow plays nothing: repeated from its beginning, and again after each playback. */
export class BackgroundSound {
  readonly #session: Pick<MediaSession, 'play' | 'stopPlayback'>;
  readonly #foreground = new Set<string>();
  #sound: RepeatedSound | null = null;
  #playing: string | null = null;
  #isPreparing = false;
  #count = 0;

  constructor(session: Pick<MediaSession, 'play' | 'stopPlayback'>) {
    this.#session = session;
  }

  /** Null: nothing any more. */
  set(sound: RepeatedSound | null): void {
    if (sound === this.#sound) return;
    this.#sound = sound;
    if (this.#playing === null) this.#next();
    else this.#session.stopPlayback(this.#playing);
  }

  /** To be told before a playback of the flow is put on the session. */
  interrupt(playbackId: string): void {
    this.#foreground.add(playbackId);
  }

  /** To be told of every playback that ended, or did not begin; true when it was the background's own. */
  ended(playbackId: string): boolean {
    if (this.#playing === playbackId) this.#playing = null;
    this.#foreground.delete(playbackId);
    this.#next();
    return playbackId.startsWith(PREFIX);
  }

  #next(): void {
    const sound = this.#sound;
    if (sound === null || this.#playing !== null || this.#foreground.size > 0 || this.#isPreparing) return;
    this.#isPreparing = true;
    sound
      .prompt()
      .then((prompt) => this.#play(sound, prompt))
      .catch((error: unknown) => this.#failed(sound, error))
      .finally(() => {
        this.#isPreparing = false;
        // Something else may be wanted by now.
        this.#next();
      });
  }

  #play(sound: RepeatedSound, prompt: PromptRef): void {
    if (sound !== this.#sound || this.#foreground.size > 0) return;
    if (prompt.durationMs < SHORTEST_MS) throw new Error(`a sound of ${prompt.durationMs} ms is too short to repeat`);
    const playbackId = `${PREFIX}${++this.#count}`;
    this.#session.play(playbackId, prompt);
    this.#playing = playbackId;
  }

  #failed(sound: RepeatedSound, error: unknown): void {
    if (sound !== this.#sound) return;
    this.#sound = null;
    sound.failed(error);
  }
}
