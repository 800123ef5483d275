import { expect, test } from 'vitest';
import { amplitudeOf, type Party, VirtualNetwork } from '../worker/virtual-network.ts';

function pair(a: Parameters<ReturnType<VirtualNetwork['worker']>['join']>[1] = {}, b: typeof a = {}) {
  const network = new VirtualNetwork();
  const worker = network.worker();
  const alice = worker.join(1, { toneHz: 500, ...a });
  const bob = worker.join(2, { toneHz: 800, ...b });
  worker.handle({ type: 'bridge', bridgeId: 9, sessionIds: [1, 2] });
  return { network, worker, alice, bob };
}

function expectContiguous(party: Party, from = 0): void {
  for (const [index, packet] of party.heard.entries()) {
    const before = party.heard[index - 1];
    if (index <= from || before === undefined) continue;
    expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
  }
}

test('packets go across as they are, each way', () => {
  const { network, alice, bob } = pair();
  network.run(2000);
  expectContiguous(alice);
  expectContiguous(bob);
  for (const [listener, hz, own] of [
    [alice, 800, 500],
    [bob, 500, 800],
  ] as const) {
    const samples = listener.samples(10);
    expect(amplitudeOf(samples, hz, 8000)).toBeGreaterThan(2900);
    expect(amplitudeOf(samples, own, 8000)).toBeLessThan(50);
    const steps = listener.heard
      .slice(10)
      .map((packet, at) => packet.timestamp - (listener.heard[9 + at]?.timestamp ?? 0));
    expect(new Set(steps)).toEqual(new Set([160]));
  }
});
