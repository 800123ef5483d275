import { DEFAULT_LANGUAGE_LIMITS, type Effect } from '@voxology/callflow';
import type { Egress } from '@voxology/egress';
import type { CallLog } from '../call/call-log.ts';
import type { CallInput } from '../call/input.ts';

type HttpRequest = Extract<Effect, { type: 'http_request' }>;

const MAX_ANSWER_BYTES = 1_048_576;
/** The flow takes no longer values, and tells by one character more that this is one; the log is spared the rest. */
const MOST_CHARACTERS = DEFAULT_LANGUAGE_LIMITS.maxValueCharacters + 1;

/** Requests under way that no flow waits for, which so do not end with their calls. */
export interface HttpRequestLimits {
  perCall: number;
  total: number;
}

/** The requests of flows (HTTP), through the guarded client. */
export class HttpRequests {
  readonly #egress: Pick<Egress, 'request'>;
  readonly #nowMs: () => number;
  readonly #limits: HttpRequestLimits;
  /** By call id: how many are under way that nobody waits for. */
  readonly #unawaited = new Map<string, number>();
  #total = 0;

  constructor(egress: Pick<Egress, 'request'>, nowMs: () => number, limits: HttpRequestLimits) {
    this.#egress = egress;
    this.#nowMs = nowMs;
    this.#limits = limits;
  }

  /**
   * Sends it once: what it does at the far end may not be done twice. Resolves with the input for the flow, null when the
   * flow does not wait for it; never rejects. Too many that nobody waits for are refused, which the log says.
   */
  async send(callId: string, effect: HttpRequest, log: CallLog, signal: AbortSignal): Promise<CallInput | null> {
    if (effect.wantsAnswer) return await this.#request(effect, log, signal);
    const underWay = this.#unawaited.get(callId) ?? 0;
    const { perCall, total } = this.#limits;
    if (underWay >= perCall || this.#total >= total) {
      const [which, setting] =
        underWay >= perCall
          ? [`${perCall} requests of this call`, 'http_requests_per_call']
          : [`${total} requests`, 'http_requests'];
      const message = `HTTP ${effect.httpId} is not sent: ${which} that no flow waits for are under way already (setting limits.${setting})`;
      log.note('event', 'error', { message }, this.#nowMs());
      return null;
    }
    this.#count(callId, 1);
    try {
      await this.#request(effect, log, null);
    } finally {
      this.#count(callId, -1);
    }
    return null;
  }

  #count(callId: string, change: 1 | -1): void {
    this.#total += change;
    const underWay = (this.#unawaited.get(callId) ?? 0) + change;
    if (underWay > 0) this.#unawaited.set(callId, underWay);
    else this.#unawaited.delete(callId);
  }

  async #request(effect: HttpRequest, log: CallLog, signal: AbortSignal | null): Promise<CallInput> {
    const { httpId, method, url, headers, body, timeoutMs } = effect;
    try {
      const response = await this.#egress.request({
        method,
        url,
        headers,
        ...(body === null ? {} : { body }),
        timeoutMs,
        retries: 0,
        maxResponseBytes: MAX_ANSWER_BYTES,
        // A request that nobody waits for is finished even when the call ends.
        ...(signal === null ? {} : { signal }),
        onAttempt: (attempt) => log.note('http', 'attempt', { action: 'HTTP', ...attempt }, this.#nowMs()),
      });
      return {
        type: 'http_answered',
        httpId,
        httpStatus: response.status,
        contentType: response.headers['content-type'] ?? '',
        bodyText: new TextDecoder().decode(response.body).slice(0, MOST_CHARACTERS),
      };
    } catch (error) {
      // The attempt and its error are in the call's log.
      return { type: 'http_failed', httpId, reason: error instanceof Error ? error.message : String(error) };
    }
  }
}
