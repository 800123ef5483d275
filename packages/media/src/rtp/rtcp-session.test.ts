import { expect, test } from 'vitest';
import { RtpPacket } from './packet.ts';
import { Reception } from './reception.ts';
import { type ReportBlock, readRtcp } from './rtcp-packet.ts';
import { RtcpSession, randomCname, type SendFigures } from './rtcp-session.ts';

const EPOCH_MS = 1_800_000_000_123.5;

function session(ssrc: number, random = () => 0.5): RtcpSession {
  return new RtcpSession({ ssrc, cname: 'c', epochMs: EPOCH_MS + ssrc * 1234.5, nowMs: 0, random });
}

function sent(packets: number, timestampMs = 0): SendFigures {
  return { packets, octets: packets * 160, clockRateHz: 8000, timestamp: packets * 160, timestampMs };
}

function receive(reception: Reception, from: number, to: number, ssrc: number, lost: (n: number) => boolean): void {
  for (let n = from; n < to; n++) {
    const packet = Object.assign(new RtpPacket(), { sequence: n & 0xffff, timestamp: n * 160, ssrc });
    if (!lost(n)) reception.accept(packet, n * 20);
  }
}

function blockOf(bytes: Uint8Array): ReportBlock | null {
  let found: ReportBlock | null = null;
  readRtcp(bytes, {
    sent: () => undefined,
    heard: (_, block) => {
      found = { ...block };
    },
    left: () => undefined,
  });
  return found;
}

test('reports come every 5 s on the average, the first after half of that, never at the same pace', () => {
  for (const [random, factor] of [
    [0, 0.5],
    [0.5, 1],
    [1, 1.5],
  ] as const) {
    const rtcp = session(1, () => random);
    const intervalMs = (5000 * factor) / 1.218;
    expect(rtcp.due(intervalMs / 2 - 5)).toBe(false);
    expect(rtcp.due(intervalMs / 2 + 5)).toBe(true);
    rtcp.build(10_000, sent(0), new Reception(8000));
    expect(rtcp.due(10_000 + intervalMs - 5)).toBe(false);
    expect(rtcp.due(10_000 + intervalMs + 5)).toBe(true);
  }
});

test('loss is told for the time since the last report and as a whole', () => {
  const rtcp = session(1);
  const reception = new Reception(8000);
  receive(reception, 65_500, 65_600, 9, (n) => n % 4 === 1);
  expect(blockOf(rtcp.build(5000, sent(0), reception))).toMatchObject({
    ssrc: 9,
    fractionLost: 64,
    cumulativeLost: 25,
    extendedHighest: 65_599,
    lastReport: 0,
  });
  receive(reception, 65_600, 65_700, 9, () => false);
  expect(blockOf(rtcp.build(10_000, sent(0), reception))).toMatchObject({ fractionLost: 0, cumulativeLost: 25 });
  expect(blockOf(rtcp.build(15_000, sent(0), reception))).toBeNull();
  receive(reception, 1000, 1010, 10, (n) => n === 1004 || n === 1006);
  expect(blockOf(rtcp.build(20_000, sent(0), reception))).toMatchObject({ ssrc: 10, cumulativeLost: 2 });
});

test('two ends tell each other the round trip, the loss and the jitter, whatever their clocks say', () => {
  const [near, far] = [session(1), session(2)];
  const [atNear, atFar] = [new Reception(8000), new Reception(8000)];
  receive(atNear, 1, 201, 2, () => false);
  receive(atFar, 1, 201, 1, (n) => n > 1 && n % 10 === 0);
  const nearReport = near.build(4000, sent(200, 3980), atNear);
  far.onPacket(nearReport, 4030);
  expect(far.roundTripMs).toBeNull();
  const farReport = far.build(6000, sent(200, 5990), atFar);
  near.onPacket(farReport, 6050);
  expect(near.roundTripMs).toBeCloseTo(80, 0);
  expect(near.remote).toMatchObject({ lost: 19, atMs: 6050 });
  expect(near.remote?.lossPercent).toBeCloseTo(9.5, 0);
  receive(atNear, 201, 300, 2, () => false);
  far.onPacket(near.build(8000, sent(300, 7990), atNear), 8030);
  expect(far.roundTripMs).toBeCloseTo(80, 0);
  expect(far.remote).toMatchObject({ lost: 0, lossPercent: 0 });
});

test('a report about somebody else, or with an impossible time, changes nothing', () => {
  const [near, far, other] = [session(1), session(2), session(3)];
  const reception = new Reception(8000);
  receive(reception, 1, 50, 3, () => false);
  near.onPacket(far.build(1000, sent(0), reception), 1000);
  expect(near.remote).toBeNull();
  other.onPacket(near.build(900_000, sent(10), new Reception(8000)), 1000);
  receive(reception, 50, 100, 1, () => false);
  near.onPacket(far.build(2000, sent(0), reception), 2000);
  expect(near.roundTripMs).toBeNull();
});

test('who sends gives a sender report until two reports after the last packet', () => {
  const rtcp = session(1);
  const types = [10, 20, 20, 20, 30].map((packets) => rtcp.build(0, sent(packets), new Reception(8000))[1]);
  expect(types).toEqual([200, 200, 200, 201, 200]);
});

test('a sender report pairs the time of day with the timestamp of that very moment', () => {
  const view = new DataView(session(0).build(10_250, sent(512, 10_240), new Reception(8000)).buffer);
  expect(view.getUint32(8)).toBe(1_800_000_010 + 2_208_988_800);
  expect(view.getUint32(12) / 2 ** 32).toBeCloseTo(0.3735, 4);
  expect(view.getUint32(16)).toBe(512 * 160 + 80);
});

test('a BYE is said only by one who has spoken, and is heard', () => {
  const [near, far] = [session(1), session(2)];
  expect(near.buildBye(100, sent(0), new Reception(8000))).toBeNull();
  const bye = near.buildBye(100, sent(5), new Reception(8000));
  expect(far.onPacket(bye ?? new Uint8Array(0), 130)).toBe(true);
  const gone: number[] = [];
  readRtcp(bye ?? new Uint8Array(0), {
    sent: () => undefined,
    heard: () => undefined,
    left: (ssrc) => gone.push(ssrc),
  });
  expect(gone).toEqual([1]);
});

test('names are short and new every time', () => {
  expect(randomCname()).toMatch(/^[\w+/]{16}$/);
  expect(randomCname()).not.toBe(randomCname());
});
