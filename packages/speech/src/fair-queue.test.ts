import { expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';

test('a long text lets a short one through', () => {
  const queue = new FairQueue<string, string>();
  for (const job of ['a1', 'a2', 'a3']) queue.push('a', job);
  queue.push('b', 'b1');
  const order = [queue.shift(), queue.shift()];
  queue.push('c', 'c1');
  while (queue.length > 0) order.push(queue.shift());
  expect(order).toEqual(['a1', 'b1', 'a2', 'c1', 'a3']);
  expect(queue.shift()).toBeUndefined();
});

test('draining gives all that waits', () => {
  const queue = new FairQueue<string, number>();
  queue.push('a', 1);
  queue.push('b', 2);
  expect(queue.drain()).toEqual([1, 2]);
  expect(queue.length).toBe(0);
});
