import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_TCP_LIMITS, type TcpLimits, TcpTransport } from './tcp.ts';
import { ListenError } from './transport.ts';
import { UdpTransport } from './udp.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const MESSAGE = 'OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 2\r\n\r\nhi';

/** A listener whose messages and faults are awaited one by one. */
async function listen(limits: Partial<TcpLimits> = {}) {
  const transport = new TcpTransport('127.0.0.1', 0, { ...DEFAULT_TCP_LIMITS, ...limits });
  closing.push(() => transport.close());
  const queue: { text: string; port: number }[] = [];
  const faults: string[] = [];
  let wake = () => {};
  await transport.start(
    (bytes, source) => {
      queue.push({ text: Buffer.from(bytes).toString(), port: source.port });
      wake();
    },
    (error) => faults.push(error.message),
  );
  const next = async () => {
    while (queue.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return queue.shift() ?? { text: '', port: 0 };
  };
  return { transport, next, faults, port: transport.local.port };
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  closing.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

const failure = (send: (failed: (error: Error) => void) => void) => new Promise<Error>(send);

describe('TcpTransport', () => {
  it('cuts messages out of the stream, however the bytes come', async () => {
    const { next, port } = await listen();
    const socket = await dial(port);
    socket.write(MESSAGE.slice(0, 30));
    socket.write(`${MESSAGE.slice(30)}${MESSAGE}`);
    expect([(await next()).text, (await next()).text]).toEqual([MESSAGE, MESSAGE]);
  });

  it('answers over the connection a message came on, and keeps it', async () => {
    const { transport, next, port } = await listen();
    const socket = await dial(port);
    socket.write(MESSAGE);
    const from = await next();
    expect(transport.reaches('127.0.0.1', from.port)).toBe(true);
    transport.send(Buffer.from('reply'), '127.0.0.1', from.port);
    const [data] = await once(socket, 'data');
    expect(String(data)).toBe('reply');
    expect(transport.connections).toBe(1);
  });

  it('opens one connection for many messages and reads what comes back on it', async () => {
    const a = await listen();
    const b = await listen();
    a.transport.send(Buffer.from(MESSAGE), '127.0.0.1', b.port);
    a.transport.send(Buffer.from(MESSAGE), '127.0.0.1', b.port);
    const first = await b.next();
    const second = await b.next();
    expect(first.port).toBe(second.port);
    b.transport.send(Buffer.from(MESSAGE), '127.0.0.1', first.port);
    expect((await a.next()).port).toBe(b.port);
  });

  it('answers a keep-alive with a pong (RFC 5626 §4.4.1)', async () => {
    const { port } = await listen();
    const socket = await dial(port);
    socket.write('\r\n\r\n');
    const [data] = await once(socket, 'data');
    expect(String(data)).toBe('\r\n');
  });

  it('reports a stream that is not SIP and closes it', async () => {
    const { port, faults, next } = await listen();
    const socket = await dial(port);
    socket.write('OPTIONS sip:a@b SIP/2.0\r\nContent-Length: x\r\n\r\n');
    expect((await next()).text).toContain('OPTIONS');
    socket.resume();
    await once(socket, 'close');
    expect(faults).toHaveLength(1);
  });

  it('closes idle connections and refuses too many', async () => {
    const { transport, port } = await listen({ idleMs: 20, connections: 1 });
    const first = await dial(port);
    first.resume();
    const second = await dial(port);
    second.resume();
    await Promise.all([once(second, 'close'), once(first, 'close')]);
    await expect.poll(() => transport.connections).toBe(0);
    expect(transport.reaches('127.0.0.1', port)).toBe(false);
  });

  it('tells the sender when the connection is refused, full, or the port is none', async () => {
    const { transport } = await listen({ connections: 1 });
    const probe = createServer();
    probe.listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const address = probe.address();
    const free = address !== null && typeof address === 'object' ? address.port : 0;
    probe.close();
    await once(probe, 'close');
    const refused = await failure((failed) => transport.send(Buffer.from(MESSAGE), '127.0.0.1', free, failed));
    expect(refused.message).toContain('ECONNREFUSED');
    const noPort = await failure((failed) => transport.send(Buffer.from(MESSAGE), '127.0.0.1', 0, failed));
    expect(noPort.message).toContain('0 is not a port');
    await transport.close();
    const closed = await failure((failed) => transport.send(Buffer.from(MESSAGE), '127.0.0.1', free, failed));
    expect(closed.message).toContain('closed');
  });
});

describe('a listener that cannot start', () => {
  it.each(['udp', 'tcp'] as const)('names code, protocol, host and port (%s)', async (protocol) => {
    const make = (port: number) =>
      protocol === 'udp' ? new UdpTransport('127.0.0.1', port) : new TcpTransport('127.0.0.1', port);
    const first = make(0);
    closing.push(() => first.close());
    const nobody = () => {};
    await first.start(nobody, nobody);
    const { port } = first.local;
    const error = await make(port)
      .start(nobody, nobody)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ListenError);
    expect(error).toMatchObject({ code: 'EADDRINUSE', protocol, host: '127.0.0.1', port });
  });
});

describe('UdpTransport', () => {
  it('sends to names and addresses, receives, and reports what cannot leave', async () => {
    const a = new UdpTransport('127.0.0.1', 0);
    const b = new UdpTransport('127.0.0.1', 0);
    closing.push(
      () => a.close(),
      () => b.close(),
    );
    const arrived = new Promise<string>((resolve) => {
      void b.start(
        (bytes, source) => resolve(`${Buffer.from(bytes)} ${source.address} ${source.port === a.local.port}`),
        () => {},
      );
    });
    await a.start(
      () => {},
      () => {},
    );
    while (b.local.port === 0) await new Promise(setImmediate);
    a.send(Buffer.from('hi'), 'localhost', b.local.port);
    expect(await arrived).toBe('hi 127.0.0.1 true');
    const tooBig = await failure((failed) => a.send(Buffer.alloc(70_000), '127.0.0.1', b.local.port, failed));
    expect(tooBig.message).toContain('EMSGSIZE');
    const noPort = await failure((failed) => a.send(Buffer.alloc(1), '127.0.0.1', 70_000, failed));
    expect(noPort.message).toContain('70000');
  });
});
