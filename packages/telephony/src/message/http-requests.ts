import type { Effect } from '@voxology/callflow';
import type { Egress } from '@voxology/egress';
import type { CallLog } from '../call/call-log.ts';
import type { CallInput } from '../call/input.ts';

type HttpRequest = Extract<Effect, { type: 'http_request' }>;

/** The flow takes no longer values; what comes beyond is not read. */
const MAX_ANSWER_BYTES = 1_048_576;

/**
 * Sends a request of a flow (HTTP) through the guarded client, once: what it does at the far end may not be done twice.
 * Resolves with the input for the flow, null when the flow does not wait for it; never rejects.
 */
export async function sendHttpRequest(
  egress: Pick<Egress, 'request'>,
  effect: HttpRequest,
  log: CallLog,
  signal: AbortSignal,
  nowMs: () => number,
): Promise<CallInput | null> {
  const { httpId, method, url, headers, body, timeoutMs, wantsAnswer } = effect;
  try {
    const response = await egress.request({
      method,
      url,
      headers,
      ...(body === null ? {} : { body }),
      timeoutMs,
      retries: 0,
      maxResponseBytes: MAX_ANSWER_BYTES,
      // A request that nobody waits for is finished even when the call ends.
      ...(wantsAnswer ? { signal } : {}),
      onAttempt: (attempt) => log.note('http', 'attempt', { action: 'HTTP', ...attempt }, nowMs()),
    });
    if (!wantsAnswer) return null;
    return {
      type: 'http_answered',
      httpId,
      httpStatus: response.status,
      contentType: response.headers['content-type'] ?? '',
      bodyText: new TextDecoder().decode(response.body),
    };
  } catch (error) {
    // The attempt and its error are in the call's log.
    if (!wantsAnswer) return null;
    return { type: 'http_failed', httpId, reason: error instanceof Error ? error.message : String(error) };
  }
}
