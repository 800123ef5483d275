import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Store } from './contract.ts';
import type { CallEvent } from './rows.ts';
import { endCallback, ending, opening } from './temporary-store.ts';
import { withStore } from './testing/with-store.ts';

let store: Store;

withStore((opened) => {
  store = opened;
});

const events = (firstSeq: number, count: number, data: unknown = {}): CallEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    seq: firstSeq + index,
    at: 1_700_000_000_000,
    kind: 'input',
    type: 'digit',
    data,
  }));

describe('calls', () => {
  it('are written step by step', async () => {
    const call = opening('1@steps');
    await store.calls.open(call);
    const opened = {
      ...call,
      processId: store.processId,
      answerTimeMs: null,
      endTimeMs: null,
      status: null,
      endCallbackState: 'none',
    };
    expect(await store.calls.get('1@steps')).toMatchObject(opened);
    await store.calls.answered('1@steps', { answerTimeMs: 1_700_000_001_001, dialog: { cseq: 1 } });
    await store.calls.setDialog('1@steps', { cseq: 2 });
    expect(await store.calls.get('1@steps')).toMatchObject({
      ...opened,
      answerTimeMs: 1_700_000_001_001,
      dialog: { cseq: 2 },
    });
    await store.calls.finish('1@steps', ending({ error: 'odd \0 text' }));
    const { endCallback: _, ...figures } = ending({ error: 'odd ␀ text' });
    expect(await store.calls.get('1@steps')).toMatchObject({
      ...figures,
      dialog: null,
      endCallback,
      endCallbackState: 'pending',
    });
    await store.calls.endCallbackDelivered('1@steps');
    expect(await store.calls.get('1@steps')).toMatchObject({ endCallback: null, endCallbackState: 'delivered' });
  });

  it('are the same when all steps share a statement', async () => {
    const writes = [
      store.calls.open(opening('1@once')),
      store.calls.answered('1@once', { answerTimeMs: 1_700_000_001_001, dialog: { cseq: 1 } }),
      store.calls.finish('1@once', ending()),
      store.calls.endCallbackFailed('1@once', 'the server was away'),
    ];
    await Promise.all(writes);
    expect(await store.calls.get('1@once')).toMatchObject({
      answerTimeMs: 1_700_000_001_001,
      status: 'completed',
      durationMs: 3333,
      dialog: null,
      endCallback,
      endCallbackState: 'failed',
      endCallbackError: 'the server was away',
    });
  });

  it('apply steps in order although nobody waits', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => `${index}@order`);
    await Promise.all(
      ids.flatMap((id) => [
        store.calls.open(opening(id)),
        store.calls.answered(id, { answerTimeMs: 1, dialog: { cseq: 1 } }),
        store.calls.setDialog(id, { cseq: 2 }),
      ]),
    );
    for (const id of ids) expect((await store.calls.get(id))?.dialog).toEqual({ cseq: 2 });
  });

  it('have no end callback when the number has none', async () => {
    await store.calls.open(opening('1@quiet'));
    await store.calls.finish('1@quiet', ending({ endCallback: null }));
    expect(await store.calls.get('1@quiet')).toMatchObject({ endCallback: null, endCallbackState: 'none' });
  });

  it('that cannot be written do not disturb the others', async () => {
    const results = await Promise.allSettled([
      store.calls.open(opening('1@good')),
      store.calls.open(opening('1@bad', { id: 'no uuid' })),
      store.calls.open(opening('1@steps')),
      store.calls.finish('nowhere', ending()),
      store.calls.open(opening('2@good')),
      store.calls.open(opening('2@good')),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
      'fulfilled',
      'rejected',
    ]);
    expect(results[1]).toMatchObject({ reason: { code: '22P02' } });
    expect(results[2]).toMatchObject({ reason: { code: '23505' } });
    expect(results[3]).toMatchObject({ reason: { code: 'not-found' } });
    expect(await store.calls.get('2@good')).not.toBeNull();
  });

  it('are listed by application, time, direction and state, newest first', async () => {
    const appId = randomUUID();
    const at = (startTimeMs: number, changes = {}) =>
      opening(`${startTimeMs}@list`, { appId, startTimeMs, ...changes });
    await Promise.all([at(1000), at(2000, { direction: 'outbound' }), at(3000)].map((call) => store.calls.open(call)));
    await store.calls.finish('2000@list', ending());
    const ids = async (filter: object) =>
      (await store.calls.list({ appId, limit: 10, ...filter })).map((call) => call.startTimeMs);
    expect(await ids({})).toEqual([3000, 2000, 1000]);
    expect(await ids({ limit: 2 })).toEqual([3000, 2000]);
    expect(await ids({ beginTimeMs: 2000, endTimeMs: 3000 })).toEqual([2000]);
    expect(await ids({ direction: 'inbound' })).toEqual([3000, 1000]);
    expect(await ids({ finished: true })).toEqual([2000]);
    expect(await ids({ finished: false })).toEqual([3000, 1000]);
    expect(await ids({ appId: randomUUID() })).toEqual([]);
  });

  it('that began at the same moment are in order, and none is missing on the next page', async () => {
    const appId = randomUUID();
    const at = (callId: string, startTimeMs = 7000) => store.calls.open(opening(callId, { appId, startTimeMs }));
    await Promise.all([at('3@tie'), at('1@tie'), at('4@tie'), at('2@tie'), at('0@tie', 6000)]);
    const page = async (filter: object) =>
      (await store.calls.list({ appId, limit: 2, ...filter })).map(({ callId }) => callId);
    expect(await page({})).toEqual(['1@tie', '2@tie']);
    expect(await page({ endTimeMs: 7000, endId: '2@tie' })).toEqual(['3@tie', '4@tie']);
    expect(await page({ endTimeMs: 7000, endId: '4@tie' })).toEqual(['0@tie']);
    expect(await page({ endTimeMs: 7000, endId: '4@tie', beginTimeMs: 6500 })).toEqual([]);
  });
});

