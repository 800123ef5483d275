import type { CallEvent } from '@voxology/store';

interface LoopEntry {
  /** null: the last callback, which expects no answer. */
  request_id: string | null;
  time: string;
  request: unknown;
  response: unknown;
}

const CALLBACKS: ReadonlySet<string> = new Set(['request_callback', 'request_message_callback', 'finish']);

/** Pairs each callback request of a call's event log with what came back. */
export function callbackLoop(events: readonly CallEvent[]): LoopEntry[] {
  const entries: LoopEntry[] = [];
  /** The last request's URL: another than the target's after a failover or a redirect. */
  let answeredBy: unknown = null;
  for (const { at, kind, type, data } of events) {
    const fields = data as Record<string, unknown>;
    if (kind === 'http' && fields.callback !== undefined) answeredBy = fields.url;
    if (kind === 'effect' && CALLBACKS.has(type)) {
      entries.push({
        request_id: typeof fields.requestId === 'string' ? fields.requestId : null,
        time: new Date(at).toISOString(),
        request: { target: fields.target, body: fields.body },
        response: null,
      });
    } else if (kind === 'input' && (type === 'callback_answered' || type === 'callback_failed')) {
      const entry = entries.find(({ request_id }) => request_id !== null && request_id === fields.requestId);
      if (entry !== undefined) {
        entry.response =
          type === 'callback_answered'
            ? { url: answeredBy, http_status: fields.httpStatus, body: fields.bodyText }
            : { error: fields.reason };
      }
    } else if (kind === 'http' && fields.callback === 'end_call') {
      // The last callback has no input to the flow: what came of it is its latest attempt.
      const entry = entries.findLast(({ request_id }) => request_id === null);
      if (entry !== undefined) {
        entry.response =
          fields.status === null
            ? { url: answeredBy, error: fields.errorText }
            : { url: answeredBy, http_status: fields.status };
      }
    }
  }
  return entries;
}
