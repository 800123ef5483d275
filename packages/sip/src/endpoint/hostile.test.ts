import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWER, OFFER, startPair } from './loopback-pair.ts';

// What a stranger may send: whole messages with bytes changed, cut, doubled. Nothing may throw or stay behind.

const LINES = [
  'Via: SIP/2.0/UDP 10.0.0.3:5060;branch=z9hG4bKx;rport',
  'From: <sip:carol@10.0.0.3>;tag=c',
  'To: <sip:bob@10.0.0.2>',
  'Call-ID: c1',
  'Max-Forwards: 70',
  'Contact: <sip:carol@10.0.0.3:5060>',
  'Record-Route: <sip:p1;lr>, <sip:p2>',
  'Require: x',
  'Content-Type: application/sdp',
];
const METHODS = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'UPDATE', 'INFO', 'REGISTER', 'PRACK'];

const message = fc
  .record({
    method: fc.constantFrom(...METHODS),
    isResponse: fc.boolean(),
    lines: fc.subarray(LINES, { minLength: 4 }),
    cuts: fc.array(fc.record({ at: fc.nat(900), byte: fc.nat(255), insert: fc.boolean() }), { maxLength: 4 }),
    body: fc.boolean(),
    length: fc.option(fc.nat(1000), { nil: undefined }),
  })
  .map(({ method, isResponse, lines, cuts, body, length }) => {
    const first = isResponse ? 'SIP/2.0 200 OK' : `${method} sip:bob@10.0.0.2 SIP/2.0`;
    const content = body ? OFFER : '';
    const head = [first, ...lines, `CSeq: 1 ${method}`, `Content-Length: ${length ?? content.length}`];
    const bytes = [...Buffer.from(`${head.join('\r\n')}\r\n\r\n${content}`)];
    for (const { at, byte, insert } of cuts) bytes.splice(at % bytes.length, insert ? 0 : 1, byte);
    return Buffer.from(bytes);
  });

describe('messages of strangers', () => {
  it('never throw, and leave nothing behind', async () => {
    const carol = { host: '10.0.0.3', port: 5060 };
    const bob = { host: '10.0.0.2', port: 5060 };
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 8 }), fc.boolean(), async (messages, answers) => {
        const pair = await startPair();
        pair.bob.on('invite', (call) => {
          if (answers) call.answer(ANSWER);
          else call.reject(486);
        });
        for (const bytes of messages) {
          pair.network.carry(bytes, 'udp', carol, bob);
          pair.clock.advance(50);
        }
        pair.clock.advance(200_000);
        expect(pair.faults).toEqual([]);
        expect([pair.bob.dialogs, pair.bob.counters.transactions, pair.clock.pending]).toEqual([0, 0, 0]);
      }),
      { numRuns: 300, seed: 3261 },
    );
  });
});
