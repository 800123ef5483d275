import { expect, test } from 'vitest';
import type { MediaAgreement } from '../sdp/agreement.ts';
import type { ClockTime } from './clock.ts';
import { MediaWorker } from './media-worker.ts';
import type { PacketHandler, PacketSocket } from './packet-socket.ts';
import type { WorkerEvent } from './protocol.ts';

const AGREEMENT: MediaAgreement = {
  remote: { address: '192.0.2.1', port: 4000 },
  codec: 'PCMU',
  payloadType: 0,
  encoder: null,
  eventPayloadType: 101,
  eventClockRateHz: 8000,
  receive: [{ payloadType: 0, role: 'PCMU' }],
  packetMs: 20,
  maySend: true,
  mayReceive: true,
  rtcp: { mux: false, remote: null },
};

class FakeSocket implements PacketSocket {
  readonly port: number;
  readonly log: string[] = [];
  onPacket: PacketHandler | null = null;
  sent = 0;
  broken = false;

  constructor(port: number) {
    this.port = port;
  }

  aim(address: string, port: number, exclusive: boolean): void {
    this.log.push(`aim ${address}:${port}${exclusive ? ' only' : ''}`);
  }

  unaim(): void {
    this.log.push('unaim');
  }

  send(): void {
    if (this.broken) throw new Error('The socket is broken');
    this.sent++;
  }

  close(): void {
    this.log.push('close');
  }
}

function make() {
  let nowMs = 0;
  let timer: (() => void) | null = null;
  const time: ClockTime = {
    now: () => nowMs,
    after(_delayMs, callback) {
      timer = callback;
      return () => {
        timer = null;
      };
    },
  };
  const sockets = new Map<number, FakeSocket>();
  const events: WorkerEvent[] = [];
  const worker = new MediaWorker({
    settings: {
      host: '127.0.0.1',
      rtpTimeoutMs: 0,
      rtcpIntervalMs: 0,
      latchTimes: { learningMs: 1000, silenceMs: 2000 },
      promptCacheBytes: 1000,
      maxCatchUpMs: 200,
      iceConsentMs: 30_000,
      utteranceBytes: 1 << 20,
      packetIo: 'dgram',
    },
    bind(_host, port, bound) {
      if (port === 13) return bound(null, 'EADDRINUSE');
      const socket = new FakeSocket(port);
      sockets.set(port, socket);
      bound(socket, '');
    },
    time,
    post: (event) => events.push(event),
  });
  const socketAt = (port: number): FakeSocket => {
    const socket = sockets.get(port);
    if (socket === undefined) throw new Error(`Port ${port} was not bound`);
    return socket;
  };
  const pass = (ms: number) => {
    for (let i = 0; i < ms; i += 5) {
      nowMs += 5;
      timer?.();
    }
  };
  return { worker, events, socketAt, pass, ticking: () => timer !== null };
}

const RTP = Uint8Array.from([0x80, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xff]);

test('a session sends every 20 ms from its start to its end, and the clock rests without sessions', () => {
  const { worker, events, socketAt, pass, ticking } = make();
  worker.handle({ type: 'bind', port: 13 });
  worker.handle({ type: 'bind', port: 10 });
  expect(events).toEqual([
    { type: 'bindFailed', port: 13, errorCode: 'EADDRINUSE' },
    { type: 'bound', port: 10 },
  ]);
  worker.handle({ type: 'openSession', sessionId: 1, port: 10, capture: false });
  worker.handle({ type: 'configure', sessionId: 1, agreement: AGREEMENT });
  pass(100);
  expect(socketAt(10).sent).toBe(0);
  worker.handle({ type: 'startSession', sessionId: 1 });
  pass(200);
  expect(socketAt(10).sent).toBe(10);
  socketAt(10).onPacket?.(RTP, '192.0.2.1', 4000);
  worker.handle({ type: 'closeSession', sessionId: 1 });
  pass(100);
  expect(socketAt(10).sent).toBe(10);
  expect(socketAt(10).log).toEqual(['aim 192.0.2.1:4000', 'aim 192.0.2.1:4000 only', 'unaim']);
  expect(events.at(-1)).toMatchObject({ type: 'sessionClosed', stats: { packetsSent: 10, packetsReceived: 1 } });
  expect(ticking()).toBe(false);
});

test('packets to a port without a session are told, once a second', () => {
  const { worker, events, socketAt, pass } = make();
  worker.handle({ type: 'bind', port: 10 });
  worker.handle({ type: 'openSession', sessionId: 1, port: 10, capture: false });
  worker.handle({ type: 'closeSession', sessionId: 1 });
  events.length = 0;
  for (let i = 0; i < 3; i++) socketAt(10).onPacket?.(RTP, '192.0.2.1', 4000);
  pass(1000);
  socketAt(10).onPacket?.(RTP, '192.0.2.1', 4000);
  expect(events).toEqual([
    { type: 'strayPacket', port: 10 },
    { type: 'strayPacket', port: 10 },
  ]);
});

test('a prompt that was dropped on the way ends its playback, commands for ended sessions do nothing', () => {
  const { worker, events } = make();
  worker.handle({ type: 'bind', port: 10 });
  worker.handle({ type: 'openSession', sessionId: 1, port: 10, capture: false });
  worker.handle({ type: 'play', sessionId: 1, playbackId: 'p', promptId: 'gone', offsetMs: 0 });
  expect(events.at(-1)).toMatchObject({ name: 'playbackEnded', event: { playbackId: 'p', outcome: 'stopped' } });
  worker.handle({ type: 'closeSession', sessionId: 1 });
  const count = events.length;
  worker.handle({ type: 'closeSession', sessionId: 1 });
  worker.handle({ type: 'stopPlayback', sessionId: 1, playbackId: 'p' });
  expect(events.length).toBe(count);
});

test('a session on a port that is not bound fails by itself', () => {
  const { worker, events } = make();
  worker.handle({ type: 'openSession', sessionId: 1, port: 10, capture: false });
  expect(events).toMatchObject([
    { type: 'sessionFailed', sessionId: 1, reason: expect.stringContaining('port 10') },
    { type: 'sessionClosed', sessionId: 1 },
  ]);
});

test('the end of the worker ends sessions and sockets', () => {
  const { worker, events, socketAt } = make();
  worker.handle({ type: 'bind', port: 10 });
  worker.handle({ type: 'bind', port: 12 });
  worker.handle({ type: 'openSession', sessionId: 1, port: 10, capture: false });
  worker.handle({ type: 'shutDown' });
  expect(events.at(-1)).toMatchObject({ type: 'sessionClosed', sessionId: 1 });
  expect([socketAt(10).log.at(-1), socketAt(12).log.at(-1)]).toEqual(['close', 'close']);
});

test('an error in one session ends that one only', () => {
  const { worker, events, socketAt, pass } = make();
  for (const [sessionId, port] of [
    [1, 10],
    [2, 12],
  ] as const) {
    worker.handle({ type: 'bind', port });
    worker.handle({ type: 'openSession', sessionId, port, capture: false });
    worker.handle({ type: 'configure', sessionId, agreement: AGREEMENT });
    worker.handle({ type: 'startSession', sessionId });
  }
  socketAt(10).broken = true;
  pass(100);
  expect(socketAt(12).sent).toBe(5);
  const ends = events.filter((event) => event.type === 'sessionFailed' || event.type === 'sessionClosed');
  expect(ends).toMatchObject([
    { type: 'sessionFailed', sessionId: 1, reason: expect.stringContaining('The socket is broken') },
    { type: 'sessionClosed', sessionId: 1 },
  ]);
});
