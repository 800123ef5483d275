import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { SipEndpoint } from '../endpoint/endpoint.ts';
import { ANSWER } from '../endpoint/loopback-pair.ts';
import type { Peer } from './transport.ts';
import { type WsLimits, WsTransport } from './ws.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closing.splice(0).reverse()) await close();
});

/** An HTTP server whose upgrades go to a transport. */
async function serve(limits: Partial<WsLimits> = {}, remotePort?: number) {
  const http = createServer();
  const port = () => (http.address() as AddressInfo).port;
  const transport = new WsTransport({ local: () => ({ host: '127.0.0.1', port: port() }), limits });
  http.on('upgrade', (request, socket, head) => {
    if (remotePort !== undefined) Object.defineProperty(request.socket, 'remotePort', { value: remotePort });
    transport.upgrade(request, socket, head);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  closing.push(() => http.close());
  return { transport, url: `ws://127.0.0.1:${port()}/sip` };
}

/** The same, started, with what comes in. */
async function listen(limits: Partial<WsLimits> = {}, remotePort?: number) {
  const served = await serve(limits, remotePort);
  const received: { text: string; source: Peer }[] = [];
  const faults: string[] = [];
  await served.transport.start(
    (bytes, source) => received.push({ text: Buffer.from(bytes).toString(), source }),
    (error) => faults.push(error.message.replace(/^\S+ /, '')),
  );
  closing.push(() => served.transport.close());
  return { ...served, received, faults };
}

async function dial(url: string, protocols: string | string[] = 'sip', options: ClientOptions = {}) {
  const socket = new WebSocket(url, protocols, options);
  closing.push(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

async function statusOf(url: string, protocols?: string): Promise<number | undefined> {
  const socket = new WebSocket(url, protocols);
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  response.resume();
  socket.terminate();
  return response.statusCode;
}

describe('WsTransport', () => {
  it('takes one SIP message per WebSocket message, text or binary, and answers on the same connection', async () => {
    const { transport, url, received } = await listen();
    const socket = await dial(url, ['other', 'sip']);
    expect(socket.protocol).toBe('sip');
    socket.send('OPTIONS one');
    socket.send(Buffer.from('OPTIONS two'));
    await vi.waitFor(() => expect(received.map(({ text }) => text)).toEqual(['OPTIONS one', 'OPTIONS two']));
    const { source } = received[0] ?? { source: { protocol: 'ws', address: '', port: 0 } };
    expect([source.protocol, source.address, received[1]?.source]).toEqual(['ws', '127.0.0.1', source]);
    expect(transport.reaches(source.address, source.port)).toBe(true);
    const messages: [string, boolean][] = [];
    socket.on('message', (data, isBinary) => messages.push([data.toString('latin1'), isBinary]));
    transport.send(Buffer.from('SIP/2.0 200 OK'), source.address, source.port);
    transport.send(Buffer.from([0x41, 0xff]), source.address, source.port);
    await vi.waitFor(() =>
      expect(messages).toEqual([
        ['SIP/2.0 200 OK', false],
        ['A\xff', true],
      ]),
    );
  });

  it('answers the keep-alive of RFC 5626', async () => {
    const { url, received } = await listen();
    const socket = await dial(url);
    socket.send('\r\n\r\n');
    const [data] = await once(socket, 'message');
    expect([data.toString(), received]).toEqual(['\r\n', []]);
  });

  it('refuses clients of another subprotocol, too many of them, and all before it is started', async () => {
    const { url } = await listen({ connections: 1 });
    expect([await statusOf(url), await statusOf(url, 'mqtt')]).toEqual([400, 400]);
    await dial(url);
    expect(await statusOf(url, 'sip')).toBe(503);
    expect(await statusOf((await serve()).url, 'sip')).toBe(503);
  });

  it('closes a connection whose message is too large', async () => {
    const { url, received, faults } = await listen();
    const socket = await dial(url);
    socket.on('error', () => {});
    socket.send('x'.repeat(70_000));
    const [code] = await once(socket, 'close');
    expect([code, received]).toEqual([1009, []]);
    await vi.waitFor(() => expect(faults).toEqual(['Max payload size exceeded']));
  });

  it('tells the sender that a connection is gone', async () => {
    const { transport, url, received } = await listen();
    const socket = await dial(url);
    socket.send('hello');
    await vi.waitFor(() => expect(received).toHaveLength(1));
    const { address = '', port = 0 } = received[0]?.source ?? {};
    socket.close();
    await vi.waitFor(() => expect(transport.connections).toBe(0));
    expect(transport.reaches(address, port)).toBe(false);
    const error = await new Promise<Error>((failed) => transport.send(Buffer.from('x'), address, port, failed));
    expect(error.message).toBe(`the WebSocket from ${address}:${port} is gone`);
  });

  it('does not take a later connection from the same port for an earlier one', async () => {
    const { transport, url, received } = await listen({}, 40_000);
    const first = await dial(url);
    first.send('first');
    await vi.waitFor(() => expect(received).toHaveLength(1));
    first.close();
    await vi.waitFor(() => expect(transport.connections).toBe(0));
    const second = await dial(url);
    second.send('second');
    await vi.waitFor(() => expect(received).toHaveLength(2));
    const reached = received.map(({ source }) => [
      source.port,
      transport.reaches(source.address, source.port, source.connection),
    ]);
    expect(reached).toEqual([
      [40_000, false],
      [40_000, true],
    ]);
    const lost = await new Promise<Error>((failed) =>
      transport.send(Buffer.from('x'), '127.0.0.1', 40_000, failed, received[0]?.source.connection),
    );
    expect(lost.message).toBe('the WebSocket from 127.0.0.1:40000 is gone');
  });

  it('drops a peer that does not read, and tells whose messages were lost', async () => {
    const { transport, url, received } = await listen({ queuedBytes: 10 });
    const socket = await dial(url);
    socket.send('hello');
    await vi.waitFor(() => expect(received).toHaveLength(1));
    const { address = '', port = 0 } = received[0]?.source ?? {};
    const error = await new Promise<Error>((failed) => transport.send(Buffer.alloc(11), address, port, failed));
    expect(error.message).toMatch(/does not read/);
    expect(transport.reaches(address, port)).toBe(false);
  });

  it('drops a peer that gives no sign of life, and keeps one that does', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { transport, url, faults } = await listen({ pingMs: 1000 });
    const alive = await dial(url);
    const dead = await dial(url, 'sip', { autoPong: false });
    vi.advanceTimersByTime(1000);
    await Promise.all([once(alive, 'ping'), once(dead, 'ping')]);
    // What the live one says next comes after its pong.
    alive.send('\r\n\r\n');
    await once(alive, 'message');
    vi.advanceTimersByTime(1000);
    await once(dead, 'close');
    await vi.waitFor(() => expect(transport.connections).toBe(1));
    expect(faults).toEqual(['the peer gives no sign of life']);
  });

  it('says good-bye to every client when it is closed', async () => {
    const { transport, url } = await listen();
    const sockets = [await dial(url), await dial(url)];
    const codes = Promise.all(sockets.map(async (socket) => (await once(socket, 'close'))[0]));
    await Promise.all([transport.close(), transport.close()]);
    expect([await codes, transport.connections]).toEqual([[1001, 1001], 0]);
  });
});

const CONTACT = '<sip:k3v@7h2c.invalid;transport=ws>';

/** A browser's message: its Via and Contact name a host that does not exist. */
function browserRequest(line: string, cseq: string, more: string[] = [], body = ''): string {
  return [
    line,
    `Via: SIP/2.0/WSS 7h2c.invalid;branch=z9hG4bK${cseq.replace(' ', '')}`,
    'Max-Forwards: 69',
    'From: <sip:bob@example.com>;tag=b1',
    'To: <sip:carol@example.com>',
    'Call-ID: call-1',
    `CSeq: ${cseq}`,
    `Contact: ${CONTACT}`,
    ...more,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

describe('an endpoint with WebSocket clients', () => {
  async function start() {
    const { transport, url } = await serve();
    const endpoint = new SipEndpoint({
      listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
      transports: [transport],
      userAgent: 'test',
    });
    await endpoint.start();
    closing.push(() => endpoint.close());
    const socket = await dial(url);
    const messages: string[] = [];
    socket.on('message', (data) => messages.push(data.toString()));
    const next = async (start: string) => {
      await vi.waitFor(() => expect(messages.some((text) => text.startsWith(start))).toBe(true));
      return messages.find((text) => text.startsWith(start)) ?? '';
    };
    return { endpoint, socket, messages, next };
  }

  it('hangs up a call over the connection that it came on', async () => {
    const { endpoint, socket, next } = await start();
    expect(endpoint.listeners.map(({ protocol }) => protocol)).toEqual(['udp']);
    endpoint.on('invite', (call) => {
      const dialog = call.answer(ANSWER);
      call.on('confirmed', () => dialog.bye());
    });
    socket.send(browserRequest('INVITE sip:carol@example.com SIP/2.0', '1 INVITE'));
    const ok = await next('SIP/2.0 200');
    expect(ok).toMatch(/^Via: SIP\/2\.0\/WSS 7h2c\.invalid;.*received=127\.0\.0\.1/m);
    expect(ok).toMatch(/^Contact: <sip:carol@127\.0\.0\.1:\d+;transport=ws>/m);
    const tag = /^To: .*;tag=(\S+)/m.exec(ok)?.[1];
    const ack = browserRequest('ACK sip:carol@example.com SIP/2.0', '1 ACK');
    socket.send(ack.replace('To: <sip:carol@example.com>', `To: <sip:carol@example.com>;tag=${tag}`));
    const bye = await next('BYE');
    expect(bye).toMatch(/^BYE sip:k3v@7h2c\.invalid;transport=ws SIP\/2\.0\r\nVia: SIP\/2\.0\/WS 127\.0\.0\.1:/);
  });

  it('calls a client over the connection that it registered on, while that lives', async () => {
    const { endpoint, socket, next } = await start();
    let source: Peer | undefined;
    endpoint.onRequest('REGISTER', (_, from, respond) => {
      source = from;
      respond(200);
    });
    socket.send(browserRequest('REGISTER sip:example.com SIP/2.0', '1 REGISTER'));
    await next('SIP/2.0 200');
    if (source === undefined) throw new Error('no REGISTER came');
    const call = () =>
      endpoint.invite({
        uri: 'sip:k3v@7h2c.invalid;transport=ws',
        destination: source as Peer,
        from: { uri: 'sip:carol@example.com' },
        to: { uri: 'sip:bob@example.com' },
        sdp: ANSWER,
      });
    call();
    expect(await next('INVITE')).toMatch(/^INVITE sip:k3v@7h2c\.invalid;transport=ws SIP/);
    expect(endpoint.reaches(source)).toBe(true);
    socket.terminate();
    await vi.waitFor(() => expect(endpoint.reaches(source as Peer)).toBe(false));
    const [failure] = await new Promise<[{ status: number | null; reason: string }]>((resolve) => {
      call().on('failed', (failed) => resolve([failed]));
    });
    expect(failure).toMatchObject({ status: null });
  });
});
