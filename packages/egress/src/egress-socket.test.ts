import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { Egress, type EgressError, type EgressOptions, type EgressSocket } from './index.ts';
import { serve } from './testing/test-server.ts';

function client(options: EgressOptions = {}): Egress {
  const egress = new Egress({ allowPrivate: ['127.0.0.0/8'], ...options });
  onTestFinished(() => egress.close());
  return egress;
}

/** A WebSocket server; gives its URL. */
async function far(onConnection: (socket: WebSocket, headers: Record<string, unknown>) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  server.on('connection', (socket, request) => onConnection(socket, request.headers));
  await new Promise<void>((resolve) => server.once('listening', () => resolve()));
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/stream?x=1`;
}

interface Opened {
  socket: EgressSocket;
  texts: string[];
  /** Messages of bytes. */
  bytes: () => number;
  opened: Promise<void>;
  closed: Promise<EgressError | null>;
}

function open(
  egress: Egress,
  url: string,
  limits: { maxBufferedBytes?: number; maxMessageBytes?: number } = {},
): Opened {
  const [opened, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<EgressError | null>()];
  const texts: string[] = [];
  let bytes = 0;
  const socket = egress.openSocket({
    url,
    headers: { 'x-call': 'c1' },
    ...limits,
    onOpen: opened.resolve,
    onText: (text) => texts.push(text),
    onBytes: () => {
      bytes += 1;
    },
    onClosed: closed.resolve,
  });
  return { socket, texts, bytes: () => bytes, opened: opened.promise, closed: closed.promise };
}

test('text goes both ways, and either side may end it', async () => {
  let seen: Record<string, unknown> = {};
  const url = await far((socket, headers) => {
    seen = headers;
    socket.on('message', (data) => {
      socket.send(`echo ${data}`);
      socket.send(Buffer.from([1, 2]));
      socket.close(1000);
    });
  });
  const { socket, texts, bytes, opened, closed } = open(
    client({ userAgent: 'Test/1' }),
    url.replace('//', '//user:pass@'),
  );
  expect(socket.send('too early')).toBe(false);
  await opened;
  expect(socket.send('hello')).toBe(true);
  expect(await closed).toBeNull();
  expect([texts, bytes()]).toEqual([['echo hello'], 1]);
  expect(seen).toMatchObject({ 'x-call': 'c1', 'user-agent': 'Test/1', authorization: 'Basic dXNlcjpwYXNz' });
  expect(seen['sec-websocket-extensions']).toBeUndefined();
  expect(socket.send('too late')).toBe(false);
});

test('our end is orderly, also before it is open and when the client is closed', async () => {
  const url = await far(() => undefined);
  const egress = client();
  const one = open(egress, url);
  await one.opened;
  one.socket.close();
  expect(await one.closed).toBeNull();
  const two = open(egress, url);
  two.socket.close();
  await two.closed;
  const three = open(egress, url);
  await three.opened;
  await egress.close();
  expect(await three.closed).toBeNull();
});

test.each([
  ['ws://10.0.0.1/', 'address-refused'],
  ['ws://name.example/', 'address-refused'],
  ['http://127.0.0.1/', 'scheme-not-allowed'],
  ['nonsense', 'invalid-request'],
])('%s is not opened: %s', async (url, code) => {
  const egress = client({ resolve: async () => [{ address: '192.168.0.1', family: 4 }] });
  expect(await open(egress, url).closed).toMatchObject({ code });
});

test('what is no WebSocket, or nothing at all, is told', async () => {
  const origin = await serve((_request, response) => response.writeHead(404).end());
  const error = await open(client(), origin.replace('http', 'ws')).closed;
  expect(error).toMatchObject({ code: 'bad-response', message: expect.stringContaining('answered 404') });
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', () => resolve()));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  expect(await open(client(), `ws://127.0.0.1:${port}/`).closed).toMatchObject({ code: 'connect-refused' });
});

test('a far end that breaks, floods or does not read', async () => {
  const broken = await far((socket) => socket.terminate());
  expect(await open(client(), broken).closed).toMatchObject({ code: 'connection-lost' });
  const flooding = await far((socket) => socket.send('x'.repeat(2000)));
  expect(await open(client(), flooding, { maxMessageBytes: 1000 }).closed).toMatchObject({
    code: 'connection-lost',
    message: expect.stringContaining('a message of more than 1000 bytes came'),
  });
  const garbled = await far((socket) => {
    (socket as unknown as { _socket: Socket })._socket.write(Buffer.from([0xff, 0xff, 0xff]));
  });
  expect(await open(client(), garbled).closed).toMatchObject({
    code: 'connection-lost',
    message: expect.stringContaining('what came is no WebSocket message'),
  });
  const deaf = await far((socket) => socket.pause());
  const { socket, opened } = open(client(), deaf, { maxBufferedBytes: 100_000 });
  await opened;
  const text = 'x'.repeat(100_000);
  let sent = 0;
  while (sent < 1000 && socket.send(text)) sent++;
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThan(1000);
});
