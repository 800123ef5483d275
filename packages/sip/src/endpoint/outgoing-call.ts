import { dialogOfResponse } from '../dialog/dialog-state.ts';
import type { DigestCredentials } from '../digest/digest-client.ts';
import { createRequest } from '../message/create-request.ts';
import { newCallId, newTag } from '../message/identifiers.ts';
import type { SipHeaders, SipRequest, SipResponse } from '../message/message.ts';
import { formatNameAddr } from '../message/name-addr.ts';
import { reasonPhrase } from '../message/reason-phrases.ts';
import type { InviteClientTransaction, Way } from '../transaction/client-transaction.ts';
import type { Timer } from '../transaction/clock.ts';
import { giveUpMs } from '../transaction/timer-values.ts';
import type { InboundResponse } from '../transport/inbound.ts';
import type { Peer } from '../transport/transport.ts';
import { Authorizer, ChallengeBudget } from './authorizer.ts';
import { type Core, contactFor, type HeaderLines, wayTo } from './core.ts';
import { Dialog } from './dialog.ts';
import { Listeners } from './listeners.ts';
import { sessionBody } from './sdp-body.ts';
import { successAck } from './success-ack.ts';

/** A call to be made. */
export interface InviteOptions {
  /** Request-URI. */
  readonly uri: string;
  /** Where the INVITE is sent, whatever the URI says. */
  readonly destination: Peer;
  readonly from: { readonly displayName?: string; readonly uri: string };
  readonly to: { readonly displayName?: string; readonly uri: string };
  /** Further header lines. */
  readonly headers?: HeaderLines;
  /** Our offer; without it the callee offers, and `answered` waits for `acknowledge`. */
  readonly sdp?: string;
  /** For challenges of the callee or its proxies. */
  readonly credentials?: DigestCredentials;
  /** User part of our Contact; by default that of `from`. */
  readonly contactUser?: string;
}

/** Why a call was not set up. */
export interface CallFailure {
  /** The final status; `null` when there was no response or the request could not be sent. */
  readonly status: number | null;
  readonly reason: string;
  /** Of the final response. */
  readonly headers: SipHeaders | null;
  /** Addresses a 3xx names. */
  readonly contacts: readonly string[];
  /** The callee answered while we cancelled; it got ACK and BYE. */
  readonly crossed: boolean;
}

interface OutgoingCallEvents {
  /** A provisional response above 100, with early media when it has SDP. */
  progress: [progress: { readonly status: number; readonly sdp: string | null; readonly response: SipResponse }];
  /**
   * The callee answered. The ACK was sent, unless the offer is the callee's (`acknowledge` is there then and must be
   * called with our answer).
   */
  answered: [
    answer: { readonly dialog: Dialog; readonly sdp: string | null; readonly acknowledge?: (answer: string) => void },
  ];
  failed: [failure: CallFailure];
}

/** A call that we make. Exactly one of `answered` and `failed` comes, never before the code that made the call returns. */
export class OutgoingCall {
  readonly callId: string = newCallId();
  readonly localTag: string = newTag();
  readonly #core: Core;
  readonly #options: InviteOptions;
  readonly #events: Listeners<OutgoingCallEvents>;
  readonly #authorizer: Authorizer | undefined;
  readonly #budget: ChallengeBudget;
  readonly #acks = new Map<string, () => void>();
  #contact = '';
  #cseq = 0;
  #transaction: InviteClientTransaction | undefined;
  #isDone = false;
  #isProvisional = false;
  #cancel: { readonly headers: HeaderLines; sent: boolean } | undefined;
  #cancelTimer: Timer | undefined;

  /** @internal Made by `SipEndpoint.invite`. Throws a `SerializeError` when an option cannot be written. */
  constructor(core: Core, options: InviteOptions) {
    this.#core = core;
    this.#options = options;
    this.#events = new Listeners(core.fault);
    this.#authorizer = options.credentials === undefined ? undefined : new Authorizer(options.credentials);
    this.#budget = new ChallengeBudget(this.#authorizer);
    this.#send();
  }

  on<Name extends keyof OutgoingCallEvents>(
    event: Name,
    listener: (...values: OutgoingCallEvents[Name]) => unknown,
  ): this {
    this.#events.on(event, listener);
    return this;
  }

  /**
   * Gives the call up, at any moment: the CANCEL goes out as soon as it may, after the first provisional response
   * (RFC 3261 §9.1). An answer that crosses it is acknowledged and hung up. `failed` tells when it is over.
   */
  cancel(reason?: string): void {
    if (this.#isDone || this.#cancel !== undefined) return;
    this.#cancel = { headers: reason === undefined ? [] : [['Reason', reason]], sent: false };
    this.#sendCancel();
  }

  #send(): void {
    const way = wayTo(this.#core, this.#options.destination);
    if (way === undefined) {
      const { protocol, address } = this.#options.destination;
      queueMicrotask(() => this.#fail({ status: null, reason: `no ${protocol} listener can reach ${address}` }));
      return;
    }
    const request = this.#request(way);
    this.#authorizer?.authorize(request);
    this.#isProvisional = false;
    const transaction = this.#core.layer.sendInvite(request, way, {
      response: (inbound) => this.#take(inbound, transaction),
      failed: (why) => {
        const reason = why === 'timeout' ? 'no response' : 'the request could not be sent';
        this.#fail({ status: null, reason });
      },
    });
    this.#transaction = transaction;
  }

