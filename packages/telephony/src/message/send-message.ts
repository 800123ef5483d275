import type { CallInfo, Effect } from '@voxology/callflow';
import type { CallLog } from '../call/call-log.ts';
import type { CallInput } from '../call/input.ts';
import { MessageNotSent } from './message-provider.ts';
import type { Messages } from './messages.ts';

/** What of a call, or of the flow of a message, an SMS needs. */
export interface MessagingCall {
  readonly info: CallInfo;
  readonly log: CallLog;
  /** The call has ended: its flow is told nothing any more, its log is. */
  readonly over: boolean;
}

/** Sends a message of a flow (SMS). Resolves with what the flow is told; rejects for a defect of ours only. */
export async function sendMessage(
  messages: Pick<Messages, 'send'>,
  call: MessagingCall,
  { messageId, no, callerIdNo, text, mediaUrls }: Extract<Effect, { type: 'send_message' }>,
  nowMs: () => number,
): Promise<CallInput> {
  const { info, log } = call;
  let error: string | null = null;
  try {
    await messages.send(
      { appId: info.appId, from: callerIdNo, to: no, text, mediaUrls },
      { callId: info.callId, note: (kind, type, data) => log.note(kind, type, data, nowMs()) },
    );
  } catch (caught) {
    if (!(caught instanceof MessageNotSent)) throw caught;
    error = caught.message;
    // Most flows hang up right after the message.
    if (call.over) log.note('event', 'error', { message: `The message to ${no} could not be sent: ${error}` }, nowMs());
  }
  return { type: 'message_sent', messageId, error };
}
