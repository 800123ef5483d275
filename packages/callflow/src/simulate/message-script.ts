import type { MessageCallbackBody } from '../io.ts';
import type { SimulatedAnswer, SimulationScript } from './script.ts';

/** A request for what to do about a text message. */
export interface SimulatedMessageRequest {
  url: string;
  method: 'GET' | 'POST';
  /** Of a POST. */
  contentType: string;
  body: MessageCallbackBody;
}

/** Answers the callback of a message in place of a web server; nothing, `{}` and '' ask for nothing. Throwing: it has failed. */
export type AnswerMessageCallback = (
  request: SimulatedMessageRequest,
) => SimulatedAnswer | undefined | Promise<SimulatedAnswer | undefined>;

/** Who writes what, and what comes of what the flow does. Everything but the text may be left out, as in {@link SimulationScript}. */
export interface MessageScript
  extends Pick<
    SimulationScript,
    | 'callerNo'
    | 'apiNo'
    | 'at'
    | 'sessionData'
    | 'customData'
    | 'call'
    | 'settings'
    | 'limits'
    | 'seed'
    | 'http'
    | 'messageError'
    | 'maxCallbacks'
  > {
  text: string;
  /** With any it is an `mms`. */
  mediaUrls?: readonly string[];
  /** Answers REDIRECTs of a flow that is given as a document; without it they fail. */
  redirects?: (request: SimulatedMessageRequest) => SimulatedAnswer;
}

/** A message that the flow sent. */
export interface SentMessage {
  to: string;
  from: string;
  text: string;
  mediaUrls: string[];
  /** Why it could not be sent; null when it was. */
  error: string | null;
}

/** What became of a callback. */
export interface SimulatedMessageCallback {
  request: SimulatedMessageRequest;
  /** Null when it failed. */
  answer: string | null;
  failure: string | null;
}
