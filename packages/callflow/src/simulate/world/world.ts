import type { Effect, Input } from '../../io.ts';
import type { SimulationScript } from '../script.ts';
import { joinConference, leaveConference } from './conferences.ts';
import { startRecording, stopRecording } from './recordings.ts';
import { endTransfer, startTransfer } from './transfers.ts';

/** Where what happens is noted. An `id` takes back everything noted under it. */
export interface Schedule {
  /** Notes when something began, or will. */
  begin(id: string, inMs: number): void;
  /** How long it goes on already, at least 0; null when it never began. */
  since(id: string): number | null;
  later(delayMs: number, id: string | null, make: (atMs: number) => Input): void;
  cancel(id: string): boolean;
}

/** What the script says of the world beyond the caller. */
export type WorldScript = Pick<SimulationScript, 'transfers' | 'conferences' | 'recordings'>;

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
    case 'start_recording':
      startRecording(effect, script.recordings ?? [], schedule);
      return true;
    case 'stop_recording':
      stopRecording(effect.recordingId, schedule);
      return true;
    case 'pause_recording':
    case 'resume_recording':
    case 'update_conference':
    case 'kick_participant':
      return true;
    default:
      return false;
  }
}
