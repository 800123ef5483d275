import type { DialogRequestOptions } from '../dialog/dialog-request.ts';
import type { DialogState } from '../dialog/dialog-state.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { Way } from '../transaction/client-transaction.ts';
import type { InboundRequest } from '../transport/inbound.ts';
import type { Peer } from '../transport/transport.ts';
import type { HeaderLines } from './core.ts';

/** Something of ours that waits for an ACK. */
export interface AwaitedAck {
  readonly cseq: number;
  acknowledged(ack: InboundRequest): void;
  /** The dialog ended; the ACK no longer matters. */
  abandoned(): void;
}

/** What the exchanges inside a dialog need of it. */
export interface DialogInside {
  snapshot(): DialogState;
  /** Whether an INVITE of ours must wait for one of the peer, or for an ACK. */
  readonly isBusy: boolean;
  /** The next request, CSeq counted up. */
  nextRequest(method: string, options: DialogRequestOptions): SipRequest;
  /** Where requests go; `undefined` when no listener can send there. */
  way(): Way | undefined;
  refresh(message: SipRequest | SipResponse, source: Peer): void;
  /** A response to a request in the dialog. */
  answer(inbound: InboundRequest, status: number, headers?: HeaderLines, body?: string): SipResponse;
  awaitAck(awaited: AwaitedAck): void;
  /** The awaited ACK came, or it never will. */
  ackSettled(): void;
  /** The answer to an offer that we made in the 200 of a re-INVITE. */
  offerAnswered(answer: string | null): void;
  bye(): Promise<void>;
}
