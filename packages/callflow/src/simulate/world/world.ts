import type { Effect, Input } from '../../io.ts';
import type { SimulationScript } from '../script.ts';
import { joinConference, leaveConference } from './conferences.ts';
import { endTransfer, startTransfer } from './transfers.ts';

/** Where what happens is noted. An `id` takes back everything noted under it. */
export interface Schedule {
  later(delayMs: number, id: string | null, make: (atMs: number) => Input): void;
  cancel(id: string): boolean;
}

/** What the script says of the world beyond the caller. */
export type WorldScript = Pick<SimulationScript, 'transfers' | 'conferences'>;

/**
 * Everybody but the caller, in virtual time: the far sides of transfers, the others in a room. Carries out effects by
 * noting what will happen. False: the effect is none of its business.
 */
export function carryOutInWorld(effect: Effect, script: WorldScript, schedule: Schedule): boolean {
  switch (effect.type) {
    case 'transfer':
      startTransfer(effect, script.transfers ?? [], schedule);
      return true;
    case 'end_transfer':
      endTransfer(effect.transferId, schedule);
      return true;
    case 'join_conference':
      joinConference(effect, script.conferences ?? [], schedule);
      return true;
    case 'leave_conference':
      leaveConference(effect.joinId, schedule);
      return true;
    case 'update_conference':
    case 'kick_participant':
      return true;
    default:
      return false;
  }
}
