import { describe, expect, it } from 'vitest';
import type { Dialog } from './dialog.ts';
import { ANSWER, lose, OFFER, type Pair, startPair } from './loopback-pair.ts';
import type { ReinviteResult } from './reinvite.ts';

/** A call that is up: both ends' dialogs. */
async function established(protocol: 'udp' | 'tcp' = 'udp'): Promise<{ pair: Pair; alice: Dialog; bob: Dialog }> {
  const pair = await startPair(protocol);
  const ends: { alice?: Dialog; bob?: Dialog } = {};
  pair.bob.on('invite', (call) => {
    ends.bob = call.answer(ANSWER);
  });
  pair.call().on('answered', ({ dialog }) => {
    ends.alice = dialog;
  });
  pair.clock.advance(100);
  const { alice, bob } = ends;
  if (alice === undefined || bob === undefined) throw new Error('the call was not set up');
  pair.network.passages.length = 0;
  return { pair, alice, bob };
}

/** Starts a re-INVITE and keeps its outcome. */
function reinvite(dialog: Dialog, sdp: string): ReinviteResult[] {
  const results: ReinviteResult[] = [];
  void dialog.reinvite(sdp).then((result) => results.push(result));
  return results;
}

const settle = () => new Promise(setImmediate);

describe('changing the session', () => {
  it.each(['udp', 'tcp'] as const)('works both ways, again and again, over %s', async (protocol) => {
    const { pair, alice, bob } = await established(protocol);
    const offers: (string | null)[] = [];
    for (const dialog of [alice, bob]) {
      dialog.on('reoffer', (offer) => {
        offers.push(offer.sdp);
        offer.accept(`${ANSWER}a=inactive\r\n`);
      });
    }
    for (const dialog of [alice, bob, alice]) {
      const results = reinvite(dialog, OFFER);
      pair.clock.advance(100);
      await settle();
      expect(results).toEqual([{ ok: true, sdp: `${ANSWER}a=inactive\r\n` }]);
    }
    expect(offers).toEqual([OFFER, OFFER, OFFER]);
    const over = bob.bye();
    pair.clock.advance(100);
    await over;
    expect(pair.alice.dialogs).toBe(0);
  });

  it('is refused with 488 when nobody listens, and with the status of the listener; the call stays', async () => {
    const { pair, alice, bob } = await established();
    const first = reinvite(alice, OFFER);
    pair.clock.advance(100);
    bob.on('reoffer', (offer) => offer.reject(603));
    await settle();
    const second = reinvite(alice, OFFER);
    pair.clock.advance(100);
    await settle();
    expect([...first, ...second]).toEqual([
      { ok: false, status: 488 },
      { ok: false, status: 603 },
    ]);
    expect(pair.alice.dialogs).toBe(1);
  });

  it('sorts out glare: both get 491, both try again, both succeed', async () => {
    const { pair, alice, bob } = await established();
    for (const dialog of [alice, bob]) dialog.on('reoffer', (offer) => offer.accept(ANSWER));
    const results = [reinvite(alice, OFFER), reinvite(bob, OFFER)];
    pair.clock.advance(50);
    expect(pair.trace().filter((line) => line.endsWith('491 INVITE'))).toHaveLength(2);
    pair.clock.advance(20_000);
    await settle();
    expect(results).toEqual([[{ ok: true, sdp: ANSWER }], [{ ok: true, sdp: ANSWER }]]);
  });

  it('waits for an offer of the peer that is not answered yet', async () => {
    const { pair, alice, bob } = await established();
    let accept = () => {};
    bob.on('reoffer', (offer) => {
      accept = () => offer.accept(ANSWER);
    });
    alice.on('reoffer', (offer) => offer.accept(ANSWER));
    const first = reinvite(alice, OFFER);
    pair.clock.advance(100);
    expect(pair.trace()).toEqual(['a INVITE', 'b 100 INVITE']);
    const second = reinvite(bob, OFFER);
    pair.clock.advance(1000);
    expect(pair.count('b INVITE')).toBe(0);
    accept();
    pair.clock.advance(10_000);
    await settle();
    expect([first, second]).toEqual([[{ ok: true, sdp: ANSWER }], [{ ok: true, sdp: ANSWER }]]);
  });

  it.each(['a INVITE', 'b 200 INVITE', 'a ACK'])('survives the loss of: %s', async (what) => {
    const { pair, alice, bob } = await established();
    let offers = 0;
    bob.on('reoffer', (offer) => {
      offers++;
      offer.accept(ANSWER);
    });
    pair.network.weather = lose(what, 2);
    const results = reinvite(alice, OFFER);
    pair.clock.advance(10_000);
    await settle();
    expect([offers, results]).toEqual([1, [{ ok: true, sdp: ANSWER }]]);
    pair.clock.advance(60_000);
    expect([pair.alice.dialogs, pair.bob.dialogs, pair.clock.pending]).toEqual([1, 1, 0]);
  });

  it('ends the call when nobody acknowledges our answer', async () => {
    const { pair, alice, bob } = await established();
    bob.on('reoffer', (offer) => offer.accept(ANSWER));
    pair.network.weather = lose('a ACK', 100);
    reinvite(alice, OFFER);
    pair.clock.advance(60_000);
    expect(pair.count('b BYE')).toBe(1);
    expect([pair.alice.dialogs, pair.bob.dialogs]).toEqual([0, 0]);
  });

  it('ends the call when the peer does not answer at all', async () => {
    const { pair, alice } = await established();
    await pair.bob.close();
    const results = reinvite(alice, OFFER);
    pair.clock.advance(70_000);
    await settle();
    expect(results).toEqual([{ ok: false, status: 408 }]);
    pair.clock.advance(40_000);
    expect(pair.alice.dialogs).toBe(0);
  });

  it('fails with 481 when the call ends meanwhile', async () => {
    const { pair, alice, bob } = await established();
    bob.on('reoffer', () => {
      void bob.bye();
    });
    const results = reinvite(alice, OFFER);
    pair.clock.advance(1000);
    await settle();
    expect(results).toEqual([{ ok: false, status: 481 }]);
    expect(await alice.reinvite(OFFER)).toEqual({ ok: false, status: 481 });
    pair.clock.advance(60_000);
    expect([pair.alice.dialogs, pair.bob.dialogs, pair.clock.pending]).toEqual([0, 0, 0]);
  });
});

