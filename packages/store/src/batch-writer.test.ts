import pg from 'pg';
import { beforeEach, expect, it } from 'vitest';
import { BatchWriter } from './batch-writer.ts';
import { complainingTo } from './temporary-store.ts';

type Write = (batch: readonly string[], again: boolean) => Promise<ReadonlyMap<string, Error>>;

const none = new Map<string, Error>();
let complaints: string[];
let batches: { ops: string[]; again: boolean }[];

beforeEach(() => {
  complaints = [];
  batches = [];
});

function writer(
  write: Write = async () => none,
  options: { maxQueued?: number; maxBatch?: number; spacingMs?: number } = {},
) {
  return new BatchWriter<string>({
    name: 'things',
    logger: complainingTo(complaints),
    maxQueued: 100,
    spacingMs: 0,
    ...options,
    write: (ops, again) => {
      batches.push({ ops: [...ops], again });
      return write(ops, again);
    },
  });
}

const outage = () => new Error('Connection terminated unexpectedly');
function refused(): Error {
  const error = new pg.DatabaseError('bad value', 0, 'error');
  error.code = '22P02';
  return error;
}

it('writes everything of a moment together, and the next batch when that is done', async () => {
  let finish: () => void = () => undefined;
  const things = writer((ops) =>
    ops.includes('a') ? new Promise((resolve) => (finish = () => resolve(none))) : Promise.resolve(none),
  );
  const first = [things.push('a'), things.push('b')];
  await expect.poll(() => batches.length).toBe(1);
  const second = ['c', 'd', 'e'].map((op) => things.push(op));
  finish();
  await Promise.all([...first, ...second]);
  expect(batches.map(({ ops }) => ops)).toEqual([
    ['a', 'b'],
    ['c', 'd', 'e'],
  ]);
});

it('keeps statements apart by the spacing, but writes at once after a pause', async () => {
  const things = writer(undefined, { spacingMs: 100 });
  const start = performance.now();
  await things.push('a');
  expect(performance.now() - start).toBeLessThan(90);
  await things.push('b');
  expect(performance.now() - start).toBeGreaterThanOrEqual(95);
});

it('finds the bad operation and writes the others, in order', async () => {
  const things = writer(async (ops) => (ops.includes('bad') ? Promise.reject(refused()) : none));
  const results = await Promise.allSettled(['a', 'b', 'bad', 'c', 'd'].map((op) => things.push(op)));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(complaints).toEqual(['a write to things failed {"error":"bad value"}']);
});

it('rejects only the operations the writer names', async () => {
  const things = writer(async () => new Map([['b', new Error('no such thing')]]));
  const results = await Promise.allSettled([things.push('a'), things.push('b')]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});

it('tries the same batch again until a lost database is back, and says so to the writer', async () => {
  let away = 2;
  const things = writer(async () => (away-- > 0 ? Promise.reject(outage()) : none));
  await things.push('a');
  expect(batches).toEqual([
    { ops: ['a'], again: false },
    { ops: ['a'], again: true },
    { ops: ['a'], again: true },
  ]);
});

it('refuses more than it may queue', async () => {
  const things = writer(undefined, { maxQueued: 2 });
  const results = await Promise.allSettled(['a', 'b', 'c'].map((op) => things.push(op)));
  expect(results[2]).toMatchObject({ status: 'rejected', reason: { code: 'overloaded' } });
  expect(batches.map(({ ops }) => ops)).toEqual([['a', 'b']]);
});

it('writes what waits when it is closed, and takes nothing more', async () => {
  const things = writer(undefined, { spacingMs: 10_000, maxBatch: 1 });
  const pushed = [things.push('a'), things.push('b')];
  await things.close(1000);
  await Promise.all(pushed);
  await expect(things.push('c')).rejects.toMatchObject({ code: 'closed' });
});

it('gives up at the end when the database does not come back', async () => {
  const things = writer(() => Promise.reject(outage()));
  const pushed = things.push('a');
  await things.close(50);
  await expect(pushed).rejects.toMatchObject({ code: 'unreachable' });
});

it('drains what was pushed before', async () => {
  const written: string[] = [];
  const things = writer(async (ops) => {
    written.push(...ops);
    return none;
  });
  things.push('a');
  await things.drain();
  expect(written).toEqual(['a']);
});
