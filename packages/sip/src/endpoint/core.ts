import type { DialogState } from '../dialog/dialog-state.ts';
import { createResponse, type ResponseOptions } from '../message/create-response.ts';
import type { SipResponse } from '../message/message.ts';
import type { Clock } from '../transaction/clock.ts';
import type { InviteServerTransaction, NonInviteServerTransaction } from '../transaction/server-transaction.ts';
import type { TimerValues } from '../transaction/timer-values.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { Counters } from '../transport/counters.ts';
import type { InboundRequest } from '../transport/inbound.ts';
import type { Peer, Transport } from '../transport/transport.ts';
import type { ListenerFault } from './listeners.ts';

/** Whoever takes the requests of one dialog. */
export interface DialogUser {
  invite(transaction: InviteServerTransaction): void;
  request(transaction: NonInviteServerTransaction): void;
  ack(inbound: InboundRequest): void;
}

/** What calls and dialogs share of their endpoint. */
export interface Core {
  readonly clock: Clock;
  readonly timers: TimerValues;
  readonly counters: Counters;
  readonly layer: TransactionLayer;
  readonly userAgent: string;
  readonly fault: ListenerFault;
  /** Live dialogs by `dialogKey`. */
  readonly dialogs: Map<string, DialogUser>;
  /** The WebSocket by which the peer of a dialog is to be reached now; `undefined`: not known. */
  flowOf(dialog: DialogState): Peer | undefined;
  /** The methods we take, for Allow. */
  allow(): string;
}

/** Header lines as they are given to a message. */
export type HeaderLines = readonly (readonly [name: string, value: string])[];

/** Our Contact as a peer at `address` can reach it. */
export function contactFor(core: Core, user: string, transport: Transport, address: string): string {
  const hostPort = core.layer.transport.hostPort(transport, address);
  const at = user === '' ? hostPort : `${user}@${hostPort}`;
  return transport.protocol === 'udp' ? `<sip:${at}>` : `<sip:${at};transport=${transport.protocol}>`;
}

/** The listener a request to that place leaves by. */
export function wayTo(core: Core, destination: Peer): { transport: Transport; destination: Peer } | undefined {
  const transport = core.layer.transport.pick(destination);
  return transport === undefined ? undefined : { transport, destination };
}

/** A response with our Server header. */
export function respond(core: Core, inbound: InboundRequest, status: number, options: ResponseOptions): SipResponse {
  const response = createResponse(inbound.request, status, options);
  response.headers.append('Server', core.userAgent);
  return response;
}
