import { isIP } from 'node:net';
import { createResponse } from '../message/create-response.ts';
import { parseCSeq } from '../message/cseq.ts';
import { newTag } from '../message/identifiers.ts';
import type { MessageLimits } from '../message/limits.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { type ParseError, type PartialMessage, parseMessage } from '../message/parse.ts';
import { serialize } from '../message/serialize.ts';
import { formatVia, parseVia, type Via } from '../message/via.ts';
import type { Counters } from './counters.ts';
import { type InboundRequest, type InboundResponse, sipHost, tagOf, viaParam } from './inbound.ts';
import { isWildcard, LocalHosts } from './local-host.ts';
import { markReceived, reply } from './reply-route.ts';
import type { Peer, Transport } from './transport.ts';

/** Who takes the messages that could be read. */
export interface MessageUser {
  request(inbound: InboundRequest): void;
  response(inbound: InboundResponse): void;
}

/** The address peers are told to use instead of the listener's own (behind NAT). `port` is the listener's by default. */
export interface Advertise {
  readonly host: string;
  readonly port?: number;
}

/** The listeners of an endpoint as one: reads what comes in, answers what cannot be read, finds the way out. */
export class TransportLayer {
  readonly #transports: readonly Transport[];
  readonly #advertise: Advertise | undefined;
  readonly #limits: Readonly<MessageLimits>;
  readonly #counters: Counters;
  readonly #localHosts = new LocalHosts();
  readonly #user: MessageUser;
  readonly #fault: (error: unknown, event: string) => void;

  constructor(
    transports: readonly Transport[],
    options: {
      readonly advertise?: Advertise | undefined;
      readonly limits: Readonly<MessageLimits>;
      readonly counters: Counters;
      /** Told of an error that is a defect of ours; the message that showed it is dropped. */
      readonly fault: (error: unknown, event: string) => void;
    },
    user: MessageUser,
  ) {
    this.#transports = transports;
    this.#advertise = options.advertise;
    this.#limits = options.limits;
    this.#counters = options.counters;
    this.#fault = options.fault;
    this.#user = user;
  }

  /** Starts every listener, or none: when one fails the others are closed again. Throws that `ListenError`. */
  async start(): Promise<void> {
    const starting = this.#transports.map((transport) =>
      transport.start(
        (bytes, source, by) => this.#take(bytes, source, by),
        () => {
          this.#counters.transportFaults++;
        },
      ),
    );
    for (const outcome of await Promise.allSettled(starting)) {
      if (outcome.status === 'fulfilled') continue;
      await this.close();
      throw outcome.reason;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close()));
  }

  /** The listeners, in the order they were given. */
  get transports(): readonly Transport[] {
    return this.#transports;
  }

  /** The listener from which a destination can be reached: right protocol, right address family. */
  pick(destination: Peer): Transport | undefined {
    const family = isIP(destination.address);
    const { address, port, connection } = destination;
    return this.#transports.find((transport) => {
      if (transport.protocol !== destination.protocol) return false;
      // A connection that is there is a way, whatever the listener's own address says.
      if (transport.reliable && transport.reaches(address, port, connection)) return true;
      const own = isIP(transport.local.host);
      return family === 0 || own === 0 || family === own;
    });
  }

  /** The `host:port` a peer at `address` reaches this listener by; for Via and Contact. */
  hostPort(transport: Transport, address: string): string {
    const { host, port } = transport.local;
    if (this.#advertise !== undefined) return `${sipHost(this.#advertise.host)}:${this.#advertise.port ?? port}`;
    return `${sipHost(isWildcard(host) ? this.#localHosts.for(address) : host)}:${port}`;
  }

  sendRequest(bytes: Uint8Array, transport: Transport, destination: Peer, failed?: (error: Error) => void): void {
    this.#counters.requestsSent++;
    transport.send(bytes, destination.address, destination.port, failed, destination.connection);
  }

  sendResponse(
    bytes: Uint8Array,
    to: Pick<InboundRequest, 'via' | 'source' | 'transport'>,
    failed?: (error: Error) => void,
  ): void {
    this.#counters.responsesSent++;
    reply(bytes, to.via, to.source, to.transport, failed);
  }

  #take(bytes: Uint8Array, source: Peer, transport: Transport): void {
    try {
      this.#receive(bytes, source, transport);
    } catch (error) {
      this.#fault(error, 'message');
    }
  }

  #receive(bytes: Uint8Array, source: Peer, transport: Transport): void {
    const parsed = parseMessage(bytes, this.#limits);
    if (!parsed.ok) {
      // Blank lines keep a NAT's binding open; they are no message.
      if (parsed.error.code === 'empty') return;
      this.#counters.malformed++;
      this.#refuse(parsed.error, parsed.partial, source, transport);
      return;
    }
    const { message } = parsed;
    const via = parseVia(message.headers.get('Via') ?? '');
    const cseq = parseCSeq(message.headers.get('CSeq') ?? '');
    if (via === null || cseq === null) {
      this.#counters.malformed++;
      return;
    }
    if (message.kind === 'response') this.#takeResponse(message, via, cseq, source);
    else this.#takeRequest(message, via, cseq, source, transport);
  }

  #takeRequest(request: SipRequest, via: Via, cseq: InboundRequest['cseq'], source: Peer, transport: Transport): void {
    this.#counters.requestsReceived++;
    if (markReceived(via, source)) request.headers.replaceFirst('Via', formatVia(via));
    const { headers } = request;
    this.#user.request({
      request,
      via,
      cseq,
      callId: headers.get('Call-ID') ?? '',
      fromTag: tagOf(headers.get('From')),
      toTag: tagOf(headers.get('To')),
      source,
      transport,
    });
  }

  #takeResponse(response: SipResponse, via: Via, cseq: InboundResponse['cseq'], source: Peer): void {
    this.#counters.responsesReceived++;
    const branch = viaParam(via, 'branch') ?? '';
    this.#user.response({ response, branch, cseq, toTag: tagOf(response.headers.get('To')), source });
  }

  #refuse(error: ParseError, partial: PartialMessage | undefined, source: Peer, transport: Transport): void {
    if (error.status === undefined || partial?.kind !== 'request' || partial.method === 'ACK') return;
    const via = parseVia(partial.headers.get('Via') ?? '');
    if (via === null || !isAnswerable(partial)) return;
    if (markReceived(via, source)) partial.headers.replaceFirst('Via', formatVia(via));
    const response = createResponse(partial, error.status, {
      toTag: newTag(),
      ...(error.status === 400 ? { reason: `Bad Request: ${error.message}` } : {}),
    });
    let bytes: Uint8Array;
    try {
      bytes = serialize(response);
    } catch {
      // What had to be copied is itself unfit to be written; the message is counted, nothing more can be done.
      return;
    }
    this.sendResponse(bytes, { via, source, transport });
  }
}

/** Whether the headers a response copies are all there (RFC 3261 §8.2.6.2). */
function isAnswerable(partial: PartialMessage): boolean {
  return ['From', 'To', 'Call-ID', 'CSeq'].every((name) => partial.headers.has(name));
}
