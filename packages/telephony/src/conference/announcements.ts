import type { MediaSession, PromptRef, Room } from '@voxology/media';

/** What the members of a room are to hear. */
export interface Announcement {
  /** Asked for when its turn comes; the signal says that the room is closed. */
  prompt(signal: AbortSignal): Promise<PromptRef>;
  /** Whom it is about and who does not hear it. */
  exceptFor: MediaSession;
  failed(error: unknown): void;
  /** Nobody will hear it, since too much else was to be said. */
  dropped(): void;
}

/** Announcements that wait behind the one that is heard. More would be told long after it is true. */
export const MOST_WAITING = 5;

/** What a room is told of who comes and goes: one after the other, in the order in which it came about. */
export class Announcements {
  readonly #room: Pick<Room, 'play' | 'on'>;
  readonly #waiting: Announcement[] = [];
  readonly #closing = new AbortController();
  #isTalking = false;
  #played = 0;

  /** Nobody else plays into the room. */
  constructor(room: Pick<Room, 'play' | 'on'>) {
    this.#room = room;
    room.on('playbackEnded', () => this.#next());
  }

  /** Is heard when those before it are over; of too many that wait the oldest is dropped. */
  announce(announcement: Announcement): void {
    this.#waiting.push(announcement);
    if (!this.#isTalking) this.#next();
    else if (this.#waiting.length > MOST_WAITING) this.#waiting.shift()?.dropped();
  }

  /** The room is about to close: nothing more is said. */
  close(): void {
    this.#waiting.length = 0;
    this.#closing.abort();
  }

  #next(): void {
    const announcement = this.#waiting.shift();
    this.#isTalking = announcement !== undefined;
    if (announcement !== undefined) void this.#play(announcement);
  }

  async #play({ prompt, exceptFor, failed }: Announcement): Promise<void> {
    const { signal } = this.#closing;
    try {
      const sound = await prompt(signal);
      if (!signal.aborted) this.#room.play(`announcement/${++this.#played}`, sound, { exceptFor });
    } catch (error) {
      if (signal.aborted) return;
      failed(error);
      this.#next();
    }
  }
}
