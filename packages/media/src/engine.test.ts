import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { encodeMulaw } from './codec/g711.ts';
import { MediaEngine, type MediaSession, type PromptRef } from './index.ts';
import { writeRtpHeader } from './rtp/packet.ts';
import { isRtcp } from './rtp/rtcp-packet.ts';
import { digitOfEvent, writeTelephoneEvent } from './rtp/telephone-event.ts';
import { Peer, type Received, sharedNoise } from './testing/engine-peer.ts';

// Below the ports the system gives out by itself, and apart from other runs of these tests.
const BASE = 20_000 + (process.pid % 120) * 100;
const PORTS = { portLow: BASE, portHigh: BASE + 59 };

function audioPacket(sequence: number, payloadType = 0): Uint8Array {
  const bytes = new Uint8Array(172).fill(0xff);
  writeRtpHeader(bytes, false, payloadType, sequence, sequence * 160, 77);
  return bytes;
}

function eventPacket(sequence: number, code: number): Uint8Array {
  const bytes = new Uint8Array(16);
  writeRtpHeader(bytes, true, 101, sequence, 8000, 77);
  writeTelephoneEvent(bytes, 12, code, false, 10, 160);
  return bytes;
}

const PROMPT = sharedNoise(8000);
const open: { close(): unknown }[] = [];
let engine: MediaEngine;
let prompt: PromptRef;

beforeAll(async () => {
  engine = await MediaEngine.start({
    host: '127.0.0.1',
    ...PORTS,
    workers: 2,
    minReadyPorts: 4,
    maxCatchUpMs: 10_000,
    portRestMs: 50,
  });
  prompt = engine.loadPrompt({ id: 'noise', samples: PROMPT, sampleRateHz: 8000 });
});

afterAll(() => engine.close());

afterEach(async () => {
  for (const closable of open.splice(0)) await closable.close();
});

async function call(offer?: (peer: Peer) => string): Promise<{ peer: Peer; session: MediaSession }> {
  const peer = await Peer.open();
  const session = await engine.createSession();
  open.push(peer, session);
  session.answerOffer(offer?.(peer) ?? peer.offer());
  return { peer, session };
}

function expectContinuous(received: Received[]): void {
  for (const [index, packet] of received.entries()) {
    const before = received[index - 1];
    if (before === undefined) continue;
    expect(packet.ssrc).toBe(before.ssrc);
    expect(packet.sequence).toBe((before.sequence + 1) & 0xffff);
  }
}

function expectEvenTimestamps(received: Received[]): void {
  for (const [index, packet] of received.entries()) {
    const before = received[index - 1];
    if (before !== undefined) expect((packet.timestamp - before.timestamp) | 0).toBe(160);
  }
}

test('a prompt arrives bit for bit, in one stream with the silence around it', async () => {
  const { peer, session } = await call();
  session.start();
  await peer.until(5);
  const ended = once(session, 'playbackEnded');
  session.play('p1', prompt);
  expect(await ended).toEqual([{ playbackId: 'p1', outcome: 'completed' }]);
  await peer.until(peer.received.length + 5);

  const expected = new Uint8Array(PROMPT.length);
  encodeMulaw(PROMPT, 0, expected, 0, PROMPT.length);
  const all = Buffer.concat(peer.received.map(({ payload }) => payload));
  const at = all.indexOf(expected);
  expect(at).toBeGreaterThan(0);
  expect(at % 160).toBe(0);
  expect(all.subarray(0, at).every((octet) => octet === 0xff)).toBe(true);
  expect(all.subarray(at + expected.length).every((octet) => octet === 0xff)).toBe(true);
  expectContinuous(peer.received);
  expectEvenTimestamps(peer.received);
  const marked = peer.received.flatMap(({ marker }, index) => (marker ? [index] : []));
  expect(marked).toEqual([0, at / 160, (at + expected.length) / 160]);
});

test('a playback can be stopped, replaced, begun in the middle, and ends with its session', async () => {
  const { peer, session } = await call();
  session.start();
  const outcomes: string[] = [];
  session.on('playbackEnded', ({ playbackId, outcome }) => outcomes.push(`${playbackId} ${outcome}`));
  session.play('a', prompt);
  session.play('b', prompt, { offsetMs: 980 });
  await once(session, 'playbackEnded');
  await once(session, 'playbackEnded');
  session.play('c', prompt);
  await peer.until(peer.received.length + 3);
  session.stopPlayback('c');
  session.stopPlayback('c');
  await once(session, 'playbackEnded');
  session.play('d', prompt);
  await session.close();
  expect(outcomes).toEqual(['a stopped', 'b completed', 'c stopped', 'd stopped']);
});

