import type { MediaSession } from '../media-session.ts';

/** What sessions hear each other in: a bridge or a room. A session is in at most one. */
export interface SessionGroup {
  /** @internal The session ended by itself: forget it. */
  sessionEnded(session: MediaSession): void;
}
