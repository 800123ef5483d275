import { describe, expect, it } from 'vitest';
import { SystemClock, VirtualClock } from './clock.ts';

describe('VirtualClock', () => {
  it('runs timers in the order of their time, then of their making', () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.schedule(20, () => ran.push('c'));
    clock.schedule(10, () => ran.push('a'));
    clock.schedule(10, () => ran.push('b'));
    clock.advance(9);
    expect(ran).toEqual([]);
    clock.advance(11);
    expect(ran).toEqual(['a', 'b', 'c']);
  });

  it('runs timers made on the way and shows them their own time', () => {
    const clock = new VirtualClock();
    const at: number[] = [];
    clock.schedule(10, () => clock.schedule(5, () => at.push(clock.now())));
    clock.advance(100);
    expect(at).toEqual([15]);
    expect(clock.now()).toBe(100);
  });

  it('forgets cancelled timers, and ones that ran, without harm', () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    const first = clock.schedule(10, () => ran.push('first'));
    const second = clock.schedule(20, () => ran.push('second'));
    clock.cancel(second);
    clock.cancel(second);
    clock.advance(50);
    clock.cancel(first);
    expect(ran).toEqual(['first']);
    expect(clock.pending).toBe(0);
  });

  it('keeps thousands of timers in order while many are cancelled', () => {
    const clock = new VirtualClock();
    const due: number[] = [];
    const timers = Array.from({ length: 5000 }, (_, i) => {
      const ms = (i * 7919) % 4999;
      return clock.schedule(ms, () => due.push(ms));
    });
    timers.forEach((timer, i) => {
      if (i % 3 === 0) clock.cancel(timer);
    });
    clock.advance(5000);
    expect(due).toHaveLength(5000 - Math.ceil(5000 / 3));
    expect(due).toEqual(due.toSorted((a, b) => a - b));
  });
});

describe('SystemClock', () => {
  it('runs its timers, not before their time, and survives one that throws', async () => {
    const errors: unknown[] = [];
    const clock = new SystemClock((error) => errors.push(error));
    const start = clock.now();
    const { promise, resolve } = Promise.withResolvers<number>();
    clock.cancel(clock.schedule(1, () => errors.push('cancelled timer ran')));
    clock.schedule(2, () => {
      throw new Error('boom');
    });
    clock.schedule(5, () => resolve(clock.now() - start));
    expect(await promise).toBeGreaterThanOrEqual(5);
    expect(errors).toEqual([new Error('boom')]);
  });
});