test('digits go out as events with three ends, and the timestamps go on behind them', async () => {
  const { peer, session } = await call();
  session.start();
  await peer.until(2);
  session.sendDigits('5#', { toneMs: 60, gapMs: 60 });
  await once(session, 'digitsSent');
  await peer.until(peer.received.length + 3);
  expectContinuous(peer.received);
  const events = peer.received.filter(({ payloadType }) => payloadType === 101);
  const told = events.map(({ payload, marker }) => {
    const end = (payload[1] ?? 0) >= 128 ? 'E' : '';
    return `${marker ? 'M' : ''}${digitOfEvent(payload[0] ?? 99)}${payload.readUInt16BE(2)}${end}`;
  });
  expect(told).toEqual(['M5160', '5320', '5480E', '5480E', '5480E', 'M#160', '#320', '#480E', '#480E', '#480E']);
  expect(new Set(events.map(({ timestamp }) => timestamp)).size).toBe(2);
  const firstEvent = peer.received.findIndex(({ payloadType }) => payloadType === 101);
  const last = peer.received.at(-1);
  const start = peer.received[firstEvent];
  const spanned = peer.received.length - 1 - firstEvent;
  expect(((last?.timestamp ?? 0) - (start?.timestamp ?? 0)) | 0).toBe(spanned * 160);
});

test('garbage harms nothing; a digit is heard once', async () => {
  const { peer, session } = await call();
  session.start();
  await peer.until(1);
  const digits: string[] = [];
  session.on('digit', ({ digit, method }) => digits.push(`${digit} ${method}`));
  const first = once(session, 'firstPacket');
  let reports = 0;
  for (let i = 0; i < 100; i++) {
    const bytes = new Uint8Array(i % 80).map((_, at) => (i * 31 + at * 17) & 0xff);
    if (bytes.length > 0 && i % 3 === 0) bytes[0] = 0x80 | (i & 0x3f);
    if (isRtcp(bytes)) reports++;
    peer.send(session.port, bytes);
  }
  peer.send(session.port, audioPacket(1));
  expect(await first).toEqual([{ address: '127.0.0.1', port: peer.port }]);
  const heard = once(session, 'digit');
  for (const sequence of [2, 3, 3, 4]) peer.send(session.port, eventPacket(sequence, 7));
  await heard;
  await peer.until(peer.received.length + 5);
  const stats = await session.close();
  expect(digits).toEqual(['7 rtp-event']);
  const { malformed, unknownPayload, foreign, duplicates, packetsReceived } = stats;
  expect(malformed).toBeGreaterThan(60);
  expect(malformed + unknownPayload + foreign + duplicates + packetsReceived).toBe(100 + 5 - reports);
  expect(stats.packetsSent).toBeGreaterThan(0);
});

test('on hold nothing is sent, and the stream goes on with the same SSRC and numbers afterwards', async () => {
  const { peer, session } = await call();
  session.start();
  await peer.until(3);
  const ended = once(session, 'playbackEnded');
  session.play('p', prompt, { offsetMs: 900 });
  expect(session.answerOffer(`${peer.offer()}a=sendonly\r\n`)).toContain('a=recvonly');
  expect(await ended).toEqual([{ playbackId: 'p', outcome: 'completed' }]);
  const heldAt = peer.received.length;
  expect(session.answerOffer(peer.offer())).toContain('a=sendrecv');
  await peer.until(heldAt + 5);
  expectContinuous(peer.received);
  const gap = ((peer.received[heldAt]?.timestamp ?? 0) - (peer.received[heldAt - 1]?.timestamp ?? 0)) | 0;
  expect(gap).toBeGreaterThan(160 * 3);
  expect(gap % 160).toBe(0);
  expect(peer.received[heldAt]?.marker).toBe(true);
});

