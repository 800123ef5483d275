import type { SipResponse } from '../message/message.ts';
import type { InviteClientTransaction } from '../transaction/client-transaction.ts';
import type { Timer } from '../transaction/clock.ts';
import type { InboundResponse } from '../transport/inbound.ts';
import { type Authorizer, ChallengeBudget } from './authorizer.ts';
import type { Core } from './core.ts';
import type { DialogInside } from './dialog-inside.ts';
import { sessionBody } from './sdp-body.ts';
import { successAck } from './success-ack.ts';

/** How a re-INVITE of ours ended. `status` 408 also stands for no response, 488 for a 2xx without an answer. */
export type ReinviteResult =
  | { readonly ok: true; readonly sdp: string }
  | { readonly ok: false; readonly status: number };

const MAX_ATTEMPTS = 8;

/** Our offer in a dialog: sends the re-INVITE, waits out glare (RFC 3261 §14.1), acknowledges every 2xx. */
export class Reinvite {
  readonly #core: Core;
  readonly #dialog: DialogInside;
  readonly #sdp: string;
  readonly #isCaller: boolean;
  readonly #authorizer: Authorizer | undefined;
  readonly #budget: ChallengeBudget;
  #done: ((result: ReinviteResult) => void) | undefined;
  #attempts = 0;
  #timer: Timer | undefined;
  #transaction: InviteClientTransaction | undefined;
  #sendAck: (() => void) | undefined;

  constructor(
    core: Core,
    dialog: DialogInside,
    sdp: string,
    isCaller: boolean,
    authorizer: Authorizer | undefined,
    done: (result: ReinviteResult) => void,
  ) {
    this.#core = core;
    this.#dialog = dialog;
    this.#sdp = sdp;
    this.#isCaller = isCaller;
    this.#authorizer = authorizer;
    this.#budget = new ChallengeBudget(authorizer);
    this.#done = done;
  }

  /** Whether an INVITE of ours is under way, so that one of the peer is glare. */
  get isOpen(): boolean {
    return this.#transaction !== undefined;
  }

  start(): void {
    if (this.#dialog.isBusy) this.#tryLater();
    else this.#send();
  }

  /** The dialog ended. */
  abandon(): void {
    if (this.#timer !== undefined) this.#core.clock.cancel(this.#timer);
    this.#finish({ ok: false, status: 481 });
  }

  #send(): void {
    const way = this.#dialog.way();
    if (way === undefined) {
      this.#finish({ ok: false, status: 503 });
      return;
    }
    this.#attempts++;
    const request = this.#dialog.nextRequest('INVITE', {
      contact: true,
      headers: [
        ['Allow', this.#core.allow()],
        ['Content-Type', 'application/sdp'],
      ],
      body: Buffer.from(this.#sdp),
    });
    this.#authorizer?.authorize(request);
    this.#transaction = this.#core.layer.sendInvite(request, way, {
      response: (inbound) => this.#take(inbound),
      failed: (why) => {
        this.#transaction = undefined;
        this.#finish({ ok: false, status: why === 'timeout' ? 408 : 503 });
      },
    });
  }

  #take(inbound: InboundResponse): void {
    const { response } = inbound;
    if (response.status < 200) return;
    if (response.status < 300) {
      this.#accepted(inbound);
      return;
    }
    this.#transaction = undefined;
    if (this.#done === undefined) return;
    if (this.#budget.take(response)) this.#send();
    else if (response.status === 491 && this.#attempts < MAX_ATTEMPTS) this.#tryLater();
    else this.#finish({ ok: false, status: response.status });
  }

  #accepted({ response, source }: InboundResponse): void {
    const transaction = this.#transaction;
    if (transaction === undefined) {
      this.#sendAck?.();
      return;
    }
    this.#transaction = undefined;
    this.#dialog.refresh(response, source);
    const way = this.#dialog.way() ?? transaction.way;
    this.#sendAck = successAck(this.#core, this.#dialog.snapshot(), transaction.request, way);
    this.#sendAck();
    this.#finish(answerOf(response));
  }

  /** §14.1: whoever made the Call-ID waits 2.1–4 s, the other 0–2 s, so that they do not meet again. */
  #tryLater(): void {
    const randomMs = 10 * Math.floor(Math.random() * 190);
    this.#timer = this.#core.clock.schedule(this.#isCaller ? 2100 + randomMs : 10 + randomMs, () => {
      this.#timer = undefined;
      if (this.#done === undefined) return;
      if (!this.#dialog.isBusy) this.#send();
      else if (this.#attempts++ < MAX_ATTEMPTS) this.#tryLater();
      else this.#finish({ ok: false, status: 491 });
    });
  }

  #finish(result: ReinviteResult): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(result);
  }
}

function answerOf(response: SipResponse): ReinviteResult {
  const body = sessionBody(response);
  return body.kind === 'sdp' ? { ok: true, sdp: body.sdp } : { ok: false, status: 488 };
}
