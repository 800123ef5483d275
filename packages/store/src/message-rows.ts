/** Text messages as the store keeps them; units and forms as in rows.ts. */

export type MessageStatus =
  /** In: its flow runs. */
  | 'received'
  /** In: its flow has run. */
  | 'completed'
  /** Out: whoever carries it has taken it. */
  | 'sent'
  /** Out: the recipient has asked for no more. */
  | 'opt-out'
  | 'failed';

/** Where a message came from: a phone, the message provider, another number of ours, a flow, the REST API. */
export type MessageOrigin = 'sip' | 'http' | 'on-net' | 'flow' | 'api';

interface MessageFacts {
  messageId: string;
  appId: string;
  /** The remote party in both directions. */
  callerNo: string;
  /** Our number. */
  apiNo: string;
  textMessage: string;
  mediaUrls: readonly string[];
  startTimeMs: number;
  origin: MessageOrigin;
}

/** What is known when a message comes in. */
export interface MessageOpening extends MessageFacts {
  /** As it is written in upper case. */
  keyword: string | null;
  /** The sender's id of it: a second one with the same is no new message. */
  externalId: string | null;
}

/** A message that went out, or could not. */
export interface OutboundMessage extends MessageFacts {
  status: 'sent' | 'opt-out' | 'failed';
  /** For people. */
  error: string | null;
  /** The call or the message whose flow sent it. */
  callId: string | null;
  endTimeMs: number;
}

/** How the flow of a message ended. */
export interface MessageEnding {
  status: 'completed' | 'failed';
  error: string | null;
  endTimeMs: number;
}

export interface MessageRow extends MessageFacts {
  direction: 'inbound' | 'outbound';
  type: 'sms' | 'mms';
  status: MessageStatus;
  keyword: string | null;
  error: string | null;
  callId: string | null;
  /** `null` while its flow runs. */
  endTimeMs: number | null;
}

export interface MessageFilter {
  appId: string;
  direction?: 'inbound' | 'outbound' | undefined;
  /** Start time, inclusive. */
  beginTimeMs?: number | undefined;
  /** Start time, exclusive; of the same time only those behind `endId`, where it is given. */
  endTimeMs?: number | undefined;
  /** Message id. */
  endId?: string | undefined;
  limit: number;
}
