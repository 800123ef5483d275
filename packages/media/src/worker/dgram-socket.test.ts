import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { bindDgramSocket } from './dgram-socket.ts';
import type { PacketSocket } from './packet-socket.ts';

const open: { close(): unknown }[] = [];

afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

async function peer(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  open.push(socket);
  return socket;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

function bind(port: number, host = '127.0.0.1'): { socket: PacketSocket | null; errorCode: string } {
  const result: { socket: PacketSocket | null; errorCode: string } = { socket: null, errorCode: 'not called' };
  bindDgramSocket(host, port, (socket, errorCode) => Object.assign(result, { socket, errorCode }));
  if (result.socket !== null) open.push(result.socket);
  return result;
}

async function bound(): Promise<PacketSocket & { heard: string[] }> {
  const { socket } = bind(await freePort());
  if (socket === null) throw new Error('The port could not be bound');
  const heard: string[] = [];
  socket.onPacket = (bytes, address, port) => heard.push(`${Buffer.from(bytes)} from ${address}:${port}`);
  return Object.assign(socket, { heard });
}

function say(from: Socket, text: string, port: number): Promise<void> {
  return new Promise((resolve) => from.send(text, port, '127.0.0.1', () => resolve()));
}

test('a bind is done or refused at once, with the code of the system', async () => {
  const taken = (await peer()).address().port;
  expect(bind(taken)).toEqual({ socket: null, errorCode: 'EADDRINUSE' });
  expect(bind(await freePort(), '203.0.113.7')).toEqual({ socket: null, errorCode: 'EADDRNOTAVAIL' });
});

test('packets go where they are aimed, and an exclusive aim shuts out others until it is lifted', async () => {
  const [far, stranger, socket] = [await peer(), await peer(), await bound()];
  const port = far.address().port;
  socket.send(Buffer.from('nowhere'));
  socket.aim('127.0.0.1', stranger.address().port, false);
  socket.aim('127.0.0.1', port, true);
  const arrived = once(far, 'message');
  socket.send(Buffer.from('hello'));
  expect(String((await arrived)[0])).toBe('hello');
  await say(stranger, 'shut out', socket.port);
  await say(far, 'one', socket.port);
  await vi.waitFor(() => expect(socket.heard).toEqual([`one from 127.0.0.1:${port}`]));
  socket.unaim();
  await say(stranger, 'two', socket.port);
  await vi.waitFor(() => expect(socket.heard[1]).toContain('two'));
});

test('a far side that is gone, and an address without a route, do no harm', async () => {
  const socket = await bound();
  socket.aim('127.0.0.1', await freePort(), true);
  for (let i = 0; i < 5; i++) socket.send(Buffer.from('hello'));
  socket.aim('192.0.2.1', 4000, true);
  socket.send(Buffer.from('hello'));
  const far = await peer();
  socket.aim('127.0.0.1', far.address().port, true);
  const arrived = once(far, 'message');
  // The first may be lost: with it the system tells that the one before was refused.
  for (let i = 0; i < 3; i++) socket.send(Buffer.from('still here'));
  expect(String((await arrived)[0])).toBe('still here');
});
