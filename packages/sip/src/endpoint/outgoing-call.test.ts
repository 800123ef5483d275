import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ha1 } from '../digest/algorithm.ts';
import { DigestVerifier, type LookupHa1 } from '../digest/digest-verifier.ts';
import { createResponse } from '../message/create-response.ts';
import type { SipRequest } from '../message/message.ts';
import { parseMessage } from '../message/parse.ts';
import { serialize } from '../message/serialize.ts';
import type { Transport } from '../transport/transport.ts';
import { ANSWER, bobAt, lose, type Pair, startPair } from './loopback-pair.ts';
import type { OutgoingCall } from './outgoing-call.ts';

function watch(call: OutgoingCall): string[] {
  const events: string[] = [];
  call
    .on('progress', ({ status }) => events.push(String(status)))
    .on('answered', () => events.push('answered'))
    .on('failed', ({ status, crossed }) => events.push(`failed ${status}${crossed ? ' crossed' : ''}`));
  return events;
}

/** A peer that is written by the test, message by message, in the place of Bob. */
async function scriptedBob(
  pair: Pair,
  take: (request: SipRequest, send: (status: number, tag: string) => void) => void,
) {
  await pair.bob.close();
  const transport: Transport = pair.network.transport('udp', '10.0.0.2', 5060);
  const seen: string[] = [];
  await transport.start(
    (bytes, source) => {
      const parsed = parseMessage(bytes);
      if (!parsed.ok || parsed.message.kind !== 'request') return;
      const request = parsed.message;
      seen.push(`${request.method} ${/;tag=(.*)$/.exec(request.headers.get('To') ?? '')?.[1] ?? ''}`.trim());
      take(request, (status, tag) => {
        const ok = status === 200 && request.method === 'INVITE';
        const response = createResponse(request, status, {
          toTag: tag,
          headers: ok
            ? [
                ['Contact', '<sip:bob@10.0.0.2:5060>'],
                ['Content-Type', 'application/sdp'],
              ]
            : [],
          ...(ok ? { body: ANSWER } : {}),
        });
        transport.send(serialize(response), source.address, source.port);
      });
    },
    () => {},
  );
  return seen;
}

describe('an outgoing call', () => {
  it('fails without a status when nobody answers within 64*T1', async () => {
    const pair = await startPair();
    await pair.bob.close();
    const events = watch(pair.call());
    pair.clock.advance(31_999);
    expect(events).toEqual([]);
    // 0, .5, 1.5, 3.5, 7.5, 15.5, 31.5 s
    expect(pair.count('a INVITE')).toBe(7);
    pair.clock.advance(1);
    expect(events).toEqual(['failed null']);
    expect(pair.clock.pending).toBe(0);
  });

  it('fails without a status when no connection can be made, or no listener speaks the protocol', async () => {
    const pair = await startPair('tcp');
    await pair.bob.close();
    const refused = watch(pair.call());
    const unreachable = watch(pair.call({ destination: bobAt('udp') }));
    expect([refused, unreachable]).toEqual([[], []]);
    await Promise.resolve();
    expect([refused, unreachable]).toEqual([['failed null'], ['failed null']]);
  });

  it('names the contacts of a redirection', async () => {
    const pair = await startPair();
    pair.bob.on('invite', (call) => call.reject(302, { headers: [['Contact', '<sip:carol@10.0.0.3>']] }));
    const contacts: (readonly string[])[] = [];
    pair.call().on('failed', (failure) => contacts.push(failure.contacts));
    pair.clock.advance(100);
    expect(contacts).toEqual([['<sip:carol@10.0.0.3>']]);
  });

  it('sends its BYE to the peer, in the dialog of the answer', async () => {
    const pair = await startPair();
    const events: string[] = [];
    pair.bob.on('invite', (call) => call.answer(ANSWER).on('bye', () => events.push('bye')));
    pair.call().on('answered', ({ dialog }) => {
      void dialog.bye().then(() => events.push('ended'));
    });
    pair.clock.advance(100);
    await Promise.resolve();
    expect(events).toEqual(['bye', 'ended']);
  });
});

