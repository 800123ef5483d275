import { type DialogRequestOptions, dialogRequest } from '../dialog/dialog-request.ts';
import { type DialogState, dialogKey, refreshTarget, takeRemoteCseq } from '../dialog/dialog-state.ts';
import { INFO_ACCEPT, type InfoDigit, readInfo } from '../dialog/info-digit.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { Way } from '../transaction/client-transaction.ts';
import type { InviteServerTransaction, NonInviteServerTransaction } from '../transaction/server-transaction.ts';
import type { InboundRequest } from '../transport/inbound.ts';
import type { Peer } from '../transport/transport.ts';
import type { Authorizer } from './authorizer.ts';
import { type Core, type DialogUser, type HeaderLines, respond, wayTo } from './core.ts';
import type { AwaitedAck, DialogInside } from './dialog-inside.ts';
import { exchange } from './exchange.ts';
import { Listeners } from './listeners.ts';
import { Reinvite, type ReinviteResult } from './reinvite.ts';
import { IncomingReoffer } from './reoffer.ts';
import { sessionBody } from './sdp-body.ts';

interface DialogEvents {
  /** The peer hung up; its BYE was answered. */
  bye: [request: SipRequest];
  /** The peer wants to change the session. Without a listener it gets 488. */
  reoffer: [offer: IncomingReoffer];
  /** The peer's answer to an offer that we made in the 200 of a re-INVITE without SDP. */
  confirmedReoffer: [answer: string | null];
  /** The peer pressed a key and told it by INFO; it was answered 200. */
  digit: [digit: InfoDigit];
  /** Nothing more will happen. Comes once. */
  terminated: [];
}

/** Why the INVITE that made the dialog can no longer be answered: the peer sent BYE before our final response. */
export type EarlyBye = (bye: SipRequest) => void;

/**
 * One call leg that was set up: hang it up, change its session, hear what the peer does with it.
 * Made by `IncomingCall.answer` and the `answered` event of an `OutgoingCall`.
 */
export class Dialog implements DialogUser, DialogInside {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly #core: Core;
  readonly #events: Listeners<DialogEvents>;
  readonly #authorizer: Authorizer | undefined;
  /** Whether the Call-ID is ours, which decides who waits longer after glare (RFC 3261 §14.1). */
  readonly #isCaller: boolean;
  #state: DialogState;
  #phase: 'early' | 'up' | 'ending' | 'over';
  #earlyBye: EarlyBye | undefined;
  #awaitedAck: AwaitedAck | undefined;
  #byeWaiting: (() => void) | undefined;
  #ending: Promise<void> | undefined;
  #reinvite: Reinvite | undefined;
  #reoffer: IncomingReoffer | undefined;

  /** @internal Dialogs are made by calls. `earlyBye` makes it an early one, until `confirm()`. */
  constructor(
    core: Core,
    state: DialogState,
    options: { readonly isCaller: boolean; readonly authorizer?: Authorizer | undefined; readonly earlyBye?: EarlyBye },
  ) {
    this.#core = core;
    this.#state = state;
    this.#events = new Listeners(core.fault);
    this.#authorizer = options.authorizer;
    this.#isCaller = options.isCaller;
    this.#earlyBye = options.earlyBye;
    this.#phase = options.earlyBye === undefined ? 'up' : 'early';
    this.callId = state.callId;
    this.localTag = state.localTag;
    this.remoteTag = state.remoteTag;
    core.dialogs.set(this.id, this);
  }

  /** Unique among the dialogs of this endpoint. */
  get id(): string {
    return dialogKey(this.callId, this.localTag, this.remoteTag);
  }

  /** Whether the dialog is over or about to be. */
  get isEnding(): boolean {
    return this.#phase === 'ending' || this.#phase === 'over';
  }

  /** The dialog as a JSON value; `SipEndpoint.byeRestored` hangs it up from another process. */
  snapshot(): DialogState {
    return this.#state;
  }

  on<Name extends keyof DialogEvents>(event: Name, listener: (...values: DialogEvents[Name]) => unknown): this {
    this.#events.on(event, listener);
    return this;
  }

