import { expect, test } from 'vitest';
import { type CpuProfile, costsOf } from './profile.ts';

const MEDIA = 'file:///x/packages/media/src';

function node(id: number, functionName: string, url: string, children: number[] = []) {
  return { id, callFrame: { functionName, url }, children };
}

/** A sample each 100 µs. */
function profileOf(samples: number[]): CpuProfile {
  return {
    nodes: [
      node(1, '(root)', '', [2, 3, 4, 7]),
      node(2, '(idle)', ''),
      node(3, '(garbage collector)', ''),
      node(4, 'tick', `${MEDIA}/session/outgoing.ts`, [5]),
      node(5, 'flush', `${MEDIA}/worker/native-packet-io.ts`, [6]),
      node(6, 'send', ''),
      node(7, 'strange', 'node:internal/other'),
    ],
    startTime: 1000,
    samples,
    timeDeltas: samples.map(() => 100),
  };
}

test('time per packet by stage: native functions belong to who called them, idle time to nobody', () => {
  const profile = profileOf([2, 2, 4, 5, 6, 6, 3, 7, 2, 2]);
  const costs = costsOf(profile, { fromUs: 0, toUs: 9999, packets: 100, threadUs: 800 });
  expect(costs.us_per_packet_by_stage).toEqual({
    all: 8,
    send: 3,
    'RTP out': 1,
    'garbage collection': 1,
    other: 1,
    'receive and wait in native code': 2,
  });
  expect(costs.top).toMatchObject({ send: 2, 'flush native-packet-io.ts': 1 });
  // The last sample has no end.
  expect(costs.idle_pct).toBe(33.3);
});

test('only the window counts', () => {
  const costs = costsOf(profileOf([6, 6, 6, 4, 4, 4]), { fromUs: 1350, toUs: 1550, packets: 1, threadUs: 200 });
  expect(costs.us_per_packet_by_stage).toEqual({ all: 200, 'RTP out': 200, 'receive and wait in native code': 0 });
});

test('what encoders and decoders share belongs to the one that called it, and so does what they do in WebAssembly', () => {
  const profile: CpuProfile = {
    nodes: [
      node(1, '(root)', '', [2, 4]),
      node(2, 'encode', `${MEDIA}/codec/g722.ts`, [3]),
      node(3, 'update', `${MEDIA}/codec/g722-band.ts`),
      node(4, '#decode', `${MEDIA}/rtp/audio-reader.ts`, [5, 9]),
      node(5, 'decode', `${MEDIA}/codec/g722.ts`, [6]),
      node(6, 'update', `${MEDIA}/codec/g722-band.ts`),
      node(9, 'decode', `${MEDIA}/codec/opus-codec.ts`, [10]),
      node(10, 'wasm-function[7]', 'wasm://wasm/0012'),
    ],
    startTime: 0,
    samples: [2, 3, 4, 5, 6, 10, 10],
    timeDeltas: [0, 100, 100, 100, 100, 100, 100],
  };
  const costs = costsOf(profile, { fromUs: 0, toUs: 9999, packets: 10, threadUs: 600 });
  expect(costs.us_per_packet_by_stage).toMatchObject({ encode: 20, decode: 30, 'jitter buffer': 10 });
});