describe('cancelling an outgoing call', () => {
  it('waits with the CANCEL until a provisional response came (RFC 3261 §9.1)', async () => {
    const pair = await startPair();
    pair.network.weather = lose('b 100', 1);
    pair.bob.on('invite', () => {});
    const call = pair.call();
    const events = watch(call);
    call.cancel();
    call.cancel();
    pair.clock.advance(400);
    expect(pair.count('a CANCEL')).toBe(0);
    pair.clock.advance(5000);
    expect(pair.count('a CANCEL')).toBe(1);
    expect(events).toEqual(['failed 487']);
  });

  it('acknowledges and hangs up an answer that crosses the CANCEL', async () => {
    const pair = await startPair();
    let answer = () => {};
    const bobs: string[] = [];
    pair.bob.on('invite', (call) => {
      answer = () => {
        call.answer(ANSWER).on('bye', () => bobs.push('bye'));
      };
      call.on('canceled', () => bobs.push('canceled')).on('confirmed', () => bobs.push('confirmed'));
    });
    const call = pair.call();
    const events = watch(call);
    pair.clock.advance(100);
    answer();
    call.cancel();
    pair.clock.advance(60_000);
    expect(events).toEqual(['failed 487 crossed']);
    expect(bobs).toEqual(['confirmed', 'bye']);
    expect([pair.alice.dialogs, pair.bob.dialogs, pair.clock.pending]).toEqual([0, 0, 0]);
  });

  it('gives up 64*T1 after the CANCEL when the INVITE is never answered', async () => {
    const pair = await startPair();
    await scriptedBob(pair, ({ method }, send) => send(method === 'INVITE' ? 180 : 200, 'b'));
    const call = pair.call();
    const events = watch(call);
    pair.clock.advance(100);
    call.cancel();
    pair.clock.advance(31_000);
    expect(events).toEqual(['180']);
    pair.clock.advance(1500);
    expect(events).toEqual(['180', 'failed 487']);
    pair.clock.advance(40_000);
    expect(pair.clock.pending).toBe(0);
  });

  it('does nothing after the end', async () => {
    const pair = await startPair();
    pair.bob.on('invite', (call) => call.reject(486));
    const call = pair.call();
    const events = watch(call);
    pair.clock.advance(100);
    call.cancel();
    pair.clock.advance(60_000);
    expect(events).toEqual(['failed 486']);
    expect(pair.count('a CANCEL')).toBe(0);
  });
});

describe('a call that forks', () => {
  it('takes the first answer, hangs up the second, and acknowledges every copy of both', async () => {
    const pair = await startPair();
    const seen = await scriptedBob(pair, ({ method }, send) => {
      if (method === 'INVITE') {
        send(180, 'one');
        send(180, 'two');
        send(200, 'one');
        send(200, 'two');
        send(200, 'two');
        send(200, 'one');
      } else if (method !== 'ACK') send(200, '');
    });
    const events = watch(pair.call());
    pair.clock.advance(60_000);
    expect(events).toEqual(['180', '180', 'answered']);
    expect(seen.toSorted()).toEqual(['ACK one', 'ACK one', 'ACK two', 'ACK two', 'BYE two', 'INVITE']);
    expect(pair.alice.dialogs).toBe(1);
  });
});

describe('a call that is challenged', () => {
  it.each([
    ['right', 'www', 'answered'],
    ['right', 'proxy', 'answered'],
    ['wrong', 'www', 'failed 401'],
    ['wrong', 'proxy', 'failed 407'],
  ] as const)('with the %s password (%s) ends as: %s', async (password, kind, outcome) => {
    const pair = await startPair();
    const key = createSecretKey(Buffer.from('a test key'));
    const verifier = new DigestVerifier({ realm: 'test', key, kind });
    const lookup: LookupHa1 = (user, realm, algorithm) => ha1(user, realm, 'right', algorithm);
    pair.bob.on('invite', async (call) => {
      const verdict = await verifier.verify(call.request, lookup);
      const challenges = verifier.challenges().map((value) => [verifier.challengeHeader, value] as const);
      if (verdict.ok) call.answer(ANSWER);
      else call.reject(verifier.challengeStatus, { headers: challenges });
    });
    const events = watch(pair.call({ credentials: { username: 'alice', password } }));
    for (let round = 0; round < 10; round++) {
      pair.clock.advance(10);
      await new Promise(setImmediate);
    }
    expect(events).toEqual([outcome]);
    expect(pair.count('a INVITE')).toBe(2);
    expect(pair.faults).toEqual([]);
  });

  it('fails with the challenge when there are no credentials', async () => {
    const pair = await startPair();
    const challenge = ['WWW-Authenticate', 'Digest realm="x", nonce="y"'] as const;
    pair.bob.on('invite', (call) => call.reject(401, { headers: [challenge] }));
    const events = watch(pair.call());
    pair.clock.advance(100);
    expect(events).toEqual(['failed 401']);
  });
});
