import type { SipRequest } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { AnswerRetransmission } from './answer-retransmission.ts';
import type { Core, HeaderLines } from './core.ts';
import type { DialogInside } from './dialog-inside.ts';
import { sessionBody } from './sdp-body.ts';

/** A re-INVITE or UPDATE of the peer. Answer it once, with `accept` or `reject`; it waits until then. */
export class IncomingReoffer {
  /** `INVITE` or `UPDATE`. */
  readonly method: string;
  readonly request: SipRequest;
  /** The offer; `null` when the peer wants ours, which is then what `accept` takes. */
  readonly sdp: string | null;
  readonly #core: Core;
  readonly #dialog: DialogInside;
  readonly #transaction: ServerTransaction;
  #isPending = true;

  /** @internal */
  constructor(core: Core, dialog: DialogInside, transaction: ServerTransaction, sdp: string | null) {
    this.#core = core;
    this.#dialog = dialog;
    this.#transaction = transaction;
    this.request = transaction.inbound.request;
    this.method = transaction.inbound.cseq.method;
    this.sdp = sdp;
    transaction.user = { localTag: dialog.snapshot().localTag, canceled: () => this.reject(487) };
  }

  /** Whether it still waits for `accept` or `reject`; a peer that gives up (CANCEL, BYE) settles it too. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /** Sends 200 with our answer (or our offer, when the peer made none). Does nothing when it is settled already. */
  accept(sdp: string, headers: HeaderLines = []): void {
    if (!this.#isPending) return;
    this.#isPending = false;
    const { inbound } = this.#transaction;
    this.#dialog.refresh(this.request, inbound.source);
    const lines: HeaderLines = [
      ['Contact', this.#dialog.snapshot().localContact],
      ['Allow', this.#core.allow()],
      ...headers,
      ['Content-Type', 'application/sdp'],
    ];
    const bytes = serialize(this.#dialog.answer(inbound, 200, lines, sdp));
    this.#transaction.respondBytes(200, bytes);
    if (this.method === 'INVITE') this.#untilAcknowledged(bytes);
  }

  /** Refuses the change (a status from 300 to 699); the session stays as it is. */
  reject(status: number, headers: HeaderLines = []): void {
    if (!this.#isPending) return;
    this.#isPending = false;
    this.#transaction.respond(this.#dialog.answer(this.#transaction.inbound, status, headers));
  }

  /** @internal Tells the peer to be patient when the answer does not come at once. */
  stillPending(): void {
    if (!this.#isPending || this.method !== 'INVITE') return;
    this.#transaction.respond(this.#dialog.answer(this.#transaction.inbound, 100));
  }

  /** @internal The dialog ended. */
  abandon(): void {
    this.reject(487);
  }

  #untilAcknowledged(bytes: Uint8Array): void {
    const { clock, timers, counters } = this.#core;
    const again = () => {
      counters.retransmissionsSent++;
      this.#transaction.respondBytes(200, bytes);
    };
    const retransmission = new AnswerRetransmission(clock, timers, again, (acknowledged) => {
      this.#dialog.ackSettled();
      // RFC 3261 §14.2: an answer nobody acknowledges ends the dialog.
      if (!acknowledged) void this.#dialog.bye();
    });
    this.#dialog.awaitAck({
      cseq: this.#transaction.inbound.cseq.number,
      acknowledged: (ack) => {
        retransmission.stop();
        if (this.sdp !== null) return;
        const body = sessionBody(ack.request);
        this.#dialog.offerAnswered(body.kind === 'sdp' ? body.sdp : null);
      },
      abandoned: () => retransmission.abandon(),
    });
  }
}