describe('event logs', () => {
  it('keep their order over chunks, and say where they end', async () => {
    const { appendedEvents } = store.events.stats();
    expect(store.events.append('1@log', events(1, 2, { text: 'a\0b' }))).toBe(true);
    await store.events.flush();
    store.events.append('1@log', events(3, 1));
    store.events.append('1@log', []);
    store.events.append('1@log', events(4, 7));
    store.events.append('2@log', events(1, 1));
    const list = await store.events.list('1@log');
    expect(list.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(list[0]).toEqual({ seq: 1, at: 1_700_000_000_000, kind: 'input', type: 'digit', data: { text: 'a␀b' } });
    expect(await store.events.lastSeq('1@log')).toBe(10);
    expect(await store.events.lastSeq('none')).toBe(0);
    expect(await store.events.list('none')).toEqual([]);
    await store.events.flush();
    expect(store.events.stats()).toEqual({
      bufferedEvents: 0,
      bufferedBytes: 0,
      appendedEvents: appendedEvents + 11,
      droppedEvents: 0,
    });
  });

  it('hold what was said when it was appended', async () => {
    const data = { count: 1 };
    store.events.append('1@copy', events(1, 1, data));
    data.count = 2;
    expect((await store.events.list('1@copy'))[0]?.data).toEqual({ count: 1 });
  });

  it('say what could not be written down', async () => {
    store.events.append('1@odd', events(1, 1, { big: 1n }));
    expect((await store.events.list('1@odd'))[0]?.data).toEqual({ unserialisable: expect.stringContaining('BigInt') });
  });

  it('are on the disk when the end of the call is', async () => {
    store.calls.open(opening('1@end'));
    store.events.append('1@end', events(1, 3));
    await store.calls.finish('1@end', ending());
    expect(store.events.stats().bufferedEvents).toBe(0);
    expect(await store.events.list('1@end')).toHaveLength(3);
  });

  it('count chunks the database refuses', async () => {
    store.events.append('1@log', events(1, 2));
    await expect(store.events.flush()).rejects.toThrow('duplicate key');
    expect(store.events.stats()).toMatchObject({ bufferedEvents: 0, bufferedBytes: 0, droppedEvents: 2 });
  });
});

describe('registrations', () => {
  it('are replaced, removed and listed', async () => {
    store.registrations.save('sip:a@x', [{ contact: 1 }]);
    store.registrations.save('sip:b@x', [{ contact: 2 }]);
    await store.registrations.save('sip:c@x', [{ contact: 3 }]);
    store.registrations.save('sip:b@x', []);
    store.registrations.save('sip:c@x', [{ contact: 4 }]);
    await store.registrations.save('sip:c@x', [{ contact: 5 }, { contact: 6 }]);
    expect(await store.registrations.all()).toEqual([
      { aor: 'sip:a@x', bindings: [{ contact: 1 }] },
      { aor: 'sip:c@x', bindings: [{ contact: 5 }, { contact: 6 }] },
    ]);
  });
});
