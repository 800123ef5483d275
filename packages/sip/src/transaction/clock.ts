import { type HeapTimer, TimerHeap } from './timer-heap.ts';

/** A pending call-back of a `Clock`. */
export interface Timer {
  /** Absolute time on the clock's own scale, in milliseconds, at which the call-back runs. */
  readonly dueMs: number;
}

/**
 * Where the stack takes time from. The system clock serves production; the virtual one lets a test pass 32 seconds of
 * SIP timers in no time and in a repeatable order.
 */
export interface Clock {
  /** Milliseconds on a scale that never goes back. */
  now(): number;
  /** Runs `callback` once, `delayMs` from now. */
  schedule(delayMs: number, callback: () => void): Timer;
  /** Forgets a timer. Harmless when it has already run or been cancelled. */
  cancel(timer: Timer): void;
}

/**
 * Real time. All timers share one heap and one `setTimeout` to the earliest of them, so that tens of thousands of live
 * transactions cost the event loop one timer.
 */
export class SystemClock implements Clock {
  readonly #heap = new TimerHeap();
  readonly #onError: (error: unknown) => void;
  #handle: NodeJS.Timeout | undefined;
  #wakeMs = Number.POSITIVE_INFINITY;

  /** `onError` is told what a call-back threw; the other timers run all the same. Default: rethrown as uncaught. */
  constructor(onError: (error: unknown) => void = rethrowLater) {
    this.#onError = onError;
  }

  now(): number {
    return performance.now();
  }

  schedule(delayMs: number, callback: () => void): Timer {
    const timer = this.#heap.add(this.now() + delayMs, callback);
    if (timer.dueMs < this.#wakeMs) this.#sleepUntil(timer.dueMs);
    return timer;
  }

  cancel(timer: Timer): void {
    this.#heap.remove(timer as HeapTimer);
    // An idle process may end: nothing is left to wait for. A wake-up for a cancelled timer otherwise just re-arms.
    if (this.#heap.size === 0) this.#stop();
  }

  /** Forgets all timers, so that nothing keeps the process alive. */
  stop(): void {
    for (let timer = this.#heap.peek(); timer !== undefined; timer = this.#heap.peek()) this.#heap.remove(timer);
    this.#stop();
  }

  #sleepUntil(dueMs: number): void {
    if (this.#handle !== undefined) clearTimeout(this.#handle);
    this.#wakeMs = dueMs;
    this.#handle = setTimeout(() => this.#wake(), Math.max(0, Math.ceil(dueMs - this.now())));
  }

  #stop(): void {
    if (this.#handle !== undefined) clearTimeout(this.#handle);
    this.#handle = undefined;
    this.#wakeMs = Number.POSITIVE_INFINITY;
  }

  #wake(): void {
    this.#handle = undefined;
    // While the due timers run, new ones need no wake-up of their own: the end of this turn arms the earliest.
    this.#wakeMs = Number.NEGATIVE_INFINITY;
    const now = this.now();
    for (let timer = this.#heap.takeDue(now); timer !== undefined; timer = this.#heap.takeDue(now)) {
      try {
        timer.callback();
      } catch (error) {
        this.#onError(error);
      }
    }
    this.#wakeMs = Number.POSITIVE_INFINITY;
    const next = this.#heap.peek();
    if (next !== undefined) this.#sleepUntil(next.dueMs);
  }
}

/** A clock that stands still until a test moves it. Timers run in the order of their time, then of their making. */
export class VirtualClock implements Clock {
  readonly #heap = new TimerHeap();
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, callback: () => void): Timer {
    return this.#heap.add(this.#nowMs + Math.max(0, delayMs), callback);
  }

  cancel(timer: Timer): void {
    this.#heap.remove(timer as HeapTimer);
  }

  /** The number of timers waiting. */
  get pending(): number {
    return this.#heap.size;
  }

  /** Moves time on by `durationMs`, running every timer that falls due, those made on the way included. */
  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (let timer = this.#heap.takeDue(endMs); timer !== undefined; timer = this.#heap.takeDue(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      timer.callback();
    }
    this.#nowMs = endMs;
  }
}

function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
