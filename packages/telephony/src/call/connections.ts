import type { ConferenceEffect, TransferEffect } from '@voxology/callflow';
import type { Conferences } from '../conference/conferences.ts';
import type { Transfer } from '../transfer/transfer.ts';
import type { Party } from './party.ts';

/** What connects calls with others. */
export interface ConnectionServices {
  transfer(party: Party, effect: Extract<TransferEffect, { type: 'transfer' }>): Transfer;
  conferences: Pick<Conferences, 'carryOut' | 'drop'>;
}

/** Whom one call is connected with, or about to be. */
export class Connections {
  readonly #services: ConnectionServices;
  readonly #party: Party;
  readonly #transfers = new Map<string, Transfer>();

  constructor(services: ConnectionServices, party: Party) {
    this.#services = services;
    this.#party = party;
  }

  carryOut(effect: TransferEffect | ConferenceEffect): void {
    if (effect.type === 'transfer') {
      const transfer = this.#services.transfer(this.#party, effect);
      this.#transfers.set(effect.transferId, transfer);
      transfer.begin();
    } else if (effect.type === 'end_transfer') {
      this.#transfers.get(effect.transferId)?.end();
    } else {
      this.#services.conferences.carryOut(this.#party, effect);
    }
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
  }
}