  #request(way: Way): SipRequest {
    const { from, to, uri, sdp, headers = [], contactUser = userOf(from.uri) } = this.#options;
    this.#contact = contactFor(this.#core, contactUser, way.transport, way.destination.address);
    const nameAddr = (party: { displayName?: string; uri: string }, params: [string, string][]) =>
      formatNameAddr({ displayName: party.displayName ?? '', uri: party.uri, params: new Map(params) });
    const lines: [string, string][] = [
      ['Contact', this.#contact],
      ['Allow', this.#core.allow()],
      ['User-Agent', this.#core.userAgent],
    ];
    for (const [name, value] of headers) lines.push([name, value]);
    if (sdp !== undefined) lines.push(['Content-Type', 'application/sdp']);
    this.#cseq++;
    return createRequest({
      method: 'INVITE',
      uri,
      from: nameAddr(from, [['tag', this.localTag]]),
      to: nameAddr(to, []),
      callId: this.callId,
      cseq: this.#cseq,
      headers: lines,
      ...(sdp === undefined ? {} : { body: sdp }),
    });
  }

  #take(inbound: InboundResponse, transaction: InviteClientTransaction): void {
    const { response } = inbound;
    if (response.status >= 200 && response.status < 300) this.#answered(inbound, transaction);
    else if (this.#isDone) return;
    else if (response.status < 200) this.#progress(response);
    else if (this.#cancel === undefined && this.#budget.take(response)) this.#send();
    else {
      const { status, reason, headers } = response;
      const contacts = status < 400 ? headers.all('Contact') : [];
      this.#fail({ status, reason: reason === '' ? reasonPhrase(status) : reason, headers, contacts });
    }
  }

  #progress(response: SipResponse): void {
    this.#isProvisional = true;
    if (this.#cancel !== undefined) {
      this.#sendCancel();
      return;
    }
    if (response.status === 100) return;
    const body = sessionBody(response);
    this.#events.emit('progress', { status: response.status, sdp: body.kind === 'sdp' ? body.sdp : null, response });
  }

  #answered(inbound: InboundResponse, transaction: InviteClientTransaction): void {
    const { response, toTag } = inbound;
    const known = this.#acks.get(toTag);
    if (known !== undefined) {
      known();
      return;
    }
    const isUnwanted = this.#isDone || this.#cancel !== undefined;
    const dialog = this.#dialogOf(inbound, transaction);
    const body = sessionBody(response);
    const sdp = body.kind === 'sdp' ? body.sdp : null;
    const acknowledge = (answer?: string) => {
      const way = dialog.way() ?? transaction.way;
      const ack = successAck(this.#core, dialog.snapshot(), transaction.request, way, answer);
      this.#acks.set(toTag, ack);
      ack();
    };
    if (isUnwanted || this.#options.sdp !== undefined || sdp === null) acknowledge();
    // An early copy of the 2xx must not make a second dialog while the user thinks about its answer.
    else this.#acks.set(toTag, () => {});
    if (isUnwanted) {
      // A second fork answered (RFC 3261 §13.2.2.4), or the answer crossed our CANCEL.
      void dialog.bye();
      const crossed = { status: 487, reason: 'Request Terminated', headers: response.headers, crossed: true };
      if (!this.#isDone) this.#fail(crossed);
      return;
    }
    this.#finish();
    if (this.#options.sdp !== undefined || sdp === null) this.#events.emit('answered', { dialog, sdp });
    else this.#events.emit('answered', { dialog, sdp, acknowledge });
  }

  #dialogOf({ response, source, toTag }: InboundResponse, transaction: InviteClientTransaction): Dialog {
    const tags = { local: this.localTag, remote: toTag };
    const { request, way } = transaction;
    const state = dialogOfResponse(request, response, tags, this.#contact, way.destination, source);
    return new Dialog(this.#core, state, { isCaller: true, authorizer: this.#authorizer });
  }

  #sendCancel(): void {
    const transaction = this.#transaction;
    if (this.#cancel === undefined || this.#cancel.sent || !this.#isProvisional || transaction === undefined) return;
    this.#cancel.sent = true;
    this.#core.layer.sendCancel(transaction, this.#cancel.headers);
    // §9.1: a callee that answers the CANCEL but never the INVITE, or neither, is given up after 64*T1.
    this.#cancelTimer = this.#core.clock.schedule(giveUpMs(this.#core.timers), () => {
      transaction.abandon();
      this.#fail({ status: 487, reason: 'Request Terminated' });
    });
  }

  #finish(): void {
    this.#isDone = true;
    if (this.#cancelTimer !== undefined) this.#core.clock.cancel(this.#cancelTimer);
  }

  #fail(failure: { readonly status: number | null; readonly reason: string } & Partial<CallFailure>): void {
    if (this.#isDone) return;
    this.#finish();
    this.#events.emit('failed', { headers: null, contacts: [], crossed: false, ...failure });
  }
}

function userOf(uri: string): string {
  const at = uri.indexOf('@');
  return at < 0 ? '' : uri.slice(uri.indexOf(':') + 1, at);
}
