import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Tries to bind; null when it works, else why not. */
export async function portIsFree(protocol: 'udp' | 'tcp', host: string, port: number): Promise<string | null> {
  return await new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? 'another program uses it' : error.message);
    if (protocol === 'udp') {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
      socket.once('error', failed);
      socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve(null)));
    } else {
      const server = createServer();
      server.once('error', failed);
      server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
    }
  });
}