test('another source is neither heard nor sent to', async () => {
  const { peer, session } = await call();
  session.start();
  await peer.until(1);
  peer.send(session.port, audioPacket(1));
  await once(session, 'firstPacket');
  const stranger = await Peer.open();
  open.push(stranger);
  stranger.send(session.port, eventPacket(2, 9));
  const heard = once(session, 'digit');
  peer.send(session.port, eventPacket(2, 4));
  expect((await heard)[0]).toMatchObject({ digit: '4' });
  await peer.until(peer.received.length + 3);
  expect(stranger.received).toEqual([]);
});

test('an outbound session offers, takes the answer and sends with its payload type', async () => {
  const peer = await Peer.open();
  const session = await engine.createSession({ offerCodecs: ['PCMA', 'PCMU'] });
  open.push(peer, session);
  expect(session.createOffer()).toContain(`m=audio ${session.port} RTP/AVP 8 0 101`);
  session.acceptAnswer(peer.offer('8'));
  session.start();
  await peer.until(3);
  expect(peer.received.every(({ payloadType, payload }) => payloadType === 8 && payload[0] === 0xd5)).toBe(true);
});

test('silence of the far side is told once', async () => {
  const own = await MediaEngine.start({
    host: '127.0.0.1',
    portLow: BASE + 60,
    portHigh: BASE + 65,
    workers: 1,
    rtpTimeoutMs: 60,
  });
  open.push(own);
  const peer = await Peer.open();
  open.push(peer);
  const session = await own.createSession();
  session.answerOffer(peer.offer());
  session.start();
  const [{ silentMs }] = await once(session, 'rtpTimeout');
  expect(silentMs).toBeGreaterThanOrEqual(60);
});

test('a listener that throws is told to the engine and stops nothing', async () => {
  const { peer, session } = await call();
  session.start();
  await peer.until(1);
  session.on('firstPacket', () => {
    throw new Error('from the listener');
  });
  const told = once(engine, 'listenerError');
  peer.send(session.port, audioPacket(1));
  expect((await told)[0]).toMatchObject({ message: 'from the listener' });
  const ended = once(session, 'playbackEnded');
  session.play('p', prompt, { offsetMs: 960 });
  await ended;
});

test('what a session cannot do is refused with the reason', async () => {
  const session = await engine.createSession();
  expect(() => session.start()).toThrow('before its SDP is agreed');
  expect(() => session.sendDigits('12x')).toThrow('Character 3');
  expect(() => session.sendDigits('')).toThrow(RangeError);
  expect(() => session.play('p', { id: 'unknown', durationMs: 1 })).toThrow('"unknown" is not loaded');
  expect(() => engine.loadPrompt({ id: 'noise', samples: PROMPT, sampleRateHz: 8000 })).toThrow('already loaded');
  expect(() => engine.loadPrompt({ id: 'x', samples: new Int16Array(1), sampleRateHz: 8000 })).toThrow(
    'SharedArrayBuffer',
  );
  const wide = { samples: new Int16Array(new SharedArrayBuffer(2)), sampleRateHz: 16_000 };
  expect(() => engine.loadPrompt({ ...wide, id: 'x', sampleRateHz: 11_025 })).toThrow('have 8000 or 16000 Hz');
  const room = engine.createRoom();
  expect(() => room.play('p', engine.loadPrompt({ ...wide, id: 'wide' }))).toThrow('not loaded at 8 kHz');
  engine.dropPrompt('wide');
  await room.close();
  session.play('p', prompt);
  expect(() => session.play('p', prompt)).toThrow('already running');
  const ended = once(session, 'playbackEnded');
  const [stats] = await Promise.all([session.close(), session.close()]);
  expect(await ended).toEqual([{ playbackId: 'p', outcome: 'stopped' }]);
  expect(stats.packetsSent).toBe(0);
  expect(() => session.createOffer()).toThrow('closed');
});

test('the figures of the engine follow its sessions, and ports come back', async () => {
  const before = await engine.stats();
  const sessions = await Promise.all(Array.from({ length: 10 }, () => engine.createSession()));
  const during = await engine.stats();
  expect(during.sessions).toBe(before.sessions + 10);
  expect(during.workers.every(({ sessions: count }) => count >= 4)).toBe(true);
  await Promise.all(sessions.map((session) => session.close()));
  const after = await engine.stats();
  expect(after.sessions).toBe(before.sessions);
  // More sessions one after the other than the range has ports.
  for (let i = 0; i < 60; i++) await (await vi.waitFor(() => engine.createSession())).close();
});
