import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dialog } from './dialog.ts';
import { ANSWER, OFFER, startPair } from './loopback-pair.ts';

// Whole calls in any weather: messages lost, doubled, late, out of order, while both ends act at any moment.

const weather = fc.array(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 2 }), { minLength: 8, maxLength: 40 });
const moment = fc.integer({ min: 0, max: 20_000 });
const plan = fc.record({
  weather,
  protocol: fc.constantFrom('udp' as const, 'tcp' as const),
  delayedOffer: fc.boolean(),
  bob: fc.constantFrom('answer', 'reject', 'ring'),
  bobActsAt: moment,
  cancelAt: fc.option(moment, { nil: undefined }),
  reinvites: fc.array(fc.record({ by: fc.constantFrom('alice', 'bob'), at: moment }), { maxLength: 3 }),
  byeBy: fc.constantFrom('alice', 'bob', 'both'),
  byeAt: moment,
});

describe('a call in any weather', () => {
  it('has one outcome at each end, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (the) => {
        const pair = await startPair(the.protocol);
        const { clock } = pair;
        // TCP delivers all, once and in order; it only takes its time.
        if (the.protocol === 'udp') pair.network.weather = ({ index }) => the.weather[index] ?? [5];
        const events = { alice: [] as string[], bob: [] as string[] };
        const dialogs: { alice?: Dialog; bob?: Dialog } = {};
        const keep = (end: 'alice' | 'bob', dialog: Dialog) => {
          dialogs[end] = dialog;
          dialog.on('reoffer', (offer) => offer.accept(ANSWER)).on('terminated', () => events[end].push('terminated'));
        };
        pair.bob.on('invite', (call) => {
          call.on('canceled', () => events.bob.push('canceled'));
          call.ring();
          clock.schedule(the.bobActsAt, () => {
            if (call.isEnded) return;
            events.bob.push(the.bob);
            if (the.bob === 'answer') keep('bob', call.answer(ANSWER));
            else call.reject(486);
          });
        });
        const call = pair.alice.invite({
          uri: 'sip:bob@10.0.0.2:5060',
          destination: { protocol: the.protocol, address: '10.0.0.2', port: 5060 },
          from: { uri: 'sip:alice@10.0.0.1' },
          to: { uri: 'sip:bob@10.0.0.2' },
          ...(the.delayedOffer ? {} : { sdp: OFFER }),
        });
        call
          .on('answered', ({ dialog, acknowledge }) => {
            events.alice.push('answered');
            keep('alice', dialog);
            acknowledge?.(OFFER);
          })
          .on('failed', () => events.alice.push('failed'));
        if (the.cancelAt !== undefined) clock.schedule(the.cancelAt, () => call.cancel());
        const reinvites: Promise<unknown>[] = [];
        for (const { by, at } of the.reinvites) {
          clock.schedule(at, () => {
            const dialog = by === 'alice' ? dialogs.alice : dialogs.bob;
            if (dialog !== undefined) reinvites.push(dialog.reinvite(OFFER));
          });
        }
        for (const end of ['alice', 'bob'] as const) {
          if (the.byeBy === end || the.byeBy === 'both') clock.schedule(the.byeAt, () => void dialogs[end]?.bye());
        }
        for (let round = 0; round < 40; round++) {
          clock.advance(1000);
          await null;
        }
        // Whoever is still in a call, or still waits for one, hangs up now.
        call.cancel();
        const byes = [dialogs.alice?.bye(), dialogs.bob?.bye()];
        clock.advance(200_000);
        await Promise.all([...byes, ...reinvites]);
        expect(pair.faults).toEqual([]);
        expect(events.alice.filter((event) => event !== 'terminated')).toHaveLength(1);
        expect(events.alice.filter((event) => event === 'terminated').length).toBe(dialogs.alice === undefined ? 0 : 1);
        expect(events.bob.filter((event) => event !== 'terminated').length).toBeLessThanOrEqual(1);
        expect(events.bob.filter((event) => event === 'terminated').length).toBe(dialogs.bob === undefined ? 0 : 1);
        expect([pair.alice.dialogs, pair.bob.dialogs]).toEqual([0, 0]);
        expect([pair.alice.counters.transactions, pair.bob.counters.transactions, clock.pending]).toEqual([0, 0, 0]);
      }),
      { numRuns: 300, seed: 3261 },
    );
  }, 30_000);
});
