/** How a key came: as an event beside the sound (RFC 4733), as a tone in it, or as a SIP INFO. */
export type KeyWay = 'rtp-event' | 'inband' | 'info';

/** So long after the beginning of a press it may come by another way; an INFO is sent at its end. */
const LATEST_MS = 1000;
const LONGEST_PRESS_MS = 10_000;
const MOST_WAITING = 16;

/**
 * The keys of one remote party. Some phones send each press in two ways, to be understood by everybody: it counts once, by
 * whichever came first. The same key pressed again comes by the same way again, and counts.
 */
export class PressedKeys {
  /** Those that came by one way so far. */
  readonly #once: { digit: string; way: KeyWay; atMs: number }[] = [];

  /** Whether this is a press of its own. `durationMs` of it, as far as known; `nowMs` monotonic. */
  isNew(digit: string, way: KeyWay, durationMs: number, nowMs: number): boolean {
    const beganMs = nowMs - Math.min(Math.max(0, durationMs), LONGEST_PRESS_MS);
    const known = this.#once.findIndex(
      (one) => one.digit === digit && one.way !== way && beganMs - one.atMs <= LATEST_MS,
    );
    if (known >= 0) {
      this.#once.splice(0, known + 1);
      return false;
    }
    if (this.#once.push({ digit, way, atMs: nowMs }) > MOST_WAITING) this.#once.shift();
    return true;
  }
}
