import { dialogRequest } from '../dialog/dialog-request.ts';
import { type DialogState, dialogKey } from '../dialog/dialog-state.ts';
import { createRequest } from '../message/create-request.ts';
import { newCallId, newTag } from '../message/identifiers.ts';
import { DEFAULT_LIMITS, type MessageLimits } from '../message/limits.ts';
import { SystemClock } from '../transaction/clock.ts';
import type {
  InviteServerTransaction,
  NonInviteServerTransaction,
  ServerTransaction,
} from '../transaction/server-transaction.ts';
import { DEFAULT_TIMERS } from '../transaction/timer-values.ts';
import { TransactionLayer } from '../transaction/transaction-layer.ts';
import { type Counters, newCounters } from '../transport/counters.ts';
import type { InboundRequest } from '../transport/inbound.ts';
import { DEFAULT_TCP_LIMITS, type TcpLimits, TcpTransport } from '../transport/tcp.ts';
import type { Peer, Transport } from '../transport/transport.ts';
import { TransportLayer } from '../transport/transport-layer.ts';
import { UdpTransport } from '../transport/udp.ts';
import { refusal } from './admission.ts';
import { Authorizer } from './authorizer.ts';
import { type Core, contactFor, type DialogUser, type HeaderLines, respond, wayTo } from './core.ts';
import { type ExchangeResult, exchange } from './exchange.ts';
import { IncomingCall } from './incoming-call.ts';
import { Listeners } from './listeners.ts';
import type { EndpointOptions, ListenAddress, OutgoingRequest } from './options.ts';
import { type InviteOptions, OutgoingCall } from './outgoing-call.ts';
import type { RequestHandler, Respond } from './requests.ts';
import { sessionBody } from './sdp-body.ts';

interface EndpointEvents {
  /** A new call. Without a listener it gets 480; when the listener throws (or its promise is rejected) it gets 500. */
  invite: [call: IncomingCall];
  /** A listener or handler threw, or its promise was rejected. `event` names what it listened to. */
  listenerError: [error: unknown, event: string];
}

const METHODS = ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'UPDATE', 'INFO'];
const ACCEPT = 'application/sdp, multipart/mixed';
// A restored snapshot may be older than the last request of the dialog; a gap in CSeq is allowed, going back is not.
const RESTORED_CSEQ_GAP = 1000;

/** A SIP user agent: listens, takes calls and makes them (RFC 3261). */
export class SipEndpoint {
  /** Everything counted so far. */
  readonly counters: Readonly<Counters>;
  #flowOf: (dialog: DialogState) => Peer | undefined = () => undefined;
  readonly #core: Core;
  readonly #transport: TransportLayer;
  readonly #events: Listeners<EndpointEvents>;
  readonly #handlers = new Map<string, RequestHandler>();
  readonly #ownClock: SystemClock;
  #allow = METHODS.join(', ');

  constructor(options: EndpointOptions) {
    const counters = newCounters();
    const timers = { ...DEFAULT_TIMERS, ...options.timers };
    const fault = (error: unknown, event: string) => this.#fault(error, event);
    const ownClock = new SystemClock((error) => fault(error, 'timer'));
    const clock = options.clock ?? ownClock;
    const message = options.limits?.message ?? DEFAULT_LIMITS;
    const transports = [
      ...(options.transports ?? []),
      ...(options.listen ?? []).map((address) => listener(address, options.limits?.tcp, message)),
    ];
    const layer = new TransactionLayer(
      (user) =>
        new TransportLayer(transports, { advertise: options.advertise, limits: message, counters, fault }, user),
      { clock, timers, counters, maxTransactions: options.limits?.transactions ?? 200_000 },
      {
        invite: (transaction) => this.#invite(transaction),
        request: (transaction) => this.#request(transaction),
        cancel: (cancel, invite) => this.#cancel(cancel, invite),
        ack: (inbound) => this.#ack(inbound),
      },
    );
    const { userAgent } = options;
    const dialogs = new Map<string, DialogUser>();
    const flowOf = (dialog: DialogState) => this.#flowOf(dialog);
    this.counters = counters;
    this.#ownClock = ownClock;
    this.#transport = layer.transport;
    this.#events = new Listeners(fault);
    this.#core = { clock, timers, counters, layer, userAgent, fault, dialogs, flowOf, allow: () => this.#allow };
  }

