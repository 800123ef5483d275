import { describe, expect, it } from 'vitest';
import type { Transport } from '../transport/transport.ts';
import type { Dialog } from './dialog.ts';
import { ANSWER, OFFER, type Pair, startPair } from './loopback-pair.ts';

interface Carol {
  /** Sends a message of the lines given; Via, From, To, Call-ID, CSeq and Max-Forwards are filled in when missing. */
  send(startLine: string, headers?: Record<string, string>, body?: string): void;
  readonly received: string[];
  /** First lines of what came since the last look. */
  look(): string[];
}

/** A third party that writes its messages by hand. */
async function carolOf(pair: Pair, protocol: 'udp' | 'tcp' = 'udp'): Promise<Carol> {
  const transport: Transport = pair.network.transport(protocol, '10.0.0.3', 5060);
  const received: string[] = [];
  let seen = 0;
  await transport.start(
    (bytes) => received.push(Buffer.from(bytes).toString()),
    () => {},
  );
  let branch = 0;
  return {
    received,
    send(startLine, headers = {}, body = '') {
      const method = startLine.split(' ')[0] ?? '';
      const all: Record<string, string> = {
        Via: `SIP/2.0/${protocol.toUpperCase()} 10.0.0.3:5060;branch=z9hG4bKc${branch++};rport`,
        From: '<sip:carol@10.0.0.3>;tag=c',
        To: '<sip:bob@10.0.0.2>',
        'Call-ID': 'carols-call',
        CSeq: `1 ${method}`,
        'Max-Forwards': '70',
        Contact: '<sip:carol@10.0.0.3:5060>',
        ...headers,
      };
      const lines = Object.entries(all).flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${value}`]));
      const text = `${startLine}\r\n${lines.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      transport.send(Buffer.from(text), '10.0.0.2', 5060);
      pair.clock.advance(10);
    },
    look() {
      const lines = received.slice(seen).map((text) => text.split('\r\n')[0] ?? '');
      seen = received.length;
      return lines;
    },
  };
}

const BOB = 'sip:bob@10.0.0.2 SIP/2.0';
const SDP = { 'Content-Type': 'application/sdp' };

function headerOf(text: string | undefined, name: string): string | undefined {
  return text
    ?.split('\r\n')
    .find((line) => line.startsWith(`${name}: `))
    ?.slice(name.length + 2);
}

describe('requests that are not taken', () => {
  it.each([
    ['an unknown scheme', 'INVITE http://bob SIP/2.0', {}, 'SIP/2.0 416 Unsupported URI Scheme', undefined],
    ['a required extension', `INVITE ${BOB}`, { Require: '100rel, timer' }, 'SIP/2.0 420 Bad Extension', 'Unsupported'],
    ['no forwards left', `INVITE ${BOB}`, { 'Max-Forwards': '0' }, 'SIP/2.0 483 Too Many Hops', undefined],
    [
      'a body of another kind',
      `INVITE ${BOB}`,
      { 'Content-Type': 'text/plain' },
      'SIP/2.0 415 Unsupported Media Type',
      'Accept',
    ],
    ['an unknown method', `JUMP ${BOB}`, {}, 'SIP/2.0 405 Method Not Allowed', 'Allow'],
    ['a REGISTER without a handler', `REGISTER ${BOB}`, {}, 'SIP/2.0 405 Method Not Allowed', 'Allow'],
    ['a BYE of nothing', `BYE ${BOB}`, {}, 'SIP/2.0 481 Call/Transaction Does Not Exist', undefined],
    ['a CANCEL of nothing', `CANCEL ${BOB}`, {}, 'SIP/2.0 481 Call/Transaction Does Not Exist', undefined],
    [
      'an INVITE in no dialog',
      `INVITE ${BOB}`,
      { To: '<sip:bob@10.0.0.2>;tag=x' },
      'SIP/2.0 481 Call/Transaction Does Not Exist',
      undefined,
    ],
    [
      'an INFO in no dialog',
      `INFO ${BOB}`,
      { To: '<sip:bob@10.0.0.2>;tag=x' },
      'SIP/2.0 481 Call/Transaction Does Not Exist',
      undefined,
    ],
    ['a wrong version', 'INVITE sip:bob@10.0.0.2 SIP/7.0', {}, 'SIP/2.0 505 Version Not Supported', undefined],
    ['two From', `INVITE ${BOB}`, { from: '<sip:x@y>;tag=1' }, 'SIP/2.0 400', undefined],
  ])('%s', async (_what, startLine, headers, answer, header) => {
    const pair = await startPair();
    const calls: unknown[] = [];
    pair.bob.on('invite', (call) => calls.push(call));
    const carol = await carolOf(pair);
    carol.send(startLine, headers, startLine.startsWith('INVITE') ? OFFER : '');
    expect(carol.look()[0]?.startsWith(answer)).toBe(true);
    if (header !== undefined) expect(headerOf(carol.received[0], header)).toBeTruthy();
    expect(headerOf(carol.received[0], 'To')).toContain(';tag=');
    expect([calls, pair.faults]).toEqual([[], []]);
  });

  it('counts what it cannot answer and says nothing', async () => {
    const pair = await startPair();
    const carol = await carolOf(pair);
    for (const text of ['garbage', 'SIP/2.0 200 OK', `INVITE ${BOB}`, '\r\n\r\n', `ACK ${BOB}`]) {
      pair.network.carry(
        Buffer.from(`${text}\r\n\r\n`),
        'udp',
        { host: '10.0.0.3', port: 5060 },
        { host: '10.0.0.2', port: 5060 },
      );
    }
    carol.send(`ACK ${BOB}`);
    expect(carol.look()).toEqual([]);
    expect(pair.bob.counters.malformed).toBe(4);
    expect(pair.bob.counters.strayRequests).toBe(1);
  });

  it('a copy that came another way gets 482 (RFC 3261 §8.2.2.2)', async () => {
    const pair = await startPair();
    pair.bob.on('invite', (call) => call.ring());
    const carol = await carolOf(pair);
    carol.send(`INVITE ${BOB}`, SDP, OFFER);
    carol.send(`INVITE ${BOB}`, SDP, OFFER);
    expect(carol.look()).toEqual(['SIP/2.0 100 Trying', 'SIP/2.0 180 Ringing', 'SIP/2.0 482 Loop Detected']);
  });

  it('gets 503 when there are too many transactions', async () => {
    const pair = await startPair('udp', { limits: { transactions: 1 } });
    pair.bob.on('invite', (call) => call.ring());
    const carol = await carolOf(pair);
    carol.send(`INVITE ${BOB}`, SDP, OFFER);
    carol.send(`OPTIONS ${BOB}`, { 'Call-ID': 'other' });
    expect(carol.look()).toEqual(['SIP/2.0 100 Trying', 'SIP/2.0 180 Ringing', 'SIP/2.0 503 Service Unavailable']);
    expect(pair.bob.counters.overloaded).toBe(1);
  });
});

describe('requests outside of a dialog', () => {
  it('OPTIONS is answered with what we can do', async () => {
    const pair = await startPair();
    const carol = await carolOf(pair);
    carol.send(`OPTIONS ${BOB}`, { 'Max-Forwards': '0' });
    expect(carol.look()).toEqual(['SIP/2.0 200 OK']);
    expect(headerOf(carol.received[0], 'Allow')).toBe('INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO');
    expect(headerOf(carol.received[0], 'Accept')).toContain('application/sdp');
    expect(carol.received[0]).toContain('\r\nSupported:');
  });

  it('goes to the handler of its method, whose method is then allowed', async () => {
    const pair = await startPair();
    pair.bob.onRequest('REGISTER', (request, source, respond) => {
      respond(200, {
        headers: [['Contact', `${request.headers.get('Contact')};expires=60`]],
        reason: `Hi ${source.port}`,
      });
      respond(500);
    });
    const outcome = await new Promise((resolve) => {
      void pair.alice
        .request({
          method: 'REGISTER',
          uri: 'sip:10.0.0.2',
          destination: { protocol: 'udp', address: '10.0.0.2', port: 5060 },
          from: '<sip:alice@10.0.0.2>',
          to: '<sip:alice@10.0.0.2>',
          contactUser: 'alice',
        })
        .then(resolve);
      pair.clock.advance(100);
    });
    expect(outcome).toMatchObject({ ok: true, response: { status: 200, reason: 'Hi 5060' } });
    expect(pair.network.passages[1]?.text).toContain('Contact: <sip:alice@10.0.0.1:5060>;expires=60');
    const carol = await carolOf(pair);
    carol.send(`MESSAGE ${BOB}`);
    expect(headerOf(carol.received[0], 'Allow')).toContain('REGISTER');
  });

  it('a handler that throws makes a 500 and a listenerError, and harms nothing else', async () => {
    const pair = await startPair();
    pair.bob.onRequest('MESSAGE', () => {
      throw new Error('sync');
    });
    pair.bob.onRequest('NOTIFY', () => Promise.reject(new Error('async')));
    pair.bob.on('invite', () => {
      throw new Error('listener');
    });
    const carol = await carolOf(pair);
    carol.send(`MESSAGE ${BOB}`);
    carol.send(`NOTIFY ${BOB}`, { 'Call-ID': '2' });
    await new Promise(setImmediate);
    pair.clock.advance(10);
    carol.send(`INVITE ${BOB}`, { 'Call-ID': '3', ...SDP }, OFFER);
    expect(carol.look().map((line) => line.slice(8, 11))).toEqual(['500', '500', '100', '500']);
    expect(pair.faults.map(String)).toEqual(['Error: sync', 'Error: async', 'Error: listener']);
  });
});

describe('where responses go (RFC 3261 §18.2.2, RFC 3581)', () => {
  it('to the source address and port when rport was asked for, else to the port of sent-by', async () => {
    const pair = await startPair();
    const carol = await carolOf(pair);
    const via = (rest: string) => ({ Via: `SIP/2.0/UDP 192.168.9.9:5060;branch=z9hG4bK${rest}` });
    carol.send(`OPTIONS ${BOB}`, { ...via('1;rport;received=1.2.3.4'), 'Call-ID': '1' });
    carol.send(`OPTIONS ${BOB}`, { ...via('2'), 'Call-ID': '2' });
    expect(carol.received.map((text) => headerOf(text, 'Via'))).toEqual([
      'SIP/2.0/UDP 192.168.9.9:5060;branch=z9hG4bK1;rport=5060;received=10.0.0.3',
      'SIP/2.0/UDP 192.168.9.9:5060;branch=z9hG4bK2;received=10.0.0.3',
    ]);
  });
});

describe('requests in a dialog', () => {
  async function inDialog(take?: (dialog: Dialog) => void) {
    const pair = await startPair();
    pair.bob.on('invite', (call) => take?.(call.answer(ANSWER)));
    const carol = await carolOf(pair);
    carol.send(`INVITE ${BOB}`, SDP, OFFER);
    const to = headerOf(carol.received[1], 'To') ?? '';
    carol.send(`ACK ${BOB}`, { To: to });
    carol.look();
    const send = (cseq: number, method: string, headers = {}, body = '') =>
      carol.send(`${method} ${BOB}`, { To: to, CSeq: `${cseq} ${method}`, ...headers }, body);
    return { pair, carol, send };
  }

  it('a re-INVITE without an offer is answered with ours, and the ACK brings the answer', async () => {
    const events: string[] = [];
    const { carol, send } = await inDialog((dialog) => {
      dialog
        .on('reoffer', (offer) => {
          events.push(`${offer.method} ${offer.sdp}`);
          offer.accept(ANSWER);
        })
        .on('confirmedReoffer', (sdp) => events.push(String(sdp)));
    });
    send(2, 'INVITE');
    expect(carol.look()).toEqual(['SIP/2.0 200 OK']);
    expect(carol.received.at(-1)).toContain(ANSWER);
    send(2, 'ACK', SDP, OFFER);
    expect(events).toEqual(['INVITE null', OFFER]);
  });

  it('UPDATE with an offer is a reoffer, without one a sign of life', async () => {
    const events: string[] = [];
    const { carol, send } = await inDialog((dialog) => {
      dialog.on('reoffer', (offer) => {
        events.push(offer.method);
        offer.accept(ANSWER);
      });
    });
    send(2, 'UPDATE', SDP, OFFER);
    send(3, 'UPDATE', { Contact: '<sip:carol@10.0.0.3:5099>' });
    expect(carol.look()).toEqual(['SIP/2.0 200 OK', 'SIP/2.0 200 OK']);
    expect(carol.received.at(-2)).toContain(ANSWER);
    expect(events).toEqual(['UPDATE']);
  });

  it('a new Contact is where later requests go', async () => {
    const dialogs: Dialog[] = [];
    const { pair, send } = await inDialog((dialog) => dialogs.push(dialog));
    send(2, 'UPDATE', { Contact: '<sip:carol@10.0.0.3:5099>' });
    void dialogs[0]?.bye();
    const bye = pair.network.passages.at(-1);
    expect(bye?.text.split('\r\n')[0]).toBe('BYE sip:carol@10.0.0.3:5099 SIP/2.0');
    expect(bye?.to).toBe('10.0.0.3:5099');
  });

  it('the key of an INFO is reported, OPTIONS answered, anything else refused', async () => {
    const digits: string[] = [];
    const { carol, send } = await inDialog((dialog) => {
      dialog.on('digit', ({ digit }) => digits.push(digit));
    });
    send(2, 'INFO', { 'Content-Type': 'application/dtmf-relay' }, 'Signal=5');
    send(3, 'OPTIONS');
    send(4, 'REFER');
    send(5, 'PRACK');
    send(6, 'INFO', { 'Content-Type': 'text/plain' }, 'Signal=5');
    send(7, 'INFO', { 'Info-Package': 'foo' });
    expect(carol.look().map((line) => line.slice(8, 11))).toEqual(['200', '200', '405', '481', '415', '469']);
    expect(digits).toEqual(['5']);
  });

  it('one out of order gets 500; a repeated ACK is no stray', async () => {
    const { pair, carol, send } = await inDialog(() => {});
    send(5, 'INFO');
    send(4, 'INFO');
    send(1, 'ACK');
    expect(carol.look().map((line) => line.slice(8, 11))).toEqual(['200', '500']);
    expect(pair.bob.counters.strayRequests).toBe(0);
  });

  it('a re-INVITE before our answer is acknowledged gets 500 with Retry-After, one that is cancelled 487', async () => {
    const offers: boolean[] = [];
    const { carol, send } = await inDialog((dialog) => {
      dialog.on('reoffer', (offer) => offers.push(offer.isPending));
    });
    send(2, 'INVITE', { Via: 'SIP/2.0/UDP 10.0.0.3:5060;branch=z9hG4bKre' }, '');
    send(3, 'INVITE', SDP, OFFER);
    expect(carol.look().map((line) => line.slice(8, 11))).toEqual(['100', '500']);
    expect(headerOf(carol.received.at(-1), 'Retry-After')).toMatch(/^\d$/);
    send(2, 'CANCEL', { Via: 'SIP/2.0/UDP 10.0.0.3:5060;branch=z9hG4bKre' });
    expect(carol.look().map((line) => line.slice(8, 11))).toEqual(['200', '487']);
    expect(offers).toEqual([true]);
  });

  it('BYE before the answer ends the call with 487', async () => {
    const pair = await startPair();
    const events: string[] = [];
    pair.bob.on('invite', (call) => {
      call.ring();
      call.on('canceled', (request) => events.push(request.method));
    });
    const carol = await carolOf(pair);
    carol.send(`INVITE ${BOB}`, SDP, OFFER);
    carol.send(`BYE ${BOB}`, { To: headerOf(carol.received[1], 'To') ?? '', CSeq: '2 BYE' });
    expect(carol.look().map((line) => line.slice(8, 11))).toEqual(['100', '180', '200', '487']);
    expect(events).toEqual(['BYE']);
  });
});

describe('RFC 2543 clients', () => {
  it('are matched without the magic cookie: retransmission, CANCEL, ACK', async () => {
    const pair = await startPair();
    const events: string[] = [];
    pair.bob.on('invite', (call) => {
      events.push('invite');
      call.on('canceled', () => events.push('canceled'));
    });
    const carol = await carolOf(pair);
    const via = { Via: 'SIP/2.0/UDP 10.0.0.3:5060' };
    carol.send(`INVITE ${BOB}`, { ...via, ...SDP }, OFFER);
    carol.send(`INVITE ${BOB}`, { ...via, ...SDP }, OFFER);
    carol.send(`CANCEL ${BOB}`, via);
    carol.send(`ACK ${BOB}`, { ...via, To: headerOf(carol.received.at(-1), 'To') ?? '' });
    pair.clock.advance(4000);
    expect(events).toEqual(['invite', 'canceled']);
    expect(carol.look().map((line) => line.slice(8, 11))).toEqual(['100', '100', '200', '487']);
  });
});
