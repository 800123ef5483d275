import type { CallbackTarget, Effect } from '@voxology/callflow';
import { type Egress, EgressError, type EgressResponse } from '@voxology/egress';
import type { CallLog } from '../call/call-log.ts';
import type { CallInput } from '../call/input.ts';
import { encodeCallback, type SentBody } from './encode.ts';

/** Asks the user's server what to do: the configured URL first, the failover when that fails. Every attempt is logged. */
export class CallbackClient {
  readonly #egress: Pick<Egress, 'request'>;
  readonly #nowMs: () => number;

  constructor(egress: Pick<Egress, 'request'>, nowMs: () => number) {
    this.#egress = egress;
    this.#nowMs = nowMs;
  }

  /** Resolves with the input for the flow, never rejects. `signal` gives the request up. */
  async ask(
    effect: Extract<Effect, { type: 'request_callback' | 'request_message_callback' }>,
    log: CallLog,
    signal: AbortSignal,
  ): Promise<CallInput> {
    const { requestId } = effect;
    try {
      const { status, body } = await this.#primaryThenFailover(
        effect.target,
        effect.failover,
        effect.body,
        log,
        signal,
      );
      return { type: 'callback_answered', requestId, httpStatus: status, bodyText: new TextDecoder().decode(body) };
    } catch (error) {
      return { type: 'callback_failed', requestId, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Delivers a last callback, whose answer is ignored. Rejects when neither target took it. */
  async deliver(
    target: CallbackTarget,
    failover: CallbackTarget | null,
    body: SentBody,
    log: Pick<CallLog, 'note'>,
  ): Promise<void> {
    try {
      await this.#primaryThenFailover(target, failover, body, log);
    } catch (error) {
      // A body that is too large or cannot be read is no reason to send the same again: the server has answered.
      if (!wasTaken(error)) throw error;
    }
  }

  async #primaryThenFailover(
    target: CallbackTarget,
    failover: CallbackTarget | null,
    body: SentBody,
    log: Pick<CallLog, 'note'>,
    signal?: AbortSignal,
  ): Promise<EgressResponse> {
    try {
      return await this.#request(target, body, log, signal);
    } catch (error) {
      if (failover === null || signal?.aborted === true) throw error;
      return await this.#request(failover, body, log, signal);
    }
  }

  async #request(
    target: CallbackTarget,
    body: SentBody,
    log: Pick<CallLog, 'note'>,
    signal: AbortSignal | undefined,
  ): Promise<EgressResponse> {
    const response = await this.#egress.request({
      ...encodeCallback(target, body),
      sign: true,
      ...(signal === undefined ? {} : { signal }),
      onAttempt: (attempt) => log.note('http', 'attempt', { callback: body.type, ...attempt }, this.#nowMs()),
    });
    if (response.status >= 200 && response.status < 300) return response;
    throw new Error(
      `${target.method} ${withoutSecrets(target.url)} answered ${response.status}; a callback must be answered with 200 and JSON`,
    );
  }
}

function wasTaken(error: unknown): boolean {
  if (!(error instanceof EgressError)) return false;
  const status = error.attempts.at(-1)?.status ?? 0;
  return status >= 200 && status < 300;
}

/** The URL as it may stand in a message that reaches the process log: no user, password or query. */
function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
