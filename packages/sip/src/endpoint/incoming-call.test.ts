import { describe, expect, it } from 'vitest';
import type { Dialog } from './dialog.ts';
import type { IncomingCall } from './incoming-call.ts';
import { CallEndedError } from './incoming-call.ts';
import { ANSWER, lose, OFFER, type Pair, startPair } from './loopback-pair.ts';

/** Bob's end of a call: what happened to it, in order. */
function watch(pair: Pair, take: (call: IncomingCall) => void) {
  const events: string[] = [];
  pair.bob.on('invite', (call) => {
    call.on('canceled', () => events.push('canceled'));
    call.on('confirmed', ({ sdp }) => events.push(sdp === null ? 'confirmed' : `confirmed ${sdp.length}`));
    call.on('unconfirmed', () => events.push('unconfirmed'));
    take(call);
  });
  return events;
}

describe.each(['udp', 'tcp'] as const)('an incoming call over %s', (protocol) => {
  it('rings, is answered, confirmed and hung up by us', async () => {
    const pair = await startPair(protocol);
    let dialog: Dialog | undefined;
    let offered: string | null = null;
    const events = watch(pair, (call) => {
      offered = call.sdp;
      call.ring(180, { headers: [['X-Ring', 'yes']] });
      call.ring(183, { sdp: ANSWER });
      dialog = call.answer(ANSWER);
    });
    let answer: string | null = null;
    const progress: string[] = [];
    pair
      .call()
      .on('progress', ({ status, sdp }) => progress.push(`${status} ${sdp === ANSWER}`))
      .on('answered', ({ sdp }) => {
        answer = sdp;
      });
    pair.clock.advance(100);
    expect(offered).toBe(OFFER);
    expect(answer).toBe(ANSWER);
    expect(progress).toEqual(['180 false', '183 true']);
    expect(events).toEqual(['confirmed']);
    const over = dialog?.bye();
    pair.clock.advance(100);
    await over;
    expect(pair.trace()).toEqual([
      'a INVITE',
      'b 100 INVITE',
      'b 180 INVITE',
      'b 183 INVITE',
      'b 200 INVITE',
      'a ACK',
      'b BYE',
      'a 200 BYE',
    ]);
    expect([pair.alice.dialogs, pair.bob.dialogs]).toEqual([0, 0]);
    pair.clock.advance(40_000);
    expect(pair.bob.counters.transactions + pair.alice.counters.transactions).toBe(0);
    expect(pair.clock.pending).toBe(0);
    expect(pair.faults).toEqual([]);
  });

  it('is refused with a reason, acknowledged by the transaction', async () => {
    const pair = await startPair(protocol);
    watch(pair, (call) => call.reject(486, { reason: 'Busy Now', headers: [['X-Why', 'x']] }));
    const failures: unknown[] = [];
    pair.call().on('failed', ({ status, reason, headers }) => failures.push([status, reason, headers?.get('X-Why')]));
    pair.clock.advance(40_000);
    expect(failures).toEqual([[486, 'Busy Now', 'x']]);
    expect(pair.trace()).toEqual(['a INVITE', 'b 100 INVITE', 'b 486 INVITE', 'a ACK']);
    expect(pair.bob.dialogs).toBe(0);
    expect(pair.clock.pending).toBe(0);
  });

  it('is given up by the caller: 200 to the CANCEL, 487 to the INVITE', async () => {
    const pair = await startPair(protocol);
    let kept: IncomingCall | undefined;
    const events = watch(pair, (call) => {
      kept = call;
      call.ring();
    });
    const call = pair.call();
    const failures: unknown[] = [];
    call.on('failed', ({ status, crossed }) => failures.push([status, crossed]));
    pair.clock.advance(1000);
    call.cancel('SIP;cause=200;text="Call completed elsewhere"');
    pair.clock.advance(40_000);
    expect(events).toEqual(['canceled']);
    expect(failures).toEqual([[487, false]]);
    expect(pair.trace().slice(3)).toEqual(['a CANCEL', 'b 200 CANCEL', 'b 487 INVITE', 'a ACK']);
    expect(pair.network.passages[3]?.text).toContain('Reason: SIP;cause=200');
    expect(kept?.isEnded).toBe(true);
    expect(() => kept?.answer(ANSWER)).toThrow(CallEndedError);
    expect(pair.bob.dialogs).toBe(0);
  });

  it('takes the answer of a delayed offer from the ACK', async () => {
    const pair = await startPair(protocol);
    const events = watch(pair, (call) => {
      expect(call.sdp).toBeNull();
      call.answer(ANSWER);
    });
    const { sdp: _, ...withoutOffer } = { sdp: OFFER, uri: 'sip:bob@10.0.0.2:5060' };
    const call = pair.alice.invite({
      ...withoutOffer,
      destination: { protocol, address: '10.0.0.2', port: 5060 },
      from: { uri: 'sip:alice@10.0.0.1' },
      to: { uri: 'sip:bob@10.0.0.2' },
    });
    call.on('answered', ({ sdp, acknowledge }) => {
      expect(sdp).toBe(ANSWER);
      acknowledge?.(OFFER);
    });
    pair.clock.advance(2000);
    expect(events).toEqual([`confirmed ${OFFER.length}`]);
  });

  it('hears the caller hang up', async () => {
    const pair = await startPair(protocol);
    const events: string[] = [];
    watch(pair, (call) => {
      call
        .answer(ANSWER)
        .on('bye', (request) => events.push(`bye ${request.headers.get('X-Bye')}`))
        .on('terminated', () => events.push('terminated'));
    });
    pair.call().on('answered', ({ dialog }) => {
      void dialog.bye([['X-Bye', '1']]);
    });
    pair.clock.advance(100);
    expect(events).toEqual(['bye 1', 'terminated']);
    expect(pair.alice.dialogs).toBe(0);
  });
});