  /**
   * Hangs up. Resolves when the peer answered the BYE or will not (64*T1). After an answer of ours whose ACK has not
   * come yet the BYE waits for it, or for the time it may take (RFC 3261 §15). Asking again changes nothing. Rejects with
   * a `SerializeError`, without a BYE, when a header cannot be written.
   */
  bye(headers: HeaderLines = []): Promise<void> {
    this.#ending ??= new Promise((resolve, reject) => {
      if (this.#phase === 'over') {
        resolve();
        return;
      }
      this.#phase = 'ending';
      const send = () => {
        if (this.#phase === 'over') {
          resolve();
          return;
        }
        const make = () => this.nextRequest('BYE', { headers });
        try {
          // Whatever the outcome, an answer or none, the dialog is over (RFC 3261 §15.1.1).
          exchange(
            this.#core,
            make,
            () => this.way(),
            this.#authorizer,
            () => {
              this.#finish();
              resolve();
            },
          );
        } catch (error) {
          // A header that cannot be written.
          this.#finish();
          reject(error);
        }
      };
      if (this.#awaitedAck === undefined) send();
      else this.#byeWaiting = send;
    });
    return this.#ending;
  }

  /** Changes the session: sends a re-INVITE with this offer, again after glare (491), and acknowledges the answer. */
  reinvite(sdp: string): Promise<ReinviteResult> {
    if (this.isEnding || this.#phase === 'early') return Promise.resolve({ ok: false, status: 481 });
    if (this.#reinvite !== undefined) return Promise.resolve({ ok: false, status: 491 });
    return new Promise((resolve) => {
      this.#reinvite = new Reinvite(this.#core, this, sdp, this.#isCaller, this.#authorizer, (result) => {
        this.#reinvite = undefined;
        resolve(result);
        // RFC 3261 §14.1: the peer no longer knows the dialog, or does not answer.
        if (!result.ok && (result.status === 481 || result.status === 408)) void this.bye();
      });
      this.#reinvite.start();
    });
  }

  /** @internal Whether an INVITE of ours must wait for one of the peer, or for an ACK. */
  get isBusy(): boolean {
    return this.#awaitedAck !== undefined || this.#reoffer?.isPending === true;
  }

  /** @internal The next request in this dialog. */
  nextRequest(method: string, options: DialogRequestOptions): SipRequest {
    const { request, state } = dialogRequest(this.#state, method, options);
    request.headers.append('User-Agent', this.#core.userAgent);
    this.#state = state;
    return request;
  }

  /** @internal Where requests of this dialog go; `undefined` when no listener can send there. */
  way(): Way | undefined {
    const { destination, peer } = this.#state;
    const flow = destination.protocol === 'ws' ? this.#core.flowOf(this.#state) : undefined;
    if (flow !== undefined) return wayTo(this.#core, flow);
    // A Contact may name a protocol that we do not listen on; the way the peer came by is open.
    const way = wayTo(this.#core, destination) ?? wayTo(this.#core, peer);
    if (way === undefined || !way.transport.reliable || way.destination.address !== peer.address) return way;
    return way.transport.reaches(peer.address, peer.port, peer.connection)
      ? { transport: way.transport, destination: peer }
      : way;
  }

  /** @internal */
  refresh(message: SipRequest | SipResponse, source: Peer): void {
    this.#state = refreshTarget(this.#state, message, source);
  }

  /** @internal The final 2xx was sent; ends the early phase. */
  confirm(): void {
    if (this.#phase === 'early') this.#phase = 'up';
    this.#earlyBye = undefined;
  }

  /** @internal The INVITE ended without a dialog. */
  discard(): void {
    this.#finish();
  }

  /** @internal Announces the ACK that an answer of ours needs. */
  awaitAck(awaited: AwaitedAck): void {
    this.#awaitedAck = awaited;
  }

  /** @internal The awaited ACK came, or it never will. */
  ackSettled(): void {
    this.#awaitedAck = undefined;
    const send = this.#byeWaiting;
    this.#byeWaiting = undefined;
    send?.();
  }

  /** @internal */
  ack(inbound: InboundRequest): void {
    if (this.#awaitedAck?.cseq === inbound.cseq.number) this.#awaitedAck.acknowledged(inbound);
  }

  /** @internal */
  invite(transaction: InviteServerTransaction): void {
    const { inbound } = transaction;
    if (!this.#takeCseq(inbound)) {
      transaction.respond(this.answer(inbound, 500, [['Retry-After', '5']]));
    } else if (this.isEnding) transaction.respond(this.answer(inbound, 481));
    // §14.2: an offer of the peer that waits for us, or our own answer that waits for its ACK, comes first.
    else if (this.#phase === 'early' || this.isBusy) {
      transaction.respond(this.answer(inbound, 500, [['Retry-After', String(Math.floor(Math.random() * 10))]]));
    } else if (this.#reinvite?.isOpen === true) transaction.respond(this.answer(inbound, 491));
    else this.#takeOffer(transaction);
  }

  /** @internal */
  request(transaction: NonInviteServerTransaction): void {
    const { inbound } = transaction;
    if (!this.#takeCseq(inbound)) {
      transaction.respond(this.answer(inbound, 500, [['Retry-After', '5']]));
      return;
    }
    switch (inbound.cseq.method) {
      case 'BYE':
        this.#takeBye(transaction);
        break;
      case 'UPDATE':
        this.#takeUpdate(transaction);
        break;
      case 'INFO':
        this.#takeInfo(transaction);
        break;
      case 'OPTIONS':
        transaction.respond(this.answer(inbound, 200, [['Allow', this.#core.allow()]]));
        break;
      // We send no reliable provisional response that a PRACK could be for (RFC 3262 §3).
      case 'PRACK':
        transaction.respond(this.answer(inbound, 481));
        break;
      default:
        transaction.respond(this.answer(inbound, 405, [['Allow', this.#core.allow()]]));
    }
  }

  /** @internal A response to a request in this dialog. */
  answer(inbound: InboundRequest, status: number, headers: HeaderLines = [], body = ''): SipResponse {
    return respond(this.#core, inbound, status, { toTag: this.localTag, headers, body });
  }

  /** @internal */
  offerAnswered(answer: string | null): void {
    this.#events.emit('confirmedReoffer', answer);
  }

  #takeCseq(inbound: InboundRequest): boolean {
    const state = takeRemoteCseq(this.#state, inbound.cseq.number);
    if (state === null) return false;
    this.#state = state;
    return true;
  }

  #takeBye(transaction: NonInviteServerTransaction): void {
    transaction.respond(this.answer(transaction.inbound, 200));
    const earlyBye = this.#earlyBye;
    if (earlyBye !== undefined) {
      earlyBye(transaction.inbound.request);
      return;
    }
    // When our own BYE is on its way, its response ends the dialog; we hung up, not the peer.
    if (this.isEnding && this.#byeWaiting === undefined) return;
    const isOurs = this.isEnding;
    this.#phase = 'ending';
    this.#ending ??= Promise.resolve();
    if (!isOurs) this.#events.emit('bye', transaction.inbound.request);
    this.#finish();
  }

  #takeUpdate(transaction: NonInviteServerTransaction): void {
    const { inbound } = transaction;
    const body = sessionBody(inbound.request);
    if (this.isEnding) transaction.respond(this.answer(inbound, 481));
    else if (body.kind === 'unsupported')
      transaction.respond(this.answer(inbound, 415, [['Accept', 'application/sdp']]));
    else if (body.kind === 'none') {
      // No offer: the peer only tells its new Contact or that it is still there (RFC 3311 §5.2).
      this.refresh(inbound.request, inbound.source);
      transaction.respond(this.answer(inbound, 200, [['Contact', this.#state.localContact]]));
    } else if (this.#reinvite?.isOpen === true) transaction.respond(this.answer(inbound, 491));
    else if (this.#phase === 'early' || this.isBusy) {
      transaction.respond(this.answer(inbound, 500, [['Retry-After', String(Math.floor(Math.random() * 10))]]));
    } else this.#offer(new IncomingReoffer(this.#core, this, transaction, body.sdp));
  }

  #takeInfo(transaction: NonInviteServerTransaction): void {
    const { inbound } = transaction;
    const { status, digit } = readInfo(inbound.request);
    // RFC 6086 §4.2.2 and §5.2.2: what we would take instead.
    const headers: HeaderLines =
      status === 415 ? [['Accept', INFO_ACCEPT]] : status === 469 ? [['Recv-Info', 'nil']] : [];
    transaction.respond(this.answer(inbound, status, headers));
    if (digit !== null) this.#events.emit('digit', digit);
  }

  #takeOffer(transaction: InviteServerTransaction): void {
    const { inbound } = transaction;
    const body = sessionBody(inbound.request);
    if (body.kind === 'unsupported') transaction.respond(this.answer(inbound, 415, [['Accept', 'application/sdp']]));
    else this.#offer(new IncomingReoffer(this.#core, this, transaction, body.kind === 'sdp' ? body.sdp : null));
  }

  #offer(offer: IncomingReoffer): void {
    this.#reoffer = offer;
    if (this.#events.has('reoffer')) this.#events.emit('reoffer', offer);
    else offer.reject(488);
    offer.stillPending();
  }

  #finish(): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.#core.dialogs.delete(this.id);
    this.#awaitedAck?.abandoned();
    this.#reoffer?.abandon();
    this.#reinvite?.abandon();
    const waiting = this.#byeWaiting;
    this.#byeWaiting = undefined;
    waiting?.();
    this.#events.emit('terminated');
  }
}
