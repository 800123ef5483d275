import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const HOST = '127.0.0.1';
const given = new Set<number>();

/** A port of 127.0.0.1 that is free for UDP and TCP now and that this run has not given to anybody else. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (!given.has(port) && (await udpFree(port)) && (await isTcpPortFree(port))) {
      given.add(port);
      return port;
    }
  }
  throw new Error('no free port found between 20000 and 32000');
}

/** Four UDP ports in a row for the media sockets of one sipp, which gives up when a port it wants is taken; the first, even. */
export async function freeSippMediaPort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = 20_000 + 2 * Math.floor(Math.random() * 6_000);
    const ports = [first, first + 1, first + 2, first + 3];
    const free = await Promise.all(ports.map(async (port) => !given.has(port) && (await udpFree(port))));
    if (free.includes(false)) continue;
    for (const port of ports) given.add(port);
    return first;
  }
  throw new Error('no four free UDP ports in a row found between 20000 and 32000');
}

/** First port of a range of `count` UDP ports for media, aligned to an even number; ranges of one run never overlap. */
export function mediaPortRange(count: number): { low: number; high: number } {
  const low = nextRange;
  nextRange += count + (count % 2);
  if (nextRange > 60_000) throw new Error('media port ranges used up');
  return { low, high: low + count - 1 };
}
let nextRange = 33_000 + 2 * Math.floor(Math.random() * 2_000);

function udpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind(port, HOST, () => socket.close(() => resolve(true)));
  });
}

/** Nobody listens on this port of 127.0.0.1. */
export function isTcpPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}
