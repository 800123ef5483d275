import type { JsonObject, QueueAgents } from '@voxology/callflow';
import type { DialogState } from '@voxology/sip';
import type { CallInput } from '../call/input.ts';
import type { Party } from '../call/party.ts';
import { closeOffers, type Offers, openOffers } from '../outbound/offers.ts';
import type { OutboundLeg } from '../outbound/outbound-leg.ts';
import { Callee } from '../transfer/callee.ts';
import { fromOf } from '../transfer/caller-id.ts';
import { failed, type TransferOutcome } from '../transfer/outcome.ts';
import type { TransferServices } from '../transfer/transfer.ts';

/** What ringing agents needs of the house: what a transfer needs, for it is dialled like one. */
export type AgentServices = Omit<TransferServices, 'sounds'>;

export interface AgentCallOptions {
  services: AgentServices;
  /** The call that waits. */
  party: Party;
  queueId: string;
  /** As the flow names the agent. */
  no: string;
  how: Pick<QueueAgents, 'callerIdNo' | 'ringTimeoutMs'>;
  onRinging(call: AgentCall): void;
  onAnswered(call: AgentCall): void;
  /** What an agent who has answered presses, and how it came with what was played. */
  onHeard(call: AgentCall, input: CallInput): void;
  /** Nothing comes after it, and it always comes. */
  onEnded(call: AgentCall, outcome: TransferOutcome): void;
}

const GIVEN_UP: TransferOutcome = { status: 'canceled', sipStatus: null, error: null };

/** One agent who is rung for one call that waits. */
export class AgentCall {
  readonly no: string;
  readonly #options: AgentCallOptions;
  #callee: Callee | null = null;
  #isGivenUp = false;
  #isOver = false;

  constructor(options: AgentCallOptions) {
    this.no = options.no;
    this.#options = options;
  }

  /** Throws before the agent has answered. */
  get leg(): OutboundLeg {
    if (this.#callee === null) throw new Error(`${this.no} is not rung yet`);
    return this.#callee.leg;
  }

  begin(): void {
    const { services, party, onEnded } = this.#options;
    this.#dial().catch((error: unknown) => {
      if (!(error instanceof Error)) services.switchboard.onDefect(party.info.callId, error);
      onEnded(this, this.#isGivenUp ? GIVEN_UP : failed(error));
    });
  }

  /** CANCEL or BYE, whichever fits; `elsewhere`: another agent has answered. */
  hangUp(reason: string, elsewhere = false): void {
    if (this.#isOver) return;
    this.#isGivenUp = true;
    if (elsewhere) this.#callee?.leg.giveWay();
    else this.#callee?.hangUp(reason);
  }

  async #dial(): Promise<void> {
    const { services, party, how, onEnded } = this.#options;
    const { destinations, switchboard, rateLimit, nowMs } = services;
    const from = await fromOf(party.info, how.callerIdNo, services);
    const destination = await destinations.of(this.no, party.info.sipDomain);
    if (destination.kind === 'unreachable') {
      onEnded(this, { status: destination.status, sipStatus: null, error: destination.error });
      return;
    }
    if (!rateLimit.take(nowMs())) throw new Error('Too many calls per second (setting limits.max_calls_per_second)');
    const busy = switchboard.takeLine();
    if (busy !== null) throw new Error(busy);
    let offers: Offers | null = null;
    try {
      const near = party.leg.session;
      offers = await openOffers(services.media, destination, {
        firstCodec: near?.agreement?.codec ?? 'PCMU',
        ...(near === null ? {} : { beside: near }),
      });
      if (this.#isGivenUp) throw new Error('the caller has gone');
      this.#callee = new Callee({
        no: this.no,
        destination,
        from,
        offers,
        ringTimeoutMs: how.ringTimeoutMs,
        inviter: services.inviter,
        listener: this.#listener,
      });
    } catch (error) {
      switchboard.releaseLine();
      if (offers !== null) await closeOffers(offers);
      throw error;
    }
  }

  readonly #listener: ConstructorParameters<typeof Callee>[0]['listener'] = {
    progress: () => this.#options.onRinging(this),
    answered: () => this.#options.onAnswered(this),
    heard: (_callee, input) => this.#options.onHeard(this, input),
    ended: (callee, outcome) => {
      this.#isOver = true;
      // A phone may call itself canceled; it is we who cancel.
      const status = this.#isGivenUp ? 'canceled' : outcome.status === 'canceled' ? 'failed' : outcome.status;
      this.#options.onEnded(this, { ...outcome, status });
      void this.#release(callee);
    },
    dialogChanged: (_callee, dialog) => this.#dialogChanged(dialog),
    // Who is rung again and again would fill the log of a call that waits for long; the flow is told what there is to know.
    note: () => undefined,
  };

  #dialogChanged(dialog: DialogState | null): void {
    const { services, party, queueId } = this.#options;
    services.switchboard.legChanged(party.info, `${queueId} ${this.no}`, dialog);
  }

  async #release(callee: Callee): Promise<void> {
    const { services, party, queueId } = this.#options;
    const { switchboard, nowMs } = services;
    try {
      this.#dialogChanged(null);
      const stats = await callee.release();
      // Nothing is sent before the answer.
      if (stats !== null && stats.packetsSent > 0 && !party.over) {
        const data = { queueId, no: this.no, ...stats } as unknown as JsonObject;
        party.log.note('media', 'session_ended', data, nowMs());
      }
    } catch (error) {
      switchboard.onDefect(party.info.callId, error);
    } finally {
      switchboard.releaseLine();
    }
  }
}
