import type { Effect } from '@voxology/callflow';
import type { CallInput } from './input.ts';

const REASON = 'this server has no driver for it';

/** What a flow is told of an effect that nothing here can carry out; null: it waits for nothing. */
export function unavailable(effect: Effect): CallInput | null {
  switch (effect.type) {
    case 'start_transcription':
      return { type: 'transcription_failed', transcriptionId: effect.transcriptionId, reason: REASON };
    case 'send_message':
      return { type: 'message_sent', messageId: effect.messageId, error: REASON };
    default:
      return null;
  }
}
