import type { PromptRef, SessionStats } from '@voxology/media';

/**
 * The SIP and media side of one call, as the interpreter's effects need it. A leg posts what happens on the wire
 * (`answered`, `digit`, `playback_ended`, `ended`) as inputs; `ended` exactly once.
 */
export interface Leg {
  /** Inbound, before the answer: 180 Ringing. */
  ring(): void;
  /** Inbound: 200 with our SDP. */
  answer(): void;
  play(playbackId: string, prompt: PromptRef): void;
  stopPlayback(playbackId: string): void;
  /** Sends keys to the remote party; a `digits_sent` input follows. */
  sendDigits(sendId: string, digits: string): void;
  /**
   * Ends the leg from our side: BYE, CANCEL or a final failure response, whichever fits its state. `sipStatus` is that
   * response, null for 603.
   */
  hangUp(reason: string, sipStatus: number | null): void;
  /** Gives the media session back. After `ended`. */
  release(): Promise<SessionStats | null>;
}
