import { expect, test } from 'vitest';
import { MemoryStore } from '../testing/memory-store.ts';
import { CallLogs } from './call-logs.ts';

test('whoever adds to the log of a call at the same time, its lines are counted by one', async () => {
  const { events, log } = new MemoryStore();
  const logs = new CallLogs(events);
  const live = logs.begin('c');
  live.note('sip', 'a', {}, 0);
  await logs.use('c', async (same) => {
    expect(same).toBe(live);
    logs.release('c');
    live.note('sip', 'b', {}, 0);
  });
  live.note('sip', 'late', {}, 0);
  await Promise.all(['c', 'd'].map((type) => logs.use('c', async (log) => log.note('http', type, {}, 0))));
  expect(log.map(({ seq, type }) => `${seq} ${type}`)).toEqual(['1 a', '2 b', '3 c', '4 d']);
});

test('a log that cannot be read is asked for again', async () => {
  const { events } = new MemoryStore();
  let asked = 0;
  const logs = new CallLogs({
    append: events.append,
    lastSeq: async () => {
      asked += 1;
      if (asked === 1) throw new Error('no database');
      return 7;
    },
  });
  await expect(logs.use('c', async () => 1)).rejects.toThrow('no database');
  expect(await logs.use('c', async (log) => log.callId)).toBe('c');
});
