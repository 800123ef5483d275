import { expect, it } from 'vitest';
import type { Store } from './contract.ts';
import type { MessageOpening, OutboundMessage } from './message-rows.ts';
import { withStore } from './testing/with-store.ts';

let store: Store;
const appId = '11111111-1111-4111-8111-111111111111';
const otherAppId = '22222222-2222-4222-8222-222222222222';
const FAR = '+13105550142';

withStore((opened) => {
  store = opened;
});

const opening = (messageId: string, startTimeMs: number, changes: Partial<MessageOpening> = {}): MessageOpening => ({
  messageId,
  appId,
  callerNo: FAR,
  apiNo: '+14155550100',
  textMessage: 'Hello',
  mediaUrls: [],
  startTimeMs,
  origin: 'http',
  keyword: null,
  externalId: `provider-${messageId}`,
  ...changes,
});

it('messages come in, are finished, go out and are listed', async () => {
  expect(await store.messages.receive(opening('m1', 1000), null)).toEqual({ messageId: 'm1', isNew: true });
  const { externalId: _, ...facts } = opening('m1', 1000);
  const row = { ...facts, direction: 'inbound', type: 'sms', status: 'received', error: null, callId: null };
  expect(await store.messages.get('m1')).toEqual({ ...row, endTimeMs: null });
  await store.messages.finish('m1', { status: 'failed', error: 'why', endTimeMs: 1500 });
  expect(await store.messages.get('m1')).toEqual({ ...row, status: 'failed', error: 'why', endTimeMs: 1500 });
  const sent: OutboundMessage = {
    messageId: 'm2',
    appId,
    callerNo: FAR,
    apiNo: '+14155550100',
    textMessage: 'Null \0 and a lone \ud800 half',
    mediaUrls: ['https://example.com/a.png'],
    startTimeMs: 2000,
    origin: 'flow',
    status: 'opt-out',
    error: 'opt-out',
    callId: 'm1',
    endTimeMs: 2100,
  };
  await store.messages.add(sent);
  await store.messages.add(sent);
  expect(await store.messages.get('m2')).toMatchObject({
    direction: 'outbound',
    type: 'mms',
    textMessage: 'Null ␀ and a lone � half',
    callId: 'm1',
  });
  const ids = async (filter: object) =>
    (await store.messages.list({ appId, limit: 10, ...filter })).map(({ messageId }) => messageId);
  expect(await ids({})).toEqual(['m2', 'm1']);
  expect(await ids({ direction: 'inbound' })).toEqual(['m1']);
  expect(await ids({ beginTimeMs: 1000, endTimeMs: 2000 })).toEqual(['m1']);
  expect(await ids({ endTimeMs: 2000, endId: 'm1' })).toEqual(['m2', 'm1']);
  expect(await ids({ endTimeMs: 2000, endId: 'm2' })).toEqual(['m1']);
  expect(await ids({ appId: 'no uuid' })).toEqual([]);
  expect(await ids({ appId: otherAppId })).toEqual([]);
});

it('the same message again changes nothing, though many come at once', async () => {
  const again = Array.from({ length: 10 }, (_, n) =>
    store.messages.receive(opening(`n${n}`, 3000, { externalId: 'one', textMessage: 'STOP' }), 'withdrawn'),
  );
  const received = await Promise.all(again);
  expect(received.filter(({ isNew }) => isNew)).toHaveLength(1);
  expect(new Set(received.map(({ messageId }) => messageId)).size).toBe(1);
  expect(await store.messages.hasOptedOut(appId, FAR)).toBe(true);
  await store.messages.receive(opening('n11', 3000), 'given');
  await store.messages.receive(opening('n12', 3000, { externalId: 'one' }), 'withdrawn');
  expect(await store.messages.hasOptedOut(appId, FAR)).toBe(false);
  await store.messages.receive(opening('n13', 3000, { externalId: null }), null);
  await store.messages.receive(opening('n14', 3000, { externalId: null }), null);
});

it('who opts out does so of one application, and stays out', async () => {
  await store.messages.receive(opening('o1', 4000), 'withdrawn');
  await store.messages.receive(opening('o2', 4000), 'withdrawn');
  await store.messages.receive(opening('o3', 4000), null);
  expect(await store.messages.hasOptedOut(appId, FAR)).toBe(true);
  expect(await store.messages.hasOptedOut(otherAppId, FAR)).toBe(false);
  expect(await store.messages.hasOptedOut(appId, '+13105550143')).toBe(false);
});

it('a process that runs recovers nothing of its own', async () => {
  expect(await store.messages.recover('restarted')).toBe(0);
});
