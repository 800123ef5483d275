import { SipHeaders, type SipRequest } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import type { InboundResponse } from '../transport/inbound.ts';
import type { Peer, Transport } from '../transport/transport.ts';
import type { TransportLayer } from '../transport/transport-layer.ts';
import { type InviteClientEvent, type InviteClientState, inviteClient } from './invite-client.ts';
import type { Step, Surroundings } from './machine.ts';
import { type NonInviteClientEvent, type NonInviteClientState, nonInviteClient } from './non-invite-client.ts';
import { Transaction, type TransactionContext } from './transaction.ts';

/** Who sent the request. Exactly one final response or failure comes, except that an INVITE can get several 2xx. */
export interface ClientTransactionUser {
  response(inbound: InboundResponse): void;
  /** No response in time (timers B, F), or the request could not be sent. */
  failed(why: 'timeout' | 'transport'): void;
}

export interface ClientContext extends TransactionContext {
  readonly transport: TransportLayer;
  ended(key: string): void;
}

/** How a request leaves. */
export interface Way {
  readonly transport: Transport;
  readonly destination: Peer;
}

/** The client's side of one request: retransmits it, absorbs copies of the final response. */
abstract class BaseClientTransaction<
  S extends InviteClientState | NonInviteClientState,
  E extends InviteClientEvent | NonInviteClientEvent,
> extends Transaction<S, E> {
  readonly request: SipRequest;
  readonly way: Way;
  readonly key: string;
  protected readonly client: ClientContext;
  protected readonly user: ClientTransactionUser;
  protected inbound: InboundResponse | undefined;
  readonly #bytes: Uint8Array;

  constructor(
    request: SipRequest,
    key: string,
    way: Way,
    user: ClientTransactionUser,
    context: ClientContext,
    around: Surroundings,
    initial: S,
  ) {
    super(context, around, initial);
    this.request = request;
    this.key = key;
    this.way = way;
    this.client = context;
    this.user = user;
    this.#bytes = serialize(request);
  }

  /** Sends the request for the first time. */
  start(): void {
    this.handle('start' as E);
  }

  received(inbound: InboundResponse): void {
    this.inbound = inbound;
    this.handle(this.eventOf(inbound.response.status));
    this.inbound = undefined;
  }

  protected abstract eventOf(status: number): E;

  protected override timerEvent(timer: string): E {
    return `timer ${timer}` as E;
  }

  protected override send(): void {
    this.transmit(this.#bytes);
  }

  protected transmit(bytes: Uint8Array): void {
    const { transport, destination } = this.way;
    this.client.transport.sendRequest(bytes, transport, destination, () => this.handle('transport error' as E));
  }

  protected override pass(): void {
    if (this.inbound !== undefined) this.user.response(this.inbound);
  }

  protected override report(failure: 'timeout' | 'transport'): void {
    this.user.failed(failure);
  }

  protected override ended(): void {
    this.client.ended(this.key);
  }
}

/** The client's side of one INVITE. */
export class InviteClientTransaction extends BaseClientTransaction<InviteClientState, InviteClientEvent> {
  #ack: Uint8Array | undefined;

  constructor(
    request: SipRequest,
    key: string,
    way: Way,
    user: ClientTransactionUser,
    context: ClientContext,
    around: Surroundings,
  ) {
    super(request, key, way, user, context, around, 'calling');
  }

  protected override step(state: InviteClientState, event: InviteClientEvent, ms: number): Step<InviteClientState> {
    return inviteClient(state, event, ms, this.around);
  }

  protected override eventOf(status: number): InviteClientEvent {
    return status < 200 ? '1xx' : status < 300 ? '2xx' : '300-699';
  }

  protected override acknowledge(): void {
    if (this.#ack === undefined) {
      if (this.inbound === undefined) return;
      this.#ack = serialize(followUp(this.request, 'ACK', this.inbound.response.headers.get('To')));
    }
    this.transmit(this.#ack);
  }
}

/** The client's side of one request other than INVITE and ACK. */
export class NonInviteClientTransaction extends BaseClientTransaction<NonInviteClientState, NonInviteClientEvent> {
  constructor(
    request: SipRequest,
    key: string,
    way: Way,
    user: ClientTransactionUser,
    context: ClientContext,
    around: Surroundings,
  ) {
    super(request, key, way, user, context, around, 'trying');
  }

  protected override step(state: NonInviteClientState, event: NonInviteClientEvent, ms: number) {
    return nonInviteClient(state, event, ms, this.around);
  }

  protected override eventOf(status: number): NonInviteClientEvent {
    return status < 200 ? '1xx' : '200-699';
  }

  protected override acknowledge(): void {}
}

/** The client's side of one request. */
export type ClientTransaction = InviteClientTransaction | NonInviteClientTransaction;

/**
 * The CANCEL of an INVITE (RFC 3261 §9.1), or the ACK of its final response other than 2xx (§17.1.1.3): the same
 * topmost Via, Request-URI, Call-ID, From, Route and CSeq number. The ACK takes To, with its tag, from the response.
 */
export function followUp(invite: SipRequest, method: 'ACK' | 'CANCEL', to = invite.headers.get('To')): SipRequest {
  const { headers } = invite;
  const cseq = headers.get('CSeq') ?? '';
  const made = new SipHeaders();
  made.append('Via', headers.get('Via') ?? '');
  for (const route of headers.all('Route')) made.append('Route', route);
  made.append('Max-Forwards', '70');
  made.append('From', headers.get('From') ?? '');
  made.append('To', to ?? '');
  made.append('Call-ID', headers.get('Call-ID') ?? '');
  made.append('CSeq', `${Number.parseInt(cseq, 10)} ${method}`);
  return { kind: 'request', method, uri: invite.uri, headers: made, body: new Uint8Array(0) };
}
