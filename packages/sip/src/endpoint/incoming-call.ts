import { type DialogState, dialogOfRequest } from '../dialog/dialog-state.ts';
import { newTag } from '../message/identifiers.ts';
import type { SipRequest } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import type { Timer } from '../transaction/clock.ts';
import type { InviteServerTransaction } from '../transaction/server-transaction.ts';
import type { InboundRequest } from '../transport/inbound.ts';
import type { Peer } from '../transport/transport.ts';
import { AnswerRetransmission } from './answer-retransmission.ts';
import { type Core, contactFor, type HeaderLines, respond } from './core.ts';
import { Dialog } from './dialog.ts';
import { Listeners } from './listeners.ts';
import { sessionBody } from './sdp-body.ts';

interface IncomingCallEvents {
  /** The caller gave up before the answer; 487 was sent. The request is its CANCEL or BYE. */
  canceled: [request: SipRequest];
  /** The ACK of our answer came; `sdp` is the caller's answer when the offer was ours (delayed offer). */
  confirmed: [ack: { readonly sdp: string | null }];
  /** No ACK came in 64*T1; the dialog is being ended with BYE. */
  unconfirmed: [];
}

// RFC 3261 §13.3.1.1: proxies drop a call that rings for three minutes without a sign of life.
const RING_AGAIN_MS = 60_000;

/** A call was answered, refused or given up already. */
export class CallEndedError extends Error {
  override readonly name = 'CallEndedError';
}

/** An INVITE that asks for a call. `100 Trying` was sent; answer or reject it whenever you like. */
export class IncomingCall {
  readonly request: SipRequest;
  /** Where the INVITE came from. */
  readonly source: Peer;
  /** The tag of this end of the call, in every response. */
  readonly localTag: string;
  /** The caller's offer; `null` when it wants ours in the answer (delayed offer). */
  readonly sdp: string | null;
  readonly #core: Core;
  readonly #transaction: InviteServerTransaction;
  readonly #dialog: Dialog;
  readonly #events: Listeners<IncomingCallEvents>;
  #isEnded = false;
  #ringing: Timer | undefined;

  /** @internal */
  constructor(core: Core, transaction: InviteServerTransaction, sdp: string | null) {
    const { inbound } = transaction;
    this.#core = core;
    this.#transaction = transaction;
    this.#events = new Listeners(core.fault);
    this.request = inbound.request;
    this.source = inbound.source;
    this.localTag = newTag();
    this.sdp = sdp;
    const contact = contactFor(core, userOf(inbound.request.uri), inbound.transport, inbound.source.address);
    const state = dialogOfRequest(inbound, this.localTag, contact);
    this.#dialog = new Dialog(core, state, { isCaller: false, earlyBye: (request) => this.#givenUp(request) });
    transaction.user = {
      localTag: this.localTag,
      canceled: (cancel) => this.#givenUp(cancel.request),
    };
  }

  /** Whether the call was answered, rejected or given up, so that nothing more can be answered. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  on<Name extends keyof IncomingCallEvents>(
    event: Name,
    listener: (...values: IncomingCallEvents[Name]) => unknown,
  ): this {
    this.#events.on(event, listener);
    return this;
  }

  /** The dialog as it will be once answered, to be stored before the answer goes out. */
  dialogSnapshot(): DialogState {
    return this.#dialog.snapshot();
  }

  /**
   * Sends a provisional response (101–199), with early media when `sdp` is given. It is repeated every minute until
   * the call is answered. Does nothing once the call is ended.
   */
  ring(status = 180, options: { readonly sdp?: string; readonly headers?: HeaderLines } = {}): void {
    if (this.#isEnded) return;
    const bytes = this.#response(status, options.headers ?? [], options.sdp);
    this.#transaction.respondBytes(status, bytes);
    this.#ringAgain(status, bytes);
  }

  /**
   * Answers with 200 and our SDP (the answer, or the offer when the caller made none), retransmitted until the ACK.
   *
   * @throws CallEndedError when the caller gave up meanwhile, or the call was answered or rejected already.
   */
  answer(sdp: string, options: { readonly headers?: HeaderLines } = {}): Dialog {
    if (this.#isEnded) throw new CallEndedError('the call cannot be answered: it has ended or is answered already');
    const bytes = this.#response(200, options.headers ?? [], sdp);
    this.#end();
    this.#dialog.confirm();
    this.#transaction.respondBytes(200, bytes);
    this.#untilAcknowledged(bytes);
    return this.#dialog;
  }

  /** Refuses with a status from 300 to 699. Does nothing once the call is ended. */
  reject(status: number, options: { readonly reason?: string; readonly headers?: HeaderLines } = {}): void {
    if (this.#isEnded) return;
    const { reason, headers = [] } = options;
    const response = respond(this.#core, this.#transaction.inbound, status, {
      toTag: this.localTag,
      headers,
      ...(reason === undefined ? {} : { reason }),
    });
    this.#transaction.respond(response);
    this.#end();
    this.#dialog.discard();
  }

  #response(status: number, headers: HeaderLines, sdp: string | undefined): Uint8Array {
    const lines: [string, string][] = [
      ['Contact', this.#dialog.snapshot().localContact],
      ['Allow', this.#core.allow()],
    ];
    for (const [name, value] of headers) lines.push([name, value]);
    if (sdp !== undefined) lines.push(['Content-Type', 'application/sdp']);
    const options = { toTag: this.localTag, headers: lines, ...(sdp === undefined ? {} : { body: sdp }) };
    return serialize(respond(this.#core, this.#transaction.inbound, status, options));
  }

  #ringAgain(status: number, bytes: Uint8Array): void {
    this.#stopRinging();
    this.#ringing = this.#core.clock.schedule(RING_AGAIN_MS, () => {
      this.#transaction.respondBytes(status, bytes);
      this.#ringAgain(status, bytes);
    });
  }

  #stopRinging(): void {
    if (this.#ringing !== undefined) this.#core.clock.cancel(this.#ringing);
    this.#ringing = undefined;
  }

  #end(): void {
    this.#isEnded = true;
    this.#stopRinging();
  }

  #givenUp(request: SipRequest): void {
    if (this.#isEnded) return;
    this.reject(487);
    this.#events.emit('canceled', request);
  }

  #untilAcknowledged(bytes: Uint8Array): void {
    const { clock, timers, counters } = this.#core;
    const again = () => {
      counters.retransmissionsSent++;
      this.#transaction.respondBytes(200, bytes);
    };
    const retransmission = new AnswerRetransmission(clock, timers, again, (acknowledged) => {
      this.#transaction.settled();
      this.#dialog.ackSettled();
      if (acknowledged) return;
      this.#events.emit('unconfirmed');
      void this.#dialog.bye();
    });
    this.#dialog.awaitAck({
      cseq: this.#transaction.inbound.cseq.number,
      acknowledged: (ack) => this.#acknowledged(ack, retransmission),
      abandoned: () => {
        retransmission.abandon();
        this.#transaction.settled();
      },
    });
  }

  #acknowledged(ack: InboundRequest, retransmission: AnswerRetransmission): void {
    retransmission.stop();
    const body = this.sdp === null ? sessionBody(ack.request) : undefined;
    this.#events.emit('confirmed', { sdp: body?.kind === 'sdp' ? body.sdp : null });
  }
}

/** The user part of a SIP URI, as written; empty when it has none. */
function userOf(uri: string): string {
  const at = uri.indexOf('@');
  const start = uri.indexOf(':') + 1;
  const colon = uri.indexOf(':', start);
  return at < 0 ? '' : uri.slice(start, colon >= 0 && colon < at ? colon : at);
}
