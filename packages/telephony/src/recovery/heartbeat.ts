import type { Store } from '@voxology/store';

const SETTING = 'alive';
const PERIOD_MS = 5000;

/** Notes now and then that the process lives, so that calls it leaves behind end when it ended and not when it came back. */
export class Heartbeat {
  readonly #settings: Pick<Store['settings'], 'get' | 'set'>;
  readonly #nowMs: () => number;
  #timer: NodeJS.Timeout | null = null;

  constructor(settings: Pick<Store['settings'], 'get' | 'set'>, nowMs: () => number) {
    this.#settings = settings;
    this.#nowMs = nowMs;
  }

  /** When a process was last known to live; 0 when never. To be asked before {@link start}. */
  async lastMs(): Promise<number> {
    const value = await this.#settings.get(SETTING);
    return typeof value === 'number' ? value : 0;
  }

  /** Beats while `isNeeded`; what cannot be written is told to `onError`. */
  start(isNeeded: () => boolean, onError: (error: unknown) => void): void {
    this.#timer = setInterval(() => {
      if (isNeeded()) this.#settings.set(SETTING, this.#nowMs()).catch(onError);
    }, PERIOD_MS);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }
}
