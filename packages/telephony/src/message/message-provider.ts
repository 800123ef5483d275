import type { JsonObject } from '@voxology/callflow';
import type { Recipient } from './recipients.ts';

/** A text message that may be sent: the sender is permitted, the recipient is found. */
export interface TextMessage<To extends Recipient = Recipient> {
  /** E.164 number of ours. */
  from: string;
  /** SIP domain of the application that sends. */
  sipDomain: string;
  to: To;
  text: string;
  /** http(s) addresses. */
  mediaUrls: readonly string[];
}

/** Keeps a line about how it went, for the log of a call. */
export type Note = (kind: 'http' | 'sip', type: string, data: JsonObject) => void;

/** Whoever carries messages to one kind of recipient. */
export interface MessageProvider<To extends Recipient> {
  /** Resolves when the message was taken. Rejects with {@link MessageNotSent}. */
  send(message: TextMessage<To>, note: Note): Promise<void>;
}

/**
 * Why a message was not sent. `sender`, `recipient`: it may not be sent so; `rate`: there were too many just now;
 * `opt-out`: the recipient wants no more; `no-provider`: nobody here carries it; `not-taken`: it was tried, and may be tried again.
 */
export class MessageNotSent extends Error {
  override readonly name = 'MessageNotSent';
  readonly kind: 'sender' | 'recipient' | 'rate' | 'opt-out' | 'no-provider' | 'not-taken';

  constructor(kind: MessageNotSent['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
