import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { bindWith, choosePacketIo, type PacketIo } from './packet-io.ts';
import type { BindSocket, PacketSocket } from './packet-socket.ts';

/** What both implementations must do. The addon's part is left out where it was not built, and the title says why. */
const { packetIo: best, reason } = choosePacketIo('auto');
const IMPLEMENTATIONS: { packetIo: PacketIo; why: string; skip: boolean }[] = [
  { packetIo: 'dgram', why: '', skip: false },
  { packetIo: 'native', why: best === 'native' ? '' : ` (left out: ${reason})`, skip: best !== 'native' },
];
/** Where the sockets are bound, and where the peers are. */
const ADDRESSES = [
  ['127.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.1'],
  ...((await hasIpv6()) ? [['::1', '::1'] as const, ['::', '::1'] as const] : []),
] as const;

const open: { close(): unknown }[] = [];

afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

async function hasIpv6(): Promise<boolean> {
  const socket = createSocket('udp6');
  const listening = new Promise<boolean>((resolve) => {
    socket.once('error', () => resolve(false));
    socket.bind(0, '::1', () => resolve(true));
  });
  const has = await listening;
  socket.close();
  return has;
}

async function boundPeer(host: string): Promise<Socket> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  return socket;
}

async function peerOn(host: string): Promise<Socket & { heard: string[] }> {
  const heard: string[] = [];
  const socket = Object.assign(await boundPeer(host), { heard });
  socket.on('message', (bytes) => heard.push(String(bytes)));
  open.push(socket);
  return socket;
}

