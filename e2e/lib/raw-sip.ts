import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { until } from './bounded.ts';
import type { TestContext } from './context.ts';

/** One SIP message as text. */
export interface RawResponse {
  text: string;
  status: number;
  /** Values of a header, in order. */
  header(name: string): string[];
}

export interface RawRequest {
  method: string;
  uri: string;
  /** Address in From and To; default the URI in To, `sip:tester@e2e.invalid` in From. */
  from?: string;
  to?: string;
  headers?: string[];
  body?: string;
  version?: string;
  cseq?: number;
  callId?: string;
}

/** SIP written by hand and read as text, for what no SIP program sends: nothing of ours is in it. */
export class RawSip {
  private readonly transmit: (bytes: Buffer) => Promise<void>;
  private readonly local: string;
  private readonly transport: 'UDP' | 'TCP';
  private received = '';
  private readonly messages: RawResponse[] = [];

  private constructor(transport: 'UDP' | 'TCP', local: string, transmit: (bytes: Buffer) => Promise<void>) {
    this.transport = transport;
    this.local = local;
    this.transmit = transmit;
  }

  /** Over UDP to HOST:PORT. */
  static async udp(t: TestContext, server: string): Promise<RawSip> {
    const [host = '', port = ''] = server.split(':');
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, '127.0.0.1', () => resolve());
    });
    t.defer(() => {
      socket.close();
    });
    const raw = new RawSip('UDP', `127.0.0.1:${socket.address().port}`, async (bytes) => {
      socket.send(bytes, Number(port), host);
    });
    socket.on('message', (data) => raw.messages.push(parsed(data.toString('utf8'))));
    return raw;
  }

  /** Over TCP to HOST:PORT; with `oneByOne` every byte is a segment of its own. */
  static async tcp(t: TestContext, server: string, options: { oneByOne?: boolean } = {}): Promise<RawSip> {
    const [host = '', port = ''] = server.split(':');
    const socket = connect(Number(port), host);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => resolve());
    });
    socket.setNoDelay(true);
    t.defer(() => {
      socket.destroy();
    });
    const raw = new RawSip('TCP', `127.0.0.1:${socket.localPort}`, async (bytes) => {
      if (options.oneByOne !== true) await written(socket, bytes);
      else for (let at = 0; at < bytes.length; at++) await written(socket, bytes.subarray(at, at + 1));
    });
    socket.on('data', (data) => raw.stream(data.toString('utf8')));
    return raw;
  }

  /** Sends bytes as they are. */
  send(text: string): Promise<void> {
    return this.transmit(Buffer.from(text));
  }

  /** The text of a request, with Via, tags and Content-Length filled in. */
  text(request: RawRequest): string {
    const { method, uri, body = '', cseq = 1 } = request;
    return [
      `${method} ${uri} ${request.version ?? 'SIP/2.0'}`,
      `Via: SIP/2.0/${this.transport} ${this.local};branch=z9hG4bK${token()};rport`,
      `From: <${request.from ?? 'sip:tester@e2e.invalid'}>;tag=${token()}`,
      `To: <${request.to ?? uri}>`,
      `Call-ID: ${request.callId ?? token()}`,
      `CSeq: ${cseq} ${method}`,
      'Max-Forwards: 70',
      `Contact: <sip:tester@${this.local}>`,
      ...(request.headers ?? []),
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');
  }

  /** Sends a request and gives its final response. A refused INVITE is acknowledged. */
  async ask(request: RawRequest, timeoutMs = 10_000): Promise<RawResponse> {
    const callId = request.callId ?? token();
    const text = this.text({ ...request, callId });
    await this.send(text);
    const cseq = `${request.cseq ?? 1} ${request.method}`;
    const response = await until(
      `a final response to ${request.method} ${request.uri}`,
      () =>
        this.messages.find(
          (message) =>
            message.status >= 200 && message.header('Call-ID')[0] === callId && message.header('CSeq')[0] === cseq,
        ),
      timeoutMs,
    );
    if (request.method === 'INVITE' && response.status >= 300) await this.send(acknowledgement(text, response));
    return response;
  }

  /** Whether a final response of this call has come. */
  answered(callId: string): boolean {
    return this.messages.some((message) => message.status >= 200 && message.header('Call-ID')[0] === callId);
  }

  private stream(text: string): void {
    this.received += text;
    for (;;) {
      const end = this.received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/^Content-Length:\s*(\d+)/im.exec(this.received)?.[1] ?? 0);
      if (this.received.length < end + 4 + length) return;
      this.messages.push(parsed(this.received.slice(0, end + 4 + length)));
      this.received = this.received.slice(end + 4 + length);
    }
  }
}

export interface DigestAnswer {
  user: string;
  password: string;
  method: string;
  uri: string;
}

/** `Authorization` for the challenge of this algorithm (RFC 7616); fails when there is none. */
export function authorization(response: RawResponse, algorithm: 'MD5' | 'SHA-256', answer: DigestAnswer): string {
  const challenge = response
    .header('WWW-Authenticate')
    .find((one) => new RegExp(`algorithm="?${algorithm}"?(,|$)`, 'i').test(one));
  if (challenge === undefined) throw new Error(`no ${algorithm} challenge in\n${response.text}`);
  const parameter = (name: string) => new RegExp(`\\b${name}="?([^",]*)"?`, 'i').exec(challenge)?.[1] ?? '';
  const [realm, nonce, opaque] = [parameter('realm'), parameter('nonce'), parameter('opaque')];
  const hash = (text: string) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const [nc, cnonce] = ['00000001', token()];
  const { user, password, method, uri } = answer;
  const digest = hash(
    `${hash(`${user}:${realm}:${password}`)}:${nonce}:${nc}:${cnonce}:auth:${hash(`${method}:${uri}`)}`,
  );
  return (
    `Authorization: Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", ` +
    `response="${digest}", algorithm=${algorithm}, qop=auth, nc=${nc}, cnonce="${cnonce}"` +
    (opaque === '' ? '' : `, opaque="${opaque}"`)
  );
}

function acknowledgement(invite: string, response: RawResponse): string {
  return invite
    .replace(/^INVITE/, 'ACK')
    .replace(/^(CSeq: \d+) INVITE/m, '$1 ACK')
    .replace(/^To: .*$/m, `To: ${response.header('To')[0]}`)
    .replace(/^Content-Length: .*$/m, 'Content-Length: 0')
    .replace(/\r\n\r\n[\s\S]*$/, '\r\n\r\n');
}

function parsed(text: string): RawResponse {
  const head = text.split('\r\n\r\n', 1)[0] ?? '';
  return {
    text,
    status: Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1] ?? 0),
    header: (name) =>
      [...head.matchAll(new RegExp(`^${name}:[ \\t]*(.*?)\\r?$`, 'gim'))].map(([, value = '']) => value),
  };
}

function written(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())));
}

function token(): string {
  return randomBytes(9).toString('hex');
}