describe('hanging up', () => {
  it('at both ends at once ends both, and neither hears that the other did', async () => {
    const { pair, alice, bob } = await established();
    const events: string[] = [];
    for (const dialog of [alice, bob]) {
      dialog.on('bye', () => events.push('bye')).on('terminated', () => events.push('terminated'));
    }
    const both = Promise.all([alice.bye(), bob.bye(), bob.bye()]);
    pair.clock.advance(100);
    await both;
    expect(events).toEqual(['terminated', 'terminated']);
    expect(pair.trace().toSorted()).toEqual(['a 200 BYE', 'a BYE', 'b 200 BYE', 'b BYE']);
  });

  it('from another process, by the snapshot taken through JSON', async () => {
    const { pair, alice, bob } = await established();
    const ended: string[] = [];
    alice.on('bye', () => ended.push('bye'));
    const stored = JSON.stringify(bob.snapshot());
    await pair.bob.close();
    const { SipEndpoint } = await import('./endpoint.ts');
    const transports = [pair.network.transport('udp', '10.0.0.2', 5060)];
    const restarted = new SipEndpoint({ transports, clock: pair.clock, userAgent: 'bob again' });
    await restarted.start();
    const over = restarted.byeRestored(JSON.parse(stored));
    pair.clock.advance(100);
    await over;
    expect(ended).toEqual(['bye']);
    expect(pair.trace()).toEqual(['b BYE', 'a 200 BYE']);
  });

  it('resolves for a snapshot whose peer is gone', async () => {
    const { pair, bob } = await established();
    await pair.alice.close();
    const over = pair.bob.byeRestored(bob.snapshot());
    pair.clock.advance(33_000);
    await over;
    expect(pair.count('b BYE')).toBeGreaterThan(5);
  });
});
