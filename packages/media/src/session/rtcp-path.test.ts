import { expect, test } from 'vitest';
import { RtpPacket } from '../rtp/packet.ts';
import { isRtcp, type ReportBlock, readRtcp } from '../rtp/rtcp-packet.ts';
import { RtcpSession } from '../rtp/rtcp-session.ts';
import { VirtualNetwork } from '../worker/virtual-network.ts';
import type { SessionStats } from './events.ts';

const RTCP_PORT = 10_001;
const SENT = { packets: 50, octets: 8000, clockRateHz: 8000, timestamp: 0, timestampMs: 0 };

function said(bytes: Uint8Array): { reports: number[]; blocks: ReportBlock[]; byes: number[] } {
  const told = { reports: [] as number[], blocks: [] as ReportBlock[], byes: [] as number[] };
  const whole = readRtcp(bytes, {
    sent: (ssrc) => told.reports.push(ssrc),
    heard: (_, block) => told.blocks.push({ ...block }),
    left: (ssrc) => told.byes.push(ssrc),
  });
  expect(whole).toBe(true);
  return told;
}

function call(mux: boolean, { rtpTimeoutMs = 0 } = {}) {
  const network = new VirtualNetwork();
  const worker = network.worker({ rtcpIntervalMs: 1000, rtpTimeoutMs });
  const party = worker.join(1, { toneHz: 500 });
  const rtcp = { mux, remote: mux ? null : { address: '192.0.2.1', port: 4001 } };
  worker.handle({ type: 'configure', sessionId: 1, agreement: party.agreement({ rtcp }) });
  return { network, worker, party };
}

function statsOf(worker: ReturnType<typeof call>['worker']): SessionStats {
  const closed = worker.events.find((event) => event.type === 'sessionClosed');
  if (closed?.type !== 'sessionClosed') throw new Error('The session was not closed');
  return closed.stats;
}

test('reports go to the next port, say how the far side is heard, and end with a BYE; its reports become figures', () => {
  const { network, worker, party } = call(false);
  party.network = (index) => (index % 4 === 3 ? null : 0);
  const socket = worker.socket(RTCP_PORT);
  network.run(1000);
  const far = new RtcpSession({ ssrc: 77, cname: 'far', epochMs: 0, nowMs: 0 });
  const ours = new RtpPacket();
  const ourSsrc = party.heard[0]?.ssrc ?? 0;
  const sender = far.build(network.nowMs, SENT, {
    ssrc: ourSsrc,
    expected: 50,
    received: 40,
    extendedHighest: 50,
    jitterUnits: 80,
  });
  socket?.onPacket?.(sender, '192.0.2.1', 4999);
  socket?.onPacket?.(sender, '203.0.113.5', 4001);
  network.run(4000);
  const sent = socket?.sent ?? [];
  expect(sent.length).toBeGreaterThanOrEqual(3);
  // A NAT changed the port of its reports, a stranger's did nothing.
  expect(new Set(sent.filter(({ atMs }) => atMs > 1000).map(({ to }) => to))).toEqual(new Set(['192.0.2.1:4999']));
  const report = said(sent.at(-1)?.bytes ?? new Uint8Array());
  expect(report.reports).toEqual([ourSsrc]);
  expect(report.blocks[0]?.ssrc).toBe(77);
  expect((report.blocks[0]?.fractionLost ?? 0) / 256).toBeCloseTo(0.25, 1);
  expect(report.blocks[0]?.lastReport).toBeGreaterThan(0);

  // The far side answers our next report 120 ms after it came: 80 ms there and back.
  for (let waited = 0, count = sent.length; sent.length === count && waited < 3000; waited++) network.run(1);
  const sentMs = sent.at(-1)?.atMs ?? 0;
  far.onPacket(sent.at(-1)?.bytes ?? new Uint8Array(), sentMs + 40);
  const reply = far.build(sentMs + 160, SENT, {
    ssrc: ourSsrc,
    expected: 100,
    received: 90,
    extendedHighest: 100,
    jitterUnits: 80,
  });
  network.run(sentMs + 200 - network.nowMs);
  socket?.onPacket?.(reply, '192.0.2.1', 4999);
  worker.handle({ type: 'closeSession', sessionId: 1 });
  expect(said(sent.at(-1)?.bytes ?? new Uint8Array()).byes).toEqual([ourSsrc]);
  const stats = statsOf(worker);
  expect(stats.remoteLost).toBe(10);
  expect(stats.remoteJitterMs).toBe(10);
  expect(stats.roundTripMs).toBeCloseTo(80, 0);
  expect(stats.mos).toBeGreaterThan(1.5);
  expect(stats.mos).toBeLessThan(3);
  expect(stats.lost).toBeGreaterThan(50);
  expect(ours.read(sender)).toBe(false);
});

