import type { CalleeLeg, ConferenceEffect, QueueEffect, TransferEffect } from '@voxology/callflow';
import type { MediaSession } from '@voxology/media';
import type { Conferences } from '../conference/conferences.ts';
import type { Queues } from '../queue/queues.ts';
import type { Transfer } from '../transfer/transfer.ts';
import type { Leg } from './leg.ts';
import type { Party } from './party.ts';

/** What connects calls with others. */
export interface ConnectionServices {
  transfer(party: Party, effect: Extract<TransferEffect, { type: 'transfer' }>): Transfer;
  conferences: Pick<Conferences, 'carryOut' | 'drop'>;
  queues: Pick<Queues, 'carryOut' | 'drop' | 'huntOf'>;
}

/** What asks those who have answered whether they take the call. */
type Asking = Pick<Transfer, 'askedLeg' | 'connectCallee' | 'hangUpCallee'>;

/** Whom one call is connected with, or about to be. */
export class Connections {
  readonly #services: ConnectionServices;
  readonly #party: Party;
  readonly #transfers = new Map<string, Transfer>();

  constructor(services: ConnectionServices, party: Party) {
    this.#services = services;
    this.#party = party;
  }

  carryOut(effect: TransferEffect | ConferenceEffect | QueueEffect): void {
    switch (effect.type) {
      case 'transfer': {
        const transfer = this.#services.transfer(this.#party, effect);
        this.#transfers.set(effect.transferId, transfer);
        transfer.begin();
        return;
      }
      case 'end_transfer':
        this.#transfers.get(effect.transferId)?.end();
        return;
      case 'connect_callee':
        this.#askingOf(effect.leg)?.connectCallee(effect.leg.no);
        return;
      case 'hang_up_callee':
        this.#askingOf(effect.leg)?.hangUpCallee(effect.leg.no);
        return;
      case 'enter_queue':
      case 'connect_queue':
      case 'leave_queue':
        this.#services.queues.carryOut(this.#party, effect);
        return;
      default:
        this.#services.conferences.carryOut(this.#party, effect);
    }
  }

  /** The leg of a callee that is asked before it is connected; null when it has gone. */
  legOf(leg: CalleeLeg): Leg | null {
    return this.#askingOf(leg)?.askedLeg(leg.no) ?? null;
  }

  #askingOf({ transferId }: CalleeLeg): Asking | null {
    return this.#transfers.get(transferId) ?? this.#services.queues.huntOf(this.#party.info.callId, transferId);
  }

  /** Media of who a transfer has reached; null: there is nobody. */
  farSession(): MediaSession | null {
    for (const transfer of this.#transfers.values()) if (transfer.farSession !== null) return transfer.farSession;
    return null;
  }

  /** The call has been answered. */
  answered(): void {
    for (const transfer of this.#transfers.values()) transfer.partyAnswered();
  }

  transferEnded(transferId: string): void {
    this.#transfers.delete(transferId);
  }

  /** The call is over. */
  end(): void {
    for (const transfer of this.#transfers.values()) transfer.end();
    this.#transfers.clear();
    this.#services.conferences.drop(this.#party);
    this.#services.queues.drop(this.#party);
  }
}
