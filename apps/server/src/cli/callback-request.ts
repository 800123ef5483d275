import type { SimulatedMessageRequest, SimulatedRequest } from '@voxology/callflow';
import type { Egress } from '@voxology/egress';
import { encodeCallback } from '@voxology/telephony';

/** A callback of a call or of a text message. */
export type AnyRequest = SimulatedRequest | SimulatedMessageRequest;

/** Networks a developer's own servers are in. */
export const OWN_NETWORKS: readonly string[] = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
];

/** Whoever has waited that long wonders whether anything happens. */
const NOTICED_AFTER_MS = 1_000;

/** How a server is waited for. */
export interface Waiting {
  /** It is given up after that long, once; null: tried and given up as in a live call. */
  timeoutMs: number | null;
  /** Is told, in words for people, when an answer is long in coming. */
  tell(text: string): void;
}

/** Really asks for a callback, as a live call does. Rejects with what was wrong, in words for people. */
export async function requestCallback(egress: Egress, request: AnyRequest, waiting: Waiting): Promise<string> {
  const { method, url, contentType, body } = request;
  const { timeoutMs, tell } = waiting;
  const what = `the answer to ${body.type} from ${method} ${url}`;
  const limit = timeoutMs === null ? '' : `, for ${timeoutMs / 1000} s at most`;
  const notice = setTimeout(() => tell(`Waiting for ${what}${limit} …`), NOTICED_AFTER_MS);
  try {
    const { status, body: answer } = await egress.request({
      ...encodeCallback({ url, method, contentType }, body),
      ...(timeoutMs === null ? {} : { timeoutMs, retries: 0 }),
      onAttempt: ({ errorText, durationMs }) => {
        if (errorText !== null && durationMs >= NOTICED_AFTER_MS) tell(`${errorText}.`);
      },
    });
    if ((status < 200 || status > 299) && body.type !== 'end_call') {
      throw new Error(`${method} ${url} answered ${status}; a callback must be answered with 200 and JSON or YAML`);
    }
    return new TextDecoder().decode(answer);
  } finally {
    clearTimeout(notice);
  }
}
