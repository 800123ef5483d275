import type { Effect } from '../../io.ts';

/** The effect of a change of one's own part in a room. */
export function changeEffect(joinId: string, change: 'leave' | 'mute' | 'unmute' | 'hold' | 'resume'): Effect {
  switch (change) {
    case 'leave':
      return { type: 'leave_conference', joinId };
    case 'mute':
    case 'unmute':
      return { type: 'update_conference', joinId, muted: change === 'mute' };
    default:
      return { type: 'update_conference', joinId, held: change === 'hold' };
  }
}