test('with rtcp-mux everything goes over the RTP port', () => {
  const { network, worker, party } = call(true);
  network.run(3000);
  expect(worker.socket(RTCP_PORT)?.sent).toEqual([]);
  expect(party.reports.length).toBeGreaterThanOrEqual(2);
  expect(party.reports.every(isRtcp)).toBe(true);
  const far = new RtcpSession({ ssrc: 77, cname: 'far', epochMs: 0, nowMs: 0 });
  const ssrc = party.heard[0]?.ssrc ?? 0;
  const report = far.build(1, SENT, { ssrc, expected: 9, received: 6, extendedHighest: 9, jitterUnits: 0 });
  worker.socket(10_000)?.onPacket?.(report, '192.0.2.1', 4000);
  worker.handle({ type: 'closeSession', sessionId: 1 });
  expect(said(party.reports.at(-1) ?? new Uint8Array()).byes).toEqual([ssrc]);
  expect(statsOf(worker)).toMatchObject({ remoteLost: 3, malformed: 0, lost: 0 });
});

test('the port of reports stays bound with the RTP port and serves the next session', () => {
  const { network, worker, party } = call(false);
  network.run(1500);
  const socket = worker.socket(RTCP_PORT);
  worker.handle({ type: 'closeSession', sessionId: 1 });
  expect(socket?.onPacket).toBeNull();
  const before = socket?.sent.length ?? 0;
  worker.handle({ type: 'openSession', sessionId: 2, port: 10_000, capture: false });
  const rtcp = { mux: false, remote: { address: '192.0.2.1', port: 4003 } };
  worker.handle({ type: 'configure', sessionId: 2, agreement: party.agreement({ rtcp }) });
  worker.handle({ type: 'startSession', sessionId: 2 });
  network.run(3000);
  expect(worker.socket(RTCP_PORT)).toBe(socket);
  expect(socket?.sent.slice(before).every(({ to }) => to === '192.0.2.1:4003')).toBe(true);
  expect(socket?.sent.length).toBeGreaterThan(before);
});

test.each([false, true])('a far side that is muted is there as long as its reports come (mux: %s)', (mux) => {
  const { network, worker, party } = call(mux, { rtpTimeoutMs: 10_000 });
  network.run(1000);
  party.mute = true;
  const far = new RtcpSession({ ssrc: 77, cname: 'far', epochMs: 0, nowMs: 0 });
  const ssrc = party.heard[0]?.ssrc ?? 0;
  const timeouts = () => worker.events.filter((event) => event.type === 'sessionEvent' && event.name === 'rtpTimeout');
  const report = (address: string) => {
    const bytes = far.build(1, SENT, { ssrc, expected: 9, received: 9, extendedHighest: 9, jitterUnits: 0 });
    worker.socket(mux ? 10_000 : RTCP_PORT)?.onPacket?.(bytes, address, mux ? 4000 : 4001);
  };
  for (let i = 0; i < 6; i++) {
    network.run(5000);
    report('192.0.2.1');
  }
  expect(timeouts()).toEqual([]);
  for (let i = 0; i < 3; i++) {
    network.run(5000);
    report('203.0.113.5');
  }
  expect(timeouts()).toHaveLength(1);
});

test('Opus makes copies of its sound until three reports in a row know of no loss, and again when one does', () => {
  const network = new VirtualNetwork();
  const worker = network.worker({ rtcpIntervalMs: 5000 });
  const party = worker.join(1, { codec: 'opus' });
  const encoder = { maxBitrateBps: null, forwardErrorCorrection: true, constantBitrate: false };
  const agreement = party.agreement({ encoder, rtcp: { mux: true, remote: null } });
  worker.handle({ type: 'configure', sessionId: 1, agreement });
  network.run(500);
  const far = new RtcpSession({ ssrc: 77, cname: 'far', epochMs: 0, nowMs: 0 });
  const ssrc = party.heard[0]?.ssrc ?? 0;
  let [expected, received] = [0, 0];
  const copiesAfterReport = (lost: number) => {
    expected += 250;
    received += 250 - lost;
    const bytes = far.build(1, SENT, { ssrc, expected, received, extendedHighest: expected, jitterUnits: 0 });
    worker.socket(10_000)?.onPacket?.(bytes, '192.0.2.1', 4000);
    network.run(100);
    // Only SILK, the modes under 12, has copies (RFC 6716 table 2).
    return (party.heard.at(-1)?.payload[0] ?? 0) >> 3 < 12;
  };
  expect([0, 1, 0, 0, 0, 0, 3, 0].map(copiesAfterReport)).toEqual([true, true, true, true, false, false, true, true]);
  expect([0, 0].map(copiesAfterReport)).toEqual([true, false]);
});
