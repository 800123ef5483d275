import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { loadPacketAddon } from './native-addon.ts';
import type { NativeIo, PacketAddon } from './native-packet-io.ts';

const loaded = loadPacketAddon();
if (loaded.addon === null) test.skip(`the addon (left out: ${loaded.reason})`, () => {});
else describe('the addon', () => addonTests(loaded.addon));

function addonTests({ PacketIo, receiveSlots, slotBytes, slotStride, sendSlots }: PacketAddon): void {
  const open: { close(): unknown }[] = [];
  const make = (onBatch: (count: number) => void = () => {}): NativeIo => {
    const io = new PacketIo(onBatch);
    open.push(io);
    return io;
  };

  afterEach(() => {
    for (const one of open.splice(0)) one.close();
  });

  /** The port the system gave a new socket of `io`, by having it tell a peer. */
  async function bindAnywhere(io: NativeIo) {
    const peer = createSocket('udp4');
    open.push(peer);
    peer.bind(0, '127.0.0.1');
    await once(peer, 'listening');
    const id = io.bind('127.0.0.1', 0) as number;
    io.aim(id, '127.0.0.1', peer.address().port, false);
    const arrived = once(peer, 'message');
    io.sends.set([id, 1]);
    io.flush(1);
    const [, { port }] = (await arrived) as [Buffer, { port: number }];
    return { id, port, peer };
  }

  test('datagrams of many sockets come in few batches, one of each socket in a batch', async () => {
    const batches: { socket: number; text: string; from: string; port: number }[][] = [];
    const io = make((count) => {
      batches.push(
        Array.from({ length: count }, (_, slot) => {
          const [socket = -1, length = -1, port = -1] = io.received.subarray(slot * 8);
          const bytes = io.packets.subarray(slot * slotStride, slot * slotStride + length);
          return { socket, text: String(Buffer.from(bytes)), from: io.sourceAddress(slot), port };
        }),
      );
    });
    const ends = await Promise.all(Array.from({ length: 5 }, () => bindAnywhere(io)));
    // Sent from one thread in one turn, so all of it waits when the loop looks.
    const sender = make();
    const from = sender.bind('127.0.0.1', 0) as number;
    for (const text of ['a', 'b', 'c']) {
      for (const { port } of ends) {
        sender.aim(from, '127.0.0.1', port, false);
        sender.sends.set([from, 1]);
        sender.sendBytes[0] = text.charCodeAt(0);
        sender.flush(1);
      }
    }
    await vi.waitFor(() => expect(batches.flat().length).toBe(15));
    for (const batch of batches) expect(new Set(batch.map(({ socket }) => socket)).size).toBe(batch.length);
    for (const { id } of ends) {
      const heard = batches.flat().filter(({ socket }) => socket === id);
      expect(heard.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
      expect(new Set(heard.map(({ from: address, port }) => `${address}:${port}`)).size).toBe(1);
      expect(heard[0]).toMatchObject({ from: '127.0.0.1' });
    }
    expect(batches.length).toBe(3);
  });

  test('datagrams longer than a slot are dropped, and do not hold up those behind', async () => {
    const lengths: (number | undefined)[] = [];
    const io = make((count) => {
      for (let slot = 0; slot < count; slot++) lengths.push(io.received[slot * 8 + 1]);
    });
    const { peer, port } = await bindAnywhere(io);
    for (const length of [slotBytes + 1, slotBytes, 60_000, 1]) peer.send(Buffer.alloc(length), port, '127.0.0.1');
    await vi.waitFor(() => expect(lengths).toEqual([slotBytes, 1]));
  });

  test('wrong arguments throw, whatever they are', () => {
    const io = make();
    const closed = new PacketIo(() => {});
    closed.close();
    closed.close();
    const id = io.bind('127.0.0.1', 0) as number;
    const odd = [
      undefined,
      null,
      -1,
      0.5,
      1e99,
      Number.NaN,
      '',
      'x',
      '127.0.0.1',
      '::1',
      '1.2.3.4\0',
      'x'.repeat(1e5),
      {},
    ];
    const more = [[], () => {}, Symbol('s'), 2n ** 70n, true, new Uint8Array(4), id, id + 1, 65_535, 65_536, 2 ** 32];
    const values: unknown[] = [...odd, ...more];
    const names = ['bind', 'aim', 'unaim', 'flush', 'sourceAddress', 'closeSocket', 'close'] as const;
    let thrown = 0;
    const attempt = (call: () => unknown): void => {
      try {
        call();
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        thrown++;
      }
    };
    for (const name of names) {
      const method = io[name] as (...args: unknown[]) => unknown;
      for (const self of [closed, {}, null, 7, PacketIo.prototype, new Map(), io.packets]) {
        for (const a of [0, '127.0.0.1']) {
          if (name === 'close' && self === closed) continue;
          if (name === 'sourceAddress' && self === closed) continue;
          expect(() => method.call(self, a, 1)).toThrow(TypeError);
        }
      }
      if (name === 'close') continue;
      attempt(() => method.call(io));
      for (const a of values) {
        attempt(() => method.call(io, a));
        for (const b of values) {
          attempt(() => method.call(io, a, b));
          attempt(() => method.call(io, a, b, a, b));
          attempt(() => method.call(io, a, b, 4000, true));
        }
      }
    }
    expect(thrown).toBeGreaterThan(1000);
    for (const value of values) {
      if (typeof value === 'function') continue;
      expect(() => new PacketIo(value as never)).toThrow(TypeError);
    }
    expect(() => (PacketIo as unknown as () => void)()).toThrow();
  });

  test('wrong records throw before anything is sent with them, memory that is gone does no harm', async () => {
    const io = make();
    const id = io.bind('127.0.0.1', 0) as number;
    io.aim(id, '127.0.0.1', 9, false);
    for (const record of [
      [-1, 10],
      [id + 1, 10],
      [2 ** 31 - 1, 10],
      [id, -1],
      [id, 65_537],
      [id, -(2 ** 31)],
    ]) {
      io.sends.set(record);
      expect(() => io.flush(1)).toThrow(TypeError);
    }
    // Each fits, together they do not.
    for (let i = 0; i < sendSlots; i++) io.sends.set([id, 1000], i * 2);
    expect(() => io.flush(sendSlots)).toThrow(TypeError);
    expect(() => io.flush(sendSlots + 1)).toThrow(TypeError);
    expect(() => io.sourceAddress(receiveSlots)).toThrow(TypeError);
    (io.sendBytes.buffer as ArrayBuffer).transfer();
    expect(() => io.flush(1)).toThrow(TypeError);
    let calls = 0;
    const gone = make(() => calls++);
    const { peer, port } = await bindAnywhere(gone);
    (gone.packets.buffer as ArrayBuffer).transfer();
    peer.send('x', port, '127.0.0.1');
    await vi.waitFor(() => expect(() => gone.bind('127.0.0.1', 0)).toThrow('closed'));
    expect(calls).toBe(0);
  });

  test('workers that use it end in every way: by themselves, by exit, by force in the middle of traffic', async () => {
    const source = `
      const { workerData, parentPort } = require('node:worker_threads');
      const { PacketIo } = require(workerData.addon);
      let batches = 0;
      const a = new PacketIo((count) => {
        send();
        if (++batches === 50) parentPort.postMessage('busy');
        if (batches === 50 && workerData.way === 'exit') process.exit(3);
        if (batches === 50 && workerData.way === 'throw') throw new Error('on purpose');
        if (batches === 50 && workerData.way === 'close') a.close();
      });
      const unused = new PacketIo(() => {});
      const port = workerData.port;
      const id = a.bind('127.0.0.1', port);
      if (typeof id === 'string') throw new Error(id);
      a.aim(id, '127.0.0.1', port, true);
      const send = () => { a.sends.set([id, 100, id, 200]); a.flush(2); };
      send();
    `;
    const addon = new URL('../../native/build/packet_io.node', import.meta.url).pathname;
    const probe = createSocket('udp4');
    probe.bind(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    probe.close();
    await once(probe, 'close');
    for (const way of ['exit', 'throw', 'close', 'terminate', 'exit', 'terminate']) {
      const worker = new Worker(source, { eval: true, workerData: { addon, way, port } });
      const errors: string[] = [];
      worker.on('error', (error: Error) => errors.push(error.message));
      worker.on('message', () => {
        if (way === 'terminate') void worker.terminate();
      });
      const code = await new Promise((resolve) => worker.once('exit', resolve));
      expect({ way, code, errors }).toEqual({
        way,
        code: { exit: 3, close: 0 }[way] ?? 1,
        errors: way === 'throw' ? ['on purpose'] : [],
      });
    }
  });
}
