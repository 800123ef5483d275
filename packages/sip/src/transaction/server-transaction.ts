import type { SipResponse } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import type { InboundRequest } from '../transport/inbound.ts';
import type { TransportLayer } from '../transport/transport-layer.ts';
import { type InviteServerEvent, type InviteServerState, inviteServer } from './invite-server.ts';
import type { Step, Surroundings } from './machine.ts';
import { type NonInviteServerEvent, type NonInviteServerState, nonInviteServer } from './non-invite-server.ts';
import { Transaction, type TransactionContext } from './transaction.ts';

/** What the user of a server transaction may want to know. */
export interface ServerTransactionUser {
  /** The tag of our responses; that to a CANCEL repeats it (RFC 3261 §9.2). */
  readonly localTag?: string;
  /** The peer gave the INVITE up before its final response. */
  canceled?(cancel: InboundRequest): void;
  /** No ACK came for our final response other than 2xx (timer H). */
  timedOut?(): void;
  /** A response could not be sent; a retransmission of the request may still get it. */
  transportFailed?(): void;
}

export interface ServerContext extends TransactionContext {
  readonly transport: TransportLayer;
  /** An ACK that belongs to a 2xx, found by the transaction of its INVITE. */
  passAck(inbound: InboundRequest): void;
  ended(key: string, mergeKey: string | undefined): void;
}

/** The server's side of one request: answers retransmissions, retransmits final responses to an INVITE. */
abstract class BaseServerTransaction<
  S extends InviteServerState | NonInviteServerState,
  E extends InviteServerEvent | NonInviteServerEvent,
> extends Transaction<S, E> {
  readonly key: string;
  /** Set when the request could be a copy that came another way; see the transaction layer. */
  mergeKey: string | undefined;
  user: ServerTransactionUser = {};
  protected readonly server: ServerContext;
  #inbound: InboundRequest | undefined;
  #last: Uint8Array | undefined;
  #sendFailed: (() => void) | undefined;

  constructor(inbound: InboundRequest, key: string, context: ServerContext, around: Surroundings, initial: S) {
    super(context, around, initial);
    this.#inbound = inbound;
    this.key = key;
    this.server = context;
  }

  /** The request. Gone after `release()`. */
  get inbound(): InboundRequest {
    if (this.#inbound === undefined) throw new Error('the request of this transaction was released');
    return this.#inbound;
  }

  /** Whether a final response was given. */
  abstract get isAnswered(): boolean;

  /** The same request came again. */
  abstract retransmitted(): void;

  /** Sends a response. Does nothing once a final one was sent, except a 2xx again. Throws a `SerializeError`. */
  respond(response: SipResponse): void {
    this.respondBytes(response.status, serialize(response));
  }

  /** `respond` with a response already in bytes. */
  respondBytes(status: number, bytes: Uint8Array): void {
    const event = this.eventOf(status);
    if (this.isAnswered && !(event === 'send 2xx' && this.state === 'accepted')) return;
    this.#last = bytes;
    this.handle(event);
  }

  /**
   * Lets go of the messages once nothing is left to be sent, while the transaction still absorbs late copies: at
   * hundreds of calls a second the 32 seconds it has to stay would hold hundreds of megabytes.
   */
  protected release(): void {
    this.#inbound = undefined;
    this.#last = undefined;
    this.user = {};
  }

  protected abstract eventOf(status: number): E;
  protected abstract transportErrorEvent(): E;

  protected override send(): void {
    if (this.#last === undefined || this.#inbound === undefined) return;
    this.#sendFailed ??= () => this.handle(this.transportErrorEvent());
    // Only a connection can tell that a response did not arrive; a datagram's fate is not worth a call-back each.
    const failed = this.around.reliable ? this.#sendFailed : undefined;
    this.server.transport.sendResponse(this.#last, this.#inbound, failed);
  }

  protected override acknowledge(): void {}

  protected override report(failure: 'timeout' | 'transport'): void {
    if (failure === 'timeout') this.user.timedOut?.();
    else this.user.transportFailed?.();
  }

  protected override ended(): void {
    this.server.ended(this.key, this.mergeKey);
  }
}

/** The server's side of one INVITE. */
export class InviteServerTransaction extends BaseServerTransaction<InviteServerState, InviteServerEvent> {
  #ack: InboundRequest | undefined;

  constructor(inbound: InboundRequest, key: string, context: ServerContext, around: Surroundings) {
    super(inbound, key, context, around, 'proceeding');
  }

  get isAnswered(): boolean {
    return this.state !== 'proceeding';
  }

  retransmitted(): void {
    this.handle('INVITE');
  }

  /** The user's 2xx was acknowledged, or never will be: it is not sent any more. */
  settled(): void {
    if (this.state === 'accepted') this.release();
  }

  acknowledged(ack: InboundRequest): void {
    this.#ack = ack;
    this.handle('ACK');
    this.#ack = undefined;
  }

  protected override step(state: InviteServerState, event: InviteServerEvent, intervalMs: number) {
    return inviteServer(state, event, intervalMs, this.around);
  }

  protected override timerEvent(timer: string): InviteServerEvent {
    return `timer ${timer}` as InviteServerEvent;
  }

  protected override eventOf(status: number): InviteServerEvent {
    return status < 200 ? 'send 1xx' : status < 300 ? 'send 2xx' : 'send 300-699';
  }

  protected override transportErrorEvent(): InviteServerEvent {
    return 'transport error';
  }

  protected override pass(): void {
    if (this.#ack !== undefined) this.server.passAck(this.#ack);
  }
}

/** The server's side of one request other than INVITE and ACK. */
export class NonInviteServerTransaction extends BaseServerTransaction<NonInviteServerState, NonInviteServerEvent> {
  constructor(inbound: InboundRequest, key: string, context: ServerContext, around: Surroundings) {
    super(inbound, key, context, around, 'trying');
  }

  get isAnswered(): boolean {
    return this.state === 'completed' || this.state === 'terminated';
  }

  retransmitted(): void {
    this.handle('request');
  }

  protected override step(state: NonInviteServerState, event: NonInviteServerEvent): Step<NonInviteServerState> {
    return nonInviteServer(state, event, this.around);
  }

  protected override timerEvent(timer: string): NonInviteServerEvent {
    return `timer ${timer}` as NonInviteServerEvent;
  }

  protected override eventOf(status: number): NonInviteServerEvent {
    return status < 200 ? 'send 1xx' : 'send 200-699';
  }

  protected override transportErrorEvent(): NonInviteServerEvent {
    return 'transport error';
  }

  protected override pass(): void {}
}

/** The server's side of one request. */
export type ServerTransaction = InviteServerTransaction | NonInviteServerTransaction;
