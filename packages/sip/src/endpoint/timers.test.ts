import { describe, expect, it } from 'vitest';
import { ANSWER, bobAt, lose, type Pair, startPair } from './loopback-pair.ts';

/** The times, in milliseconds, at which messages of that kind were sent. */
function times(pair: Pair, start: string, forMs: number): number[] {
  const sent: number[] = [];
  for (let ms = 0; ms < forMs; ms += 100) {
    const before = pair.count(start);
    pair.clock.advance(100);
    for (let i = before; i < pair.count(start); i++) sent.push(ms + 100);
  }
  return sent;
}

const options = (pair: Pair, protocol: 'udp' | 'tcp' = 'udp') =>
  pair.alice.request({
    method: 'OPTIONS',
    uri: 'sip:bob@10.0.0.2',
    destination: bobAt(protocol),
    from: '<sip:alice@10.0.0.1>',
    to: '<sip:bob@10.0.0.2>',
  });

describe('the timers on the wire', () => {
  it('E and F: a request other than INVITE every T1 doubling to T2, given up after 64*T1', async () => {
    const pair = await startPair();
    pair.network.weather = () => [];
    const result = options(pair);
    expect(pair.count('a OPTIONS')).toBe(1);
    expect(times(pair, 'a OPTIONS', 40_000)).toEqual([
      500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    expect(await result).toEqual({ ok: false, why: 'timeout' });
    expect(pair.clock.pending).toBe(0);
  });

  it('F alone over TCP', async () => {
    const pair = await startPair('tcp');
    pair.network.weather = () => [];
    const result = options(pair, 'tcp');
    expect(times(pair, 'a OPTIONS', 40_000)).toEqual([]);
    expect(await result).toEqual({ ok: false, why: 'timeout' });
  });

  it('G and H: a refusal every T1 doubling to T2, given up after 64*T1', async () => {
    const pair = await startPair();
    pair.network.weather = lose('a ACK', 100);
    pair.bob.on('invite', (call) => call.reject(486));
    pair.call();
    const sent = times(pair, 'b 486', 33_000);
    expect(sent).toEqual([100, 600, 1600, 3600, 7600, 11_600, 15_600, 19_600, 23_600, 27_600, 31_600]);
    // Each copy of the refusal is acknowledged (timer D keeps the client's transaction 32 s).
    expect(pair.count('a ACK')).toBe(sent.length);
    pair.clock.advance(1000);
    expect(pair.bob.counters.transactions).toBe(0);
  });

  it('D, I: both sides of a refused INVITE stay for late copies, then end', async () => {
    const pair = await startPair();
    pair.bob.on('invite', (call) => call.reject(486));
    pair.call();
    pair.clock.advance(4900);
    expect(pair.bob.counters.transactions).toBe(1);
    pair.clock.advance(200);
    expect(pair.bob.counters.transactions).toBe(0);
    pair.clock.advance(26_800);
    expect(pair.alice.counters.transactions).toBe(1);
    pair.clock.advance(200);
    expect(pair.alice.counters.transactions).toBe(0);
  });

  it('J, K: both sides of a request stay 64*T1 and T4 over UDP, not at all over TCP', async () => {
    const udp = await startPair();
    void options(udp);
    udp.clock.advance(4900);
    expect([udp.alice.counters.transactions, udp.bob.counters.transactions]).toEqual([1, 1]);
    udp.clock.advance(200);
    expect([udp.alice.counters.transactions, udp.bob.counters.transactions]).toEqual([0, 1]);
    udp.clock.advance(27_000);
    expect(udp.bob.counters.transactions).toBe(0);
    const tcp = await startPair('tcp');
    void options(tcp, 'tcp');
    tcp.clock.advance(10);
    expect([tcp.alice.counters.transactions, tcp.bob.counters.transactions]).toEqual([0, 0]);
  });

  it('L, M: both sides of an answered INVITE stay 64*T1', async () => {
    const pair = await startPair();
    pair.bob.on('invite', (call) => call.answer(ANSWER));
    pair.call();
    pair.clock.advance(31_900);
    expect([pair.alice.counters.transactions, pair.bob.counters.transactions]).toEqual([1, 1]);
    pair.clock.advance(200);
    expect([pair.alice.counters.transactions, pair.bob.counters.transactions]).toEqual([0, 0]);
  });

  it('follow the values they are given', async () => {
    const pair = await startPair('udp', { timers: { t1Ms: 100, t2Ms: 200 } });
    pair.network.weather = () => [];
    const result = options(pair);
    expect(times(pair, 'a OPTIONS', 1000)).toEqual([100, 300, 500, 700, 900]);
    pair.clock.advance(5500);
    expect(await result).toEqual({ ok: false, why: 'timeout' });
  });
});
