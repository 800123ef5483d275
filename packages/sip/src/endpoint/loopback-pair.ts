import { VirtualClock } from '../transaction/clock.ts';
import { LoopbackNetwork, type Passage, type Weather } from '../transport/loopback.ts';
import type { Peer, Protocol } from '../transport/transport.ts';
import { SipEndpoint } from './endpoint.ts';
import type { EndpointOptions } from './options.ts';
import type { InviteOptions, OutgoingCall } from './outgoing-call.ts';

// Two endpoints, Alice who calls and Bob who is called, on a network in memory and a clock the test moves.

export const OFFER =
  'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
export const ANSWER = OFFER.replaceAll('10.0.0.1', '10.0.0.2');

export interface Pair {
  readonly clock: VirtualClock;
  readonly network: LoopbackNetwork;
  readonly alice: SipEndpoint;
  readonly bob: SipEndpoint;
  readonly faults: unknown[];
  /** Alice calls Bob. */
  call(options?: Partial<InviteOptions>): OutgoingCall;
  /** First lines of everything sent so far, without the URI: `INVITE`, `200 INVITE` … with its sender. */
  trace(): string[];
  /** How many messages whose trace starts with `start` were sent. */
  count(start: string): number;
}

export async function startPair(protocol: Protocol = 'udp', options: Partial<EndpointOptions> = {}): Promise<Pair> {
  const clock = new VirtualClock();
  const network = new LoopbackNetwork(clock);
  const faults: unknown[] = [];
  const make = (host: string, userAgent: string) => {
    const transports = [network.transport(protocol, host, 5060)];
    const endpoint = new SipEndpoint({ transports, clock, userAgent, ...options });
    return endpoint.on('listenerError', (error) => faults.push(error));
  };
  const alice = make('10.0.0.1', 'alice');
  const bob = make('10.0.0.2', 'bob');
  await Promise.all([alice.start(), bob.start()]);
  const trace = () => network.passages.map(short);
  return {
    clock,
    network,
    alice,
    bob,
    faults,
    call: (more) => alice.invite({ ...toBob(protocol), sdp: OFFER, ...more }),
    trace,
    count: (start) => trace().filter((line) => line.startsWith(start)).length,
  };
}

export function bobAt(protocol: Protocol = 'udp'): Peer {
  return { protocol, address: '10.0.0.2', port: 5060 };
}

function toBob(protocol: Protocol): InviteOptions {
  return {
    uri: 'sip:bob@10.0.0.2:5060',
    destination: bobAt(protocol),
    from: { displayName: 'Alice A', uri: 'sip:alice@10.0.0.1' },
    to: { uri: 'sip:bob@10.0.0.2' },
  };
}

/** `a INVITE`, `b 200 INVITE`: who sent it and what it is. */
export function short({ text, from }: Passage): string {
  const who = from.startsWith('10.0.0.1:') ? 'a' : from.startsWith('10.0.0.2:') ? 'b' : 'c';
  const [first = '', second = ''] = text.split(' ', 2);
  if (!text.startsWith('SIP/2.0')) return `${who} ${first}`;
  const method = /^CSeq: \d+ (\w+)/m.exec(text)?.[1] ?? '?';
  return `${who} ${second} ${method}`;
}

/** Loses the first `times` messages whose short form starts with `what`. */
export function lose(what: string, times: number): Weather {
  let left = times;
  return (passage) => (short(passage).startsWith(what) && left-- > 0 ? [] : [1]);
}
