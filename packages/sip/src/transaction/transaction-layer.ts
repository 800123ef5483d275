import { createResponse } from '../message/create-response.ts';
import { newBranch, newTag } from '../message/identifiers.ts';
import type { SipRequest } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import type { Counters } from '../transport/counters.ts';
import type { InboundRequest, InboundResponse } from '../transport/inbound.ts';
import type { MessageUser, TransportLayer } from '../transport/transport-layer.ts';
import {
  type ClientContext,
  type ClientTransaction,
  type ClientTransactionUser,
  followUp,
  InviteClientTransaction,
  NonInviteClientTransaction,
  type Way,
} from './client-transaction.ts';
import type { Clock } from './clock.ts';
import {
  InviteServerTransaction,
  NonInviteServerTransaction,
  type ServerContext,
  type ServerTransaction,
} from './server-transaction.ts';
import type { TimerValues } from './timer-values.ts';
import { clientKey, mergeKey, serverKey } from './transaction-key.ts';

/** The core above the transactions (RFC 3261 §5: the transaction user). */
export interface TransactionUser {
  /** A new INVITE. */
  invite(transaction: InviteServerTransaction): void;
  /** A CANCEL and the INVITE it is for, if we know it. */
  cancel(cancel: ServerTransaction, invite: InviteServerTransaction | undefined): void;
  /** Any other new request. */
  request(transaction: NonInviteServerTransaction): void;
  /** An ACK of a 2xx, or one that belongs to nothing. */
  ack(inbound: InboundRequest): void;
}

/** All transactions of an endpoint: matches what comes in to them (RFC 3261 §17) and makes new ones. */
export class TransactionLayer implements MessageUser {
  readonly #servers = new Map<string, ServerTransaction>();
  readonly #merges = new Set<string>();
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #counters: Counters;
  readonly #timers: TimerValues;
  readonly #maxTransactions: number;
  readonly #user: TransactionUser;
  readonly #transport: TransportLayer;
  readonly #server: ServerContext;
  readonly #client: ClientContext;

