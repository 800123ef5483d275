import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { MediaEngine, type MediaSession, MediaUsageError } from './index.ts';
import { AMPLITUDE, amplitudeOf, Party } from './worker/virtual-network.ts';

// Below the ports the system gives out by itself, and apart from other runs of these tests.
const BASE = 8000 + (process.pid % 100) * 100;

let engine: MediaEngine;
const open: { close(): unknown }[] = [];

// Real time: some hundred packets after each other.
vi.setConfig({ testTimeout: 20_000 });

beforeAll(async () => {
  engine = await MediaEngine.start({
    host: '127.0.0.1',
    portLow: BASE,
    portHigh: BASE + 79,
    workers: 2,
    minReadyPorts: 4,
    maxCatchUpMs: 10_000,
    portRestMs: 50,
  });
});

afterAll(() => engine.close());

afterEach(async () => {
  for (const closable of open.splice(0)) await closable.close();
});

/** A far side on a real socket, which speaks on its own clock. */
class RealParty {
  readonly party: Party;
  readonly session: MediaSession;
  readonly #timer: NodeJS.Timeout;
  readonly #socket: Socket;

  constructor(party: Party, session: MediaSession, socket: Socket) {
    this.party = party;
    this.session = session;
    this.#socket = socket;
    const startMs = performance.now();
    socket.on('message', (bytes) => party.receive(bytes, performance.now() - startMs));
    let nowMs = 0;
    this.#timer = setInterval(() => {
      for (; nowMs < performance.now() - startMs; nowMs++) party.tick(nowMs);
    }, 5);
  }

  /** Resolves when so many more packets have come in. */
  async hear(packets: number): Promise<void> {
    const enough = this.party.heard.length + packets;
    while (this.party.heard.length < enough) await once(this.#socket, 'message');
  }

  /**
   * Waits until the last quarter of a second holds each of these tones at the given level (1: as it was spoken) within a
   * quarter. A busy machine may interrupt any single moment.
   */
  async hears(levels: Record<number, number>): Promise<void> {
    for (let tries = 0; tries < 60; tries++) {
      await this.hear(13);
      if (Object.entries(levels).every(([hz, level]) => Math.abs(this.#level(Number(hz)) - level) < 0.05 + level / 5))
        return;
    }
    const heard = Object.keys(levels).map((hz) => `${hz} Hz at ${this.#level(Number(hz)).toFixed(2)}`);
    throw new Error(`${this.party.options.toneHz} should hear ${JSON.stringify(levels)} and hears ${heard.join(', ')}`);
  }

  #level(toneHz: number): number {
    const samples = this.party.samples();
    return amplitudeOf(samples.subarray(samples.length - 2000), toneHz, 8000) / AMPLITUDE;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.session.close();
    this.#socket.close();
  }
}

async function call(toneHz: number, beside?: MediaSession): Promise<RealParty> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const session = await engine.createSession(beside === undefined ? {} : { beside });
  const { port } = socket.address();
  session.answerOffer(
    `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0 101\r\n` +
      'a=rtpmap:101 telephone-event/8000\r\n',
  );
  session.start();
  const party = new Party(session.id, { codec: 'PCMU', packetMs: 20, events: true, toneHz }, (bytes) =>
    socket.send(bytes, session.port, '127.0.0.1'),
  );
  const real = new RealParty(party, session, socket);
  open.push(real);
  return real;
}

test('a bridge on one worker and one over two workers', async () => {
  const a = await call(500);
  const b = await call(700, a.session);
  expect(b.session.worker).toBe(a.session.worker);
  const c = await call(900);
  expect(c.session.worker).not.toBe(a.session.worker);

  const beside = engine.bridge(a.session, b.session);
  expect(() => engine.bridge(a.session, c.session)).toThrow(MediaUsageError);
  await Promise.all([a.hears({ 500: 0, 700: 1, 900: 0 }), b.hears({ 500: 1, 700: 0, 900: 0 }), c.hears({ 500: 0 })]);
  beside.close();
  const across = engine.bridge(c.session, a.session);
  const digit = once(c.session, 'digit');
  await Promise.all([a.hears({ 500: 0, 700: 0, 900: 1 }), b.hears({ 500: 0 }), c.hears({ 500: 1, 900: 0 })]);
  c.party.press(3);
  expect(await digit).toMatchObject([{ digit: '3', method: 'rtp-event' }]);
  await a.hear(20);
  expect(a.party.heard.some(({ payloadType, payload }) => payloadType === 101 && payload[0] === 3)).toBe(true);
  await c.close();
  open.splice(open.indexOf(c), 1);
  expect(() => across.close()).not.toThrow();
  engine.bridge(b.session, a.session).close();
});

test('a room over two workers: everybody hears all the others; who speaks is told; a coach whispers', async () => {
  const parties = [await call(400), await call(550), await call(700), await call(850)];
  expect(new Set(parties.map(({ session }) => session.worker)).size).toBe(2);
  const [a, b, c, d] = parties as [RealParty, RealParty, RealParty, RealParty];
  const room = engine.createRoom();
  const speaks = once(room, 'activeSpeaker');
  for (const { session } of parties) room.join(session);
  expect(() => room.join(a.session)).toThrow(MediaUsageError);
  await Promise.all([
    a.hears({ 400: 0, 550: 1, 700: 1, 850: 1 }),
    b.hears({ 400: 1, 550: 0, 700: 1, 850: 1 }),
    c.hears({ 400: 1, 550: 1, 700: 0, 850: 1 }),
    d.hears({ 400: 1, 550: 1, 700: 1, 850: 0 }),
  ]);
  expect(parties.map(({ session }) => session)).toContain((await speaks)[0].session);

  // The first and the second are on different workers or the first and the third are.
  const [listener, other] = a.session.worker === b.session.worker ? [c, b] : [b, c];
  expect(listener.session.worker).not.toBe(a.session.worker);
  room.update(a.session, { coach: listener.session });
  await Promise.all([listener.hears({ 400: 1, 850: 1 }), other.hears({ 400: 0, 850: 1 }), a.hears({ 850: 1 })]);
  room.update(a.session, { coach: null, gainDb: -6 });
  room.leave(listener.session);
  await Promise.all([other.hears({ 400: 0.5, 850: 1 }), listener.hears({ 400: 0, 850: 0 })]);

  const samples = new Int16Array(new SharedArrayBuffer(16_000 * 2));
  for (let i = 0; i < samples.length; i++) samples[i] = AMPLITUDE * Math.sin((2 * Math.PI * 1500 * i) / 8000);
  const beep = engine.loadPrompt({ id: 'beep', samples, sampleRateHz: 8000 });
  const ended = once(room, 'playbackEnded');
  room.play('1', beep);
  expect(() => room.play('1', beep)).toThrow(MediaUsageError);
  await Promise.all([other.hears({ 1500: 1 }), listener.hears({ 1500: 0 })]);
  expect(await ended).toEqual([{ playbackId: '1', outcome: 'completed' }]);
  room.play('2', beep);
  const stopped = once(room, 'playbackEnded');
  room.close();
  expect(await stopped).toEqual([{ playbackId: '2', outcome: 'stopped' }]);
  expect(() => room.join(a.session)).toThrow(MediaUsageError);
  engine.dropPrompt('beep');
  engine.createRoom().join(a.session);
});
