/** The time a clock runs on; virtual in tests. */
export interface ClockTime {
  /** Monotonic milliseconds with fractions. */
  now(): number;
  /** Calls `callback` once after at least `delayMs`; the result cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

export const SYSTEM_TIME: ClockTime = {
  now: () => performance.now(),
  after(delayMs, callback) {
    let immediate: NodeJS.Immediate | undefined;
    // After the sockets were read: what came while the thread was late must be there before it is missed.
    const timer = setTimeout(() => {
      immediate = setImmediate(callback);
    }, delayMs);
    return () => {
      clearTimeout(timer);
      clearImmediate(immediate);
    };
  },
};

export interface ClockOptions {
  tickMs: number;
  /** Ticks that are later than this are left out instead of made up for: nobody wants a second of old sound at once. */
  maxCatchUpMs: number;
  /** `tick` counts from 1 and grows by more than one only over ticks left out. */
  onTick: (tick: number, nowMs: number) => void;
  time: ClockTime;
}

/** How well the clock kept its time. */
export interface ClockStats {
  ticks: number;
  skippedTicks: number;
  /** Ticks run more than 10 ms after their time. */
  lateTicks: number;
  maxLateMs: number;
}

const LATE_MS = 10;

/** Ticks at exact multiples of its period from its start: late timers shift nothing, missed ticks follow at once. */
export class Clock {
  readonly #options: ClockOptions;
  readonly stats: ClockStats = { ticks: 0, skippedTicks: 0, lateTicks: 0, maxLateMs: 0 };
  #originMs = 0;
  #tick = 0;
  #cancel: (() => void) | null = null;
  readonly #run = () => this.#catchUp();

  constructor(options: ClockOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#cancel !== null;
  }

  /** Starts or, after {@link stop}, goes on with the next tick number. */
  start(): void {
    if (this.#cancel !== null) return;
    this.#originMs = this.#options.time.now() - this.#tick * this.#options.tickMs;
    this.#arm();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #arm(): void {
    const dueMs = this.#originMs + (this.#tick + 1) * this.#options.tickMs;
    this.#cancel = this.#options.time.after(Math.max(0, Math.ceil(dueMs - this.#options.time.now())), this.#run);
  }

  #catchUp(): void {
    const { tickMs, maxCatchUpMs, onTick, time } = this.#options;
    const nowMs = time.now();
    const reached = Math.floor((nowMs - this.#originMs) / tickMs);
    const overdue = reached - this.#tick - Math.ceil(maxCatchUpMs / tickMs);
    if (overdue > 0) {
      this.#tick += overdue;
      this.stats.skippedTicks += overdue;
    }
    while (this.#tick < reached) {
      this.#tick++;
      this.#measure(nowMs - this.#originMs - this.#tick * tickMs);
      onTick(this.#tick, nowMs);
      if (this.#cancel === null) return;
    }
    this.#arm();
  }

  #measure(lateMs: number): void {
    this.stats.ticks++;
    if (lateMs > LATE_MS) this.stats.lateTicks++;
    if (lateMs > this.stats.maxLateMs) this.stats.maxLateMs = lateMs;
  }
}