  constructor(
    transport: (user: MessageUser) => TransportLayer,
    options: {
      readonly clock: Clock;
      readonly timers: TimerValues;
      readonly counters: Counters;
      /** New requests are refused with 503 beyond this many transactions. */
      readonly maxTransactions: number;
    },
    user: TransactionUser,
  ) {
    const { clock, counters } = options;
    this.#transport = transport(this);
    this.#counters = counters;
    this.#timers = options.timers;
    this.#maxTransactions = options.maxTransactions;
    this.#user = user;
    this.#server = {
      clock,
      counters,
      transport: this.#transport,
      passAck: (inbound) => user.ack(inbound),
      ended: (key, mergeKey) => {
        this.#servers.delete(key);
        if (mergeKey !== undefined) this.#merges.delete(mergeKey);
      },
    };
    this.#client = {
      clock,
      counters,
      transport: this.#transport,
      ended: (key) => {
        this.#clients.delete(key);
      },
    };
  }

  get transport(): TransportLayer {
    return this.#transport;
  }

  /**
   * Sends a request in a transaction of its own; the Via is put on here. The user hears nothing before this returns.
   *
   * @throws SerializeError when the request cannot be written.
   */
  sendInvite(request: SipRequest, way: Way, user: ClientTransactionUser): InviteClientTransaction {
    const key = clientKey(this.putVia(request, way), request.method);
    return this.#start(new InviteClientTransaction(request, key, way, user, this.#client, this.#around(way)));
  }

  /** The same for any request but INVITE and ACK. */
  send(request: SipRequest, way: Way, user: ClientTransactionUser): NonInviteClientTransaction {
    const key = clientKey(this.putVia(request, way), request.method);
    return this.#start(new NonInviteClientTransaction(request, key, way, user, this.#client, this.#around(way)));
  }

  /** Cancels an INVITE that got a provisional response (RFC 3261 §9.1). */
  sendCancel(invite: InviteClientTransaction, headers: Iterable<readonly [string, string]>): void {
    const request = followUp(invite.request, 'CANCEL');
    for (const [name, value] of headers) request.headers.append(name, value);
    const key = invite.key.replace(/INVITE$/, 'CANCEL');
    // Its fate does not matter: the INVITE's own final response, or the lack of one, tells.
    const nobody = { response: () => {}, failed: () => {} };
    const { way } = invite;
    this.#start(new NonInviteClientTransaction(request, key, way, nobody, this.#client, this.#around(way)));
  }

  /** Puts our Via with a new branch on top of a request that leaves outside of any transaction (ACK of a 2xx). */
  putVia(request: SipRequest, way: Way): string {
    const branch = newBranch();
    const sentBy = this.#transport.hostPort(way.transport, way.destination.address);
    const protocol = way.transport.protocol.toUpperCase();
    request.headers.prepend('Via', `SIP/2.0/${protocol} ${sentBy};branch=${branch};rport`);
    return branch;
  }

  /** Ends all transactions silently. */
  close(): void {
    for (const transaction of [...this.#servers.values(), ...this.#clients.values()]) transaction.abandon();
  }

  request(inbound: InboundRequest): void {
    const { method } = inbound.cseq;
    const known = this.#servers.get(serverKey(inbound));
    if (method === 'ACK') {
      if (known instanceof InviteServerTransaction) known.acknowledged(inbound);
      else this.#user.ack(inbound);
      return;
    }
    if (known !== undefined) {
      this.#counters.retransmissionsReceived++;
      known.retransmitted();
      return;
    }
    if (this.#counters.transactions >= this.#maxTransactions) this.#refuseOverload(inbound);
    else this.#open(inbound);
  }

  response(inbound: InboundResponse): void {
    const transaction = this.#clients.get(clientKey(inbound.branch, inbound.cseq.method));
    if (transaction === undefined) this.#counters.strayResponses++;
    else transaction.received(inbound);
  }

  #open(inbound: InboundRequest): void {
    const key = serverKey(inbound);
    const around = { timers: this.#timers, reliable: inbound.transport.reliable };
    const { method } = inbound.cseq;
    if (method === 'INVITE') {
      const invite = new InviteServerTransaction(inbound, key, this.#server, around);
      this.#servers.set(key, invite);
      if (!this.#refuseMerged(invite)) this.#user.invite(invite);
      return;
    }
    const transaction = new NonInviteServerTransaction(inbound, key, this.#server, around);
    this.#servers.set(key, transaction);
    if (method === 'CANCEL') {
      const invite = this.#servers.get(serverKey(inbound, 'INVITE'));
      this.#user.cancel(transaction, invite instanceof InviteServerTransaction ? invite : undefined);
    } else if (!this.#refuseMerged(transaction)) this.#user.request(transaction);
  }

  /** Answers 482 to a request that a forking proxy sent us twice (RFC 3261 §8.2.2.2). */
  #refuseMerged(transaction: ServerTransaction): boolean {
    const { inbound } = transaction;
    if (inbound.toTag !== '') return false;
    const key = mergeKey(inbound);
    if (this.#merges.has(key)) {
      transaction.respond(createResponse(inbound.request, 482, { toTag: newTag() }));
      return true;
    }
    transaction.mergeKey = key;
    this.#merges.add(key);
    return false;
  }

  #refuseOverload(inbound: InboundRequest): void {
    this.#counters.overloaded++;
    const headers: [string, string][] = [['Retry-After', '10']];
    const response = createResponse(inbound.request, 503, { toTag: newTag(), headers });
    this.#transport.sendResponse(serialize(response), inbound);
  }

  #start<T extends ClientTransaction>(transaction: T): T {
    this.#clients.set(transaction.key, transaction);
    transaction.start();
    return transaction;
  }

  #around(way: Way) {
    return { timers: this.#timers, reliable: way.transport.reliable };
  }
}
