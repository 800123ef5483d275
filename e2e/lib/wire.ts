import { createSocket, type Socket } from 'node:dgram';
import type { TestContext } from './context.ts';

/** What becomes of one datagram: nothing, one or more copies, possibly changed, possibly late. */
export interface Fate {
  copies?: number;
  delayMs?: number;
  /** Sent instead of what came. */
  text?: string;
}

/** Decides on one datagram; undefined lets it pass. `nth` counts the datagrams of the same direction and first line. */
export type WireRule = (toServer: boolean, firstLine: string, nth: number, text: string) => Fate | undefined;

/**
 * A stretch of bad wire between a SIP phone and the server (UDP, one phone): datagrams are lost, doubled, delayed or
 * changed by a rule. The phone sends to `phoneSide` and gives `serverSide` as its contact.
 */
export class Wire {
  readonly phoneSide: string;
  readonly serverSide: string;
  private readonly close: () => void;

  private constructor(phoneSide: string, serverSide: string, close: () => void) {
    this.phoneSide = phoneSide;
    this.serverSide = serverSide;
    this.close = close;
  }

  /** `server` is HOST:PORT. */
  static async open(t: TestContext, server: string, rule: WireRule): Promise<Wire> {
    const [phoneSocket, serverSocket] = [await bound(), await bound()];
    const [serverHost = '', serverPort = ''] = server.split(':');
    let closed = false;
    let phone: { address: string; port: number } | null = null;
    const counts = new Map<string, number>();
    const carry = (toServer: boolean, data: Buffer, send: (bytes: Buffer) => void) => {
      const text = data.toString('latin1');
      const firstLine = text.split('\r\n', 1)[0] ?? '';
      const key = `${toServer}${firstLine}${cseqOf(text)}`;
      const nth = (counts.get(key) ?? 0) + 1;
      counts.set(key, nth);
      const fate = rule(toServer, firstLine, nth, text) ?? {};
      const bytes = fate.text === undefined ? data : Buffer.from(fate.text, 'latin1');
      const sendAll = () => {
        for (let i = 0; i < (fate.copies ?? 1) && !closed; i++) send(bytes);
      };
      if (fate.delayMs === undefined) sendAll();
      else setTimeout(sendAll, fate.delayMs);
    };
    phoneSocket.on('message', (data, from) => {
      phone = from;
      carry(true, data, (bytes) => serverSocket.send(bytes, Number(serverPort), serverHost));
    });
    serverSocket.on('message', (data) => {
      carry(false, data, (bytes) => {
        if (phone !== null) phoneSocket.send(bytes, phone.port, phone.address);
      });
    });
    const wire = new Wire(addressOf(phoneSocket), addressOf(serverSocket), () => {
      closed = true;
      phoneSocket.close();
      serverSocket.close();
    });
    t.defer(() => wire.close());
    return wire;
  }
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => resolve());
  });
  return socket;
}

function addressOf(socket: Socket): string {
  const { address, port } = socket.address();
  return `${address}:${port}`;
}

function cseqOf(text: string): string {
  return /^CSeq:\s*(.*)$/im.exec(text)?.[1] ?? '';
}