/** A port that was free a moment ago. */
async function freePort(host: string): Promise<number> {
  const socket = await boundPeer(host);
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

function eventually<T>(check: () => T): Promise<T> {
  return vi.waitFor(check, { interval: 2 });
}

/** From one socket to the other; resolves when the system has it. */
function say(from: Socket, text: string, port: number, host: string): Promise<void> {
  return new Promise((resolve) => from.send(text, port, host, () => resolve()));
}

for (const { packetIo, why, skip } of IMPLEMENTATIONS) {
  for (const [own, host] of ADDRESSES) {
    describe.skipIf(skip)(`${packetIo} on ${own}${why}`, () => contract(packetIo, own, host));
  }
}

function contract(packetIo: PacketIo, own: string, host: string): void {
  let bindSocket: BindSocket | null = null;

  function bind(port: number, address = own): { socket: PacketSocket | null; errorCode: string } {
    bindSocket ??= bindWith(packetIo);
    const result: { socket: PacketSocket | null; errorCode: string } = { socket: null, errorCode: 'not called' };
    bindSocket(address, port, (socket, errorCode) => Object.assign(result, { socket, errorCode }));
    if (result.socket !== null) open.push(result.socket);
    return result;
  }

  async function bound(): Promise<PacketSocket & { heard: string[] }> {
    let socket: PacketSocket | null = null;
    // Another program may take a free port before we do.
    for (let i = 0; i < 5 && socket === null; i++) ({ socket } = bind(await freePort(own)));
    if (socket === null) throw new Error('No port could be bound');
    const heard: string[] = [];
    socket.onPacket = (bytes, address, port) => heard.push(`${Buffer.from(bytes)} from ${address} ${port}`);
    return Object.assign(socket, { heard });
  }

  test('a bind is done or refused at once, with the code of the system', async () => {
    const taken = (await peerOn(host)).address().port;
    expect(bind(taken)).toEqual({ socket: null, errorCode: 'EADDRINUSE' });
    const elsewhere = host === '::1' ? '2001:db8::7' : '203.0.113.7';
    expect(bind(await freePort(host), elsewhere)).toEqual({ socket: null, errorCode: 'EADDRNOTAVAIL' });
  });

  test('packets go where they are aimed, and an exclusive aim shuts out others until it is lifted', async () => {
    const [far, stranger, socket] = [await peerOn(host), await peerOn(host), await bound()];
    const port = far.address().port;
    socket.send(Buffer.from('nowhere'));
    socket.aim(host, stranger.address().port, false);
    socket.aim(host, port, true);
    socket.send(Buffer.from('hello'));
    await eventually(() => expect(far.heard).toEqual(['hello']));
    await say(stranger, 'shut out', socket.port, host);
    await say(far, 'one', socket.port, host);
    await eventually(() => expect(socket.heard).toEqual([`one from ${host} ${port}`]));
    socket.unaim();
    socket.send(Buffer.from('nowhere'));
    await say(stranger, 'two', socket.port, host);
    await eventually(() => expect(socket.heard[1]).toBe(`two from ${host} ${stranger.address().port}`));
    expect(far.heard).toEqual(['hello']);
    expect(stranger.heard).toEqual([]);
  });

  test('without an exclusive aim everybody is heard, each under the own address', async () => {
    const [far, other, socket] = [await peerOn(host), await peerOn(host), await bound()];
    const [farPort, otherPort] = [far.address().port, other.address().port];
    socket.aim(host, farPort, false);
    for (const text of ['one', 'twotwo', '', 'four']) {
      await say(far, text, socket.port, host);
      await say(other, text, socket.port, host);
    }
    await eventually(() => expect(socket.heard.length).toBe(8));
    expect(socket.heard).toEqual(
      ['one', 'twotwo', '', 'four'].flatMap((text) =>
        [farPort, otherPort].map((port) => `${text} from ${host} ${port}`),
      ),
    );
    socket.send(Buffer.from('answer'));
    await eventually(() => expect(far.heard).toEqual(['answer']));
    expect(other.heard).toEqual([]);
  });

  test('what is sent in one turn arrives in order and unmixed, also more than fits at once and just before a new aim', async () => {
    const [far, other, socket] = [await peerOn(host), await peerOn(host), await bound()];
    socket.aim(host, far.address().port, true);
    const packet = new Uint8Array(200);
    for (let i = 0; i < 200; i++) socket.send(packet.fill(65 + (i % 26)).subarray(0, 1 + (i % 200)));
    socket.aim(host, other.address().port, true);
    socket.send(Buffer.from('for the other'));
    socket.unaim();
    await eventually(() => expect(far.heard.length).toBe(200));
    expect(far.heard).toEqual(
      Array.from({ length: 200 }, (_, i) => String.fromCharCode(65 + (i % 26)).repeat(1 + (i % 200))),
    );
    await eventually(() => expect(other.heard).toEqual(['for the other']));
  });

  test('a far side that is gone, and an address without a route or of another kind, do no harm', async () => {
    const socket = await bound();
    socket.aim(host, await freePort(host), true);
    for (let i = 0; i < 5; i++) socket.send(Buffer.from('hello'));
    for (const address of ['192.0.2.1', '255.255.255.255', '2001:db8::1']) {
      for (const exclusive of [true, false]) {
        socket.aim(address, 4000, exclusive);
        socket.send(Buffer.from('hello'));
      }
    }
    const far = await peerOn(host);
    socket.aim(host, far.address().port, true);
    // The first may be lost: with it the system tells that the one before was refused.
    for (let i = 0; i < 3; i++) socket.send(Buffer.from('still here'));
    await eventually(() => expect(far.heard.length).toBeGreaterThanOrEqual(2));
    await say(far, 'heard', socket.port, host);
    await eventually(() => expect(socket.heard).toEqual([`heard from ${host} ${far.address().port}`]));
  });

  test('a socket closed by its own handler hears nothing more, and its port can be bound again', async () => {
    const [far, socket] = [await peerOn(host), await bound()];
    const heard: number[] = [];
    socket.aim(host, far.address().port, true);
    socket.onPacket = (bytes) => {
      heard.push(bytes.length);
      socket.send(Buffer.from('bye'));
      socket.close();
      socket.close();
      socket.send(Buffer.from('never'));
    };
    for (let i = 0; i < 5; i++) await say(far, 'x', socket.port, host);
    await eventually(() => expect(far.heard).toEqual(['bye']));
    const again = await eventually(() => {
      const { socket: rebound } = bind(socket.port);
      if (rebound === null) throw new Error('not free yet');
      return rebound;
    });
    const later: string[] = [];
    again.onPacket = (bytes) => later.push(String(Buffer.from(bytes)));
    await say(far, 'later', socket.port, host);
    await eventually(() => expect(later).toEqual(['later']));
    expect(heard).toEqual([1]);
    expect(far.heard).toEqual(['bye']);
  });
}