  /** Starts all listeners, or none. Throws a `ListenError` with `code`, `protocol`, `host`, `port`. */
  start(): Promise<void> {
    return this.#transport.start();
  }

  /** Stops at once: no goodbye is sent, pending calls and requests hear nothing more. Hang up before. */
  async close(): Promise<void> {
    this.#core.layer.close();
    this.#ownClock.stop();
    this.#core.dialogs.clear();
    await this.#transport.close();
  }

  /** Where it listens, with the real ports, in the order of the options. WebSockets are listened for by an HTTP server. */
  get listeners(): readonly ListenAddress[] {
    return this.#transport.transports.flatMap(({ protocol, local }) =>
      protocol === 'ws' ? [] : [{ protocol, ...local }],
    );
  }

  /** Whether a request can be sent there at all: to a client on a WebSocket only while its connection lives. */
  reaches(destination: Peer): boolean {
    const way = wayTo(this.#core, destination);
    return (
      way !== undefined &&
      (destination.protocol !== 'ws' ||
        way.transport.reaches(destination.address, destination.port, destination.connection))
    );
  }

  /**
   * Who is asked by which WebSocket the peer of a dialog is to be reached now: one that has connected and registered anew
   * does not hear what goes to its old connection (RFC 5626 §5.3). Without an answer the dialog's own is used.
   */
  useFlows(flowOf: (dialog: Pick<DialogState, 'remoteUri' | 'remoteTarget'>) => Peer | undefined): void {
    this.#flowOf = flowOf;
  }

  /** Dialogs that live now, early ones included. */
  get dialogs(): number {
    return this.#core.dialogs.size;
  }

  on<Name extends keyof EndpointEvents>(event: Name, listener: (...values: EndpointEvents[Name]) => unknown): this {
    this.#events.on(event, listener);
    return this;
  }

  /**
   * Takes the requests of a method outside of dialogs (REGISTER, OPTIONS, MESSAGE …). Without a handler OPTIONS gets
   * 200 and anything else 405. A handler that throws before it answers makes a 500.
   */
  onRequest(method: string, handler: RequestHandler): this {
    this.#handlers.set(method, handler);
    this.#allow = [...new Set([...METHODS, ...this.#handlers.keys()])].join(', ');
    return this;
  }

  /** Makes a call. Throws a `SerializeError` when an option holds what cannot be written, such as a line end. */
  invite(options: InviteOptions): OutgoingCall {
    return new OutgoingCall(this.#core, options);
  }

  /** Sends a request outside of a dialog and waits for its final response; a challenge is answered once. */
  request(options: OutgoingRequest): Promise<ExchangeResult> {
    const { credentials, contactUser, destination, headers = [], callId = newCallId() } = options;
    const way = wayTo(this.#core, destination);
    const lines: [string, string][] = [['User-Agent', this.#core.userAgent]];
    if (contactUser !== undefined && way !== undefined) {
      lines.push(['Contact', contactFor(this.#core, contactUser, way.transport, destination.address)]);
    }
    for (const [name, value] of headers) lines.push([name, value]);
    let cseq = (options.cseq ?? 1) - 1;
    const from = options.from.includes(';tag=') ? options.from : `${options.from};tag=${newTag()}`;
    const make = () => createRequest({ ...options, from, callId, cseq: ++cseq, headers: lines });
    const authorizer = credentials === undefined ? undefined : new Authorizer(credentials);
    return new Promise((resolve) => exchange(this.#core, make, () => way, authorizer, resolve));
  }

  /** Hangs up a dialog of a process that died. Resolves when the peer answered or will not. */
  byeRestored(snapshot: DialogState): Promise<void> {
    const state = { ...snapshot, localCseq: snapshot.localCseq + RESTORED_CSEQ_GAP };
    const make = () => {
      const { request } = dialogRequest(state, 'BYE');
      request.headers.append('User-Agent', this.#core.userAgent);
      return request;
    };
    return new Promise((resolve) => {
      exchange(
        this.#core,
        make,
        () => wayTo(this.#core, state.destination),
        undefined,
        () => resolve(),
      );
    });
  }

  #fault(error: unknown, event: string): void {
    // One that fails while it is told of a failure is left alone: it would be told for ever.
    if (event !== 'listenerError') this.#events.emit('listenerError', error, event);
  }

  #invite(transaction: InviteServerTransaction): void {
    const { inbound } = transaction;
    const refused = refusal(inbound);
    if (refused !== null) {
      this.#refuse(transaction, refused.status, refused.headers);
      return;
    }
    if (inbound.toTag !== '') {
      const dialog = this.#dialogOf(inbound);
      if (dialog === undefined) this.#refuse(transaction, 481);
      else dialog.invite(transaction);
      return;
    }
    const body = sessionBody(inbound.request);
    if (body.kind === 'unsupported') this.#refuse(transaction, 415, [['Accept', ACCEPT]]);
    else if (!this.#events.has('invite')) this.#refuse(transaction, 480);
    else {
      transaction.respond(respond(this.#core, inbound, 100, {}));
      const call = new IncomingCall(this.#core, transaction, body.kind === 'sdp' ? body.sdp : null);
      this.#events.emitOr('invite', () => call.reject(500), call);
    }
  }

  #request(transaction: NonInviteServerTransaction): void {
    const { inbound } = transaction;
    const { method } = inbound.cseq;
    const dialog = inbound.toTag === '' ? undefined : this.#dialogOf(inbound);
    const refused = refusal(inbound);
    if (refused !== null) this.#refuse(transaction, refused.status, refused.headers);
    else if (dialog !== undefined) dialog.request(transaction);
    else if (method === 'BYE' || inbound.toTag !== '') {
      this.#core.counters.strayRequests++;
      this.#refuse(transaction, 481);
    } else this.#handle(transaction, this.#handlers.get(method));
  }

  #handle(transaction: NonInviteServerTransaction, handler: RequestHandler | undefined): void {
    const { inbound } = transaction;
    const { method } = inbound.cseq;
    if (handler === undefined) {
      if (method === 'OPTIONS') this.#refuse(transaction, 200, this.#abilities());
      else this.#refuse(transaction, 405, [['Allow', this.#allow]]);
      return;
    }
    const toTag = newTag();
    const answer: Respond = (status, options = {}) =>
      transaction.respond(respond(this.#core, inbound, status, { toTag, ...options }));
    const failed = (error: unknown) => {
      if (!transaction.isAnswered) answer(500);
      this.#fault(error, method);
    };
    try {
      const outcome = handler(inbound.request, inbound.source, answer);
      if (outcome instanceof Promise) outcome.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  #cancel(cancel: ServerTransaction, invite: InviteServerTransaction | undefined): void {
    if (invite === undefined) {
      this.#core.counters.strayRequests++;
      this.#refuse(cancel, 481);
      return;
    }
    const toTag = invite.user.localTag ?? newTag();
    cancel.respond(respond(this.#core, cancel.inbound, 200, { toTag }));
    if (!invite.isAnswered) invite.user.canceled?.(cancel.inbound);
  }

  #ack(inbound: InboundRequest): void {
    const dialog = this.#dialogOf(inbound);
    if (dialog === undefined) this.#core.counters.strayRequests++;
    else dialog.ack(inbound);
  }

  #dialogOf({ callId, toTag, fromTag }: InboundRequest): DialogUser | undefined {
    return this.#core.dialogs.get(dialogKey(callId, toTag, fromTag));
  }

  #refuse(transaction: ServerTransaction, status: number, headers: HeaderLines = []): void {
    transaction.respond(respond(this.#core, transaction.inbound, status, { toTag: newTag(), headers }));
  }

  #abilities(): HeaderLines {
    return [
      ['Allow', this.#allow],
      ['Accept', ACCEPT],
      ['Supported', ''],
    ];
  }
}

function listener(
  { protocol, host, port }: ListenAddress,
  tcp: TcpLimits = DEFAULT_TCP_LIMITS,
  message: Readonly<MessageLimits> = DEFAULT_LIMITS,
): Transport {
  return protocol === 'udp' ? new UdpTransport(host, port) : new TcpTransport(host, port, tcp, message);
}
