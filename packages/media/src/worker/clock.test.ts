import { expect, test } from 'vitest';
import { Clock, type ClockTime } from './clock.ts';

/** Time that passes only when told; timers fire as late as asked. */
class VirtualTime implements ClockTime {
  #nowMs = 1000.25;
  #timer: { dueMs: number; callback: () => void } | null = null;

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, callback };
    this.#timer = timer;
    return () => {
      if (this.#timer === timer) this.#timer = null;
    };
  }

  /** Runs the next timer `lateMs` after it is due. */
  fire(lateMs = 0): void {
    const timer = this.#timer;
    if (timer === null) throw new Error('No timer is set');
    this.#timer = null;
    this.#nowMs = timer.dueMs + lateMs;
    timer.callback();
  }

  get idle(): boolean {
    return this.#timer === null;
  }
}

function make(maxCatchUpMs = 200) {
  const time = new VirtualTime();
  const ticks: number[] = [];
  const clock = new Clock({ tickMs: 5, maxCatchUpMs, time, onTick: (tick) => ticks.push(tick) });
  return { time, ticks, clock };
}

test('late timers do not shift later ticks', () => {
  const { time, ticks, clock } = make();
  const startMs = time.now();
  clock.start();
  for (let i = 0; i < 2000; i++) time.fire((i % 5) * 0.9);
  const elapsedMs = time.now() - startMs;
  expect(ticks.length).toBe(Math.floor(elapsedMs / 5));
  expect(ticks.at(-1)).toBe(ticks.length);
});

test('missed ticks follow at once, in order', () => {
  const { time, ticks, clock } = make();
  clock.start();
  time.fire();
  time.fire(52);
  expect(ticks).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(clock.stats.lateTicks).toBeGreaterThan(5);
});

test('after a long stall the ticks beyond the limit are left out and counted', () => {
  const { time, ticks, clock } = make(50);
  clock.start();
  time.fire();
  time.fire(10_000);
  expect(ticks.length).toBe(11);
  expect(ticks.at(-1)).toBe(2002);
  expect(clock.stats.skippedTicks).toBe(1991);
});

test('a stopped clock sets no timer and goes on with the next number', () => {
  const { time, ticks, clock } = make();
  clock.start();
  time.fire();
  clock.stop();
  expect(time.idle).toBe(true);
  clock.start();
  clock.start();
  time.fire();
  expect(ticks).toEqual([1, 2]);
});

test('a clock stopped by its own tick stays stopped', () => {
  const time = new VirtualTime();
  const clock: Clock = new Clock({ tickMs: 5, maxCatchUpMs: 200, time, onTick: () => clock.stop() });
  clock.start();
  time.fire(100);
  expect(time.idle).toBe(true);
  expect(clock.running).toBe(false);
});
