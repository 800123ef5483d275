import { expect, vi } from 'vitest';
import type { Exchange } from './exchange.ts';

/** Gives the timers back and closes an exchange of which nothing may be left: no error, no line in use, no media. */
export async function closeEmpty(exchange: Exchange): Promise<void> {
  vi.useRealTimers();
  await exchange.close();
  expect(exchange.errors).toEqual([]);
  expect(exchange.telephony.switchboard.size).toBe(0);
  expect(exchange.sessions.every(({ closed }) => closed)).toBe(true);
}