describe('an incoming call on a bad network', () => {
  it.each([
    ['the INVITE', 'a INVITE', 2],
    ['the 100', 'b 100', 1],
    ['the 200', 'b 200 INVITE', 3],
    ['the ACK', 'a ACK', 2],
  ])('is set up once although %s is lost', async (_what, start, times) => {
    const pair = await startPair();
    pair.network.weather = lose(start, times);
    let calls = 0;
    const events = watch(pair, (call) => {
      calls++;
      call.answer(ANSWER);
    });
    let answered = 0;
    pair.call().on('answered', () => answered++);
    pair.clock.advance(20_000);
    expect([calls, answered, events]).toEqual([1, 1, ['confirmed']]);
  });

  it('is set up once when every message comes twice, in any order', async () => {
    const pair = await startPair();
    pair.network.weather = ({ index }) => [1 + ((index * 7) % 5), 9 + ((index * 3) % 5)];
    let calls = 0;
    const events = watch(pair, (call) => {
      calls++;
      call.ring();
      const dialog = call.answer(ANSWER);
      call.on('confirmed', () => dialog.bye());
    });
    let answered = 0;
    const ends: string[] = [];
    pair.call().on('answered', ({ dialog }) => {
      answered++;
      dialog.on('bye', () => ends.push('bye')).on('terminated', () => ends.push('terminated'));
    });
    pair.clock.advance(60_000);
    expect([calls, answered, events, ends]).toEqual([1, 1, ['confirmed'], ['bye', 'terminated']]);
    expect([pair.alice.dialogs, pair.bob.dialogs, pair.clock.pending]).toEqual([0, 0, 0]);
  });

  it('ends with BYE when the ACK never comes, after retransmitting the 200 at T1 doubling to T2 for 64*T1', async () => {
    const pair = await startPair();
    pair.network.weather = lose('a ACK', 100);
    const events = watch(pair, (call) => call.answer(ANSWER));
    pair.call().on('answered', () => {});
    pair.clock.advance(31_900);
    expect(events).toEqual([]);
    expect(pair.count('b BYE')).toBe(0);
    // 0, .5, 1.5, 3.5, 7.5, 11.5 … 31.5 s
    expect(pair.count('b 200 INVITE')).toBe(11);
    pair.clock.advance(1000);
    expect(events).toEqual(['unconfirmed']);
    expect(pair.count('b BYE')).toBe(1);
    expect([pair.alice.dialogs, pair.bob.dialogs]).toEqual([0, 0]);
  });

  it('holds back our BYE until the ACK came (RFC 3261 §15)', async () => {
    const pair = await startPair();
    pair.network.weather = lose('a ACK', 2);
    watch(pair, (call) => {
      void call.answer(ANSWER).bye();
    });
    pair.call().on('answered', () => {});
    pair.clock.advance(1400);
    expect(pair.count('b BYE')).toBe(0);
    pair.clock.advance(300);
    expect(pair.count('b BYE')).toBe(1);
    expect(pair.bob.dialogs).toBe(0);
  });

  it('ends by the caller before its ACK came', async () => {
    const pair = await startPair();
    pair.network.weather = lose('a ACK', 100);
    const events = watch(pair, (call) => {
      call.answer(ANSWER).on('bye', () => events.push('bye'));
    });
    pair.call().on('answered', ({ dialog }) => dialog.bye());
    pair.clock.advance(60_000);
    expect(events).toEqual(['bye']);
    expect(pair.count('b 200 INVITE')).toBe(1);
    expect(pair.clock.pending).toBe(0);
  });

  it('resolves bye() although its response is lost, and although the peer is gone', async () => {
    for (const times of [2, 100]) {
      const pair = await startPair();
      let dialog: Dialog | undefined;
      let resolved = false;
      watch(pair, (call) => {
        dialog = call.answer(ANSWER);
      });
      pair.call().on('answered', () => {});
      pair.clock.advance(100);
      pair.network.weather = lose('a 200 BYE', times);
      void dialog?.bye().then(() => {
        resolved = true;
      });
      pair.clock.advance(times === 2 ? 2000 : 33_000);
      await Promise.resolve();
      expect([times, resolved, pair.bob.dialogs]).toEqual([times, true, 0]);
    }
  });

  it('repeats a provisional response every minute while it rings', async () => {
    const pair = await startPair();
    watch(pair, (call) => call.ring(180));
    pair.call();
    pair.clock.advance(125_000);
    expect(pair.count('b 180')).toBe(3);
  });
});
