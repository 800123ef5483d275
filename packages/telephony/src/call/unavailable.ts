import type { Effect } from '@voxology/callflow';
import type { CallInput } from './input.ts';

/** What a flow is told of an effect that nothing here can carry out; null: it waits for nothing. */
export function unavailable(effect: Effect): CallInput | null {
  switch (effect.type) {
    case 'start_transcription':
      return {
        type: 'transcription_failed',
        transcriptionId: effect.transcriptionId,
        reason: 'this server has no speech recognition',
      };
    default:
      return null;
  }
}
