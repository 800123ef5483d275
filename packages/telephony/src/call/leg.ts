import type { MediaSession, PromptRef, SessionStats } from '@voxology/media';
import type { RepeatedSound } from './background-sound.ts';

/**
 * The SIP and media side of one call, as the interpreter's effects need it. A leg posts what happens on the wire
 * (`answered`, `digit`, `playback_ended`, `ended`) as inputs; `ended` exactly once.
 */
export interface Leg {
  /** Null for a call that had nowhere to go. */
  readonly session: MediaSession | null;
  /** Inbound, before the answer: 180 Ringing. */
  ring(): void;
  /** Inbound, before the answer: 183 with our SDP, so that the caller hears what it would hear once answered. */
  earlyMedia(): void;
  /** Inbound: 200 with our SDP. */
  answer(): void;
  /** Begins `offsetMs` behind the prompt's beginning. */
  play(playbackId: string, prompt: PromptRef, offsetMs?: number): void;
  stopPlayback(playbackId: string): void;
  /** What is heard, over and over, whenever nothing else is played; null: nothing. */
  background(sound: RepeatedSound | null): void;
  /** Sends keys to the remote party; a `digits_sent` input follows. */
  sendDigits(sendId: string, digits: string): void;
  /**
   * Keys that come in SIP (INFO) go to this session too, as the media engine forwards those that come in the sound; null:
   * to none.
   */
  passKeysTo(session: MediaSession | null): void;
  /**
   * Ends the leg from our side: BYE, CANCEL or a final failure response, whichever fits its state. `sipStatus` is that
   * response, null for 603.
   */
  hangUp(reason: string, sipStatus: number | null): void;
  /** Gives the media session back. After `ended`. */
  release(): Promise<SessionStats | null>;
}
