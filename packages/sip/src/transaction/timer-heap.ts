/** A timer inside a `TimerHeap`; `index` is its place in the heap, -1 when it is not in it. */
export interface HeapTimer {
  dueMs: number;
  order: number;
  index: number;
  callback: () => void;
}

/** A binary heap of timers, earliest first, ties in the order of adding. Adding and removing cost O(log n). */
export class TimerHeap {
  readonly #timers: HeapTimer[] = [];
  #order = 0;

  get size(): number {
    return this.#timers.length;
  }

  peek(): HeapTimer | undefined {
    return this.#timers[0];
  }

  add(dueMs: number, callback: () => void): HeapTimer {
    const timer: HeapTimer = { dueMs, order: this.#order++, index: this.#timers.length, callback };
    this.#timers.push(timer);
    this.#up(timer);
    return timer;
  }

  remove(timer: HeapTimer): void {
    const { index } = timer;
    if (index < 0) return;
    timer.index = -1;
    timer.callback = nothing;
    const last = this.#timers.pop();
    if (last === undefined || last === timer) return;
    last.index = index;
    this.#timers[index] = last;
    this.#up(last);
    this.#down(last);
  }

  /** Takes the earliest timer out if it is due at `nowMs`. */
  takeDue(nowMs: number): { dueMs: number; callback: () => void } | undefined {
    const first = this.#timers[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    const { dueMs, callback } = first;
    this.remove(first);
    return { dueMs, callback };
  }

  #up(timer: HeapTimer): void {
    while (timer.index > 0) {
      const parent = this.#timers[(timer.index - 1) >> 1];
      if (parent === undefined || !before(timer, parent)) return;
      this.#swap(timer, parent);
    }
  }

  #down(timer: HeapTimer): void {
    for (;;) {
      const left = this.#timers[2 * timer.index + 1];
      const right = this.#timers[2 * timer.index + 2];
      const least = right !== undefined && left !== undefined && before(right, left) ? right : left;
      if (least === undefined || !before(least, timer)) return;
      this.#swap(timer, least);
    }
  }

  #swap(a: HeapTimer, b: HeapTimer): void {
    const { index } = a;
    a.index = b.index;
    b.index = index;
    this.#timers[a.index] = a;
    this.#timers[b.index] = b;
  }
}

function before(a: HeapTimer, b: HeapTimer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

// A cancelled timer must not keep its transaction and message alive.
function nothing(): void {}
