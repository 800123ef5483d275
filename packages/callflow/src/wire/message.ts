/** A request of the flow's own, and a text message. */
export type MessageEffect =
  /** `http_answered` or `http_failed` follows when `wantsAnswer`, else nothing comes back. */
  | {
      type: 'http_request';
      httpId: string;
      method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
      url: string;
      headers: { [name: string]: string };
      /** Null: no body. */
      body: string | null;
      timeoutMs: number;
      wantsAnswer: boolean;
    }
  /** `message_sent` follows. */
  | { type: 'send_message'; messageId: string; no: string; callerIdNo: string; text: string; mediaUrls: string[] };

export type MessageInput =
  /** `bodyText` may be cut off at the language's longest value. */
  | { type: 'http_answered'; httpId: string; httpStatus: number; contentType: string; bodyText: string }
  | { type: 'http_failed'; httpId: string; reason: string }
  /** The provider has taken it, or `error` says why not, for people (`opt-out` when the recipient is blocked). */
  | { type: 'message_sent'; messageId: string; error: string | null };
