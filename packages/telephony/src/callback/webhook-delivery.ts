import type { CallbackTarget } from '@voxology/callflow';
import type { CallRow, Store } from '@voxology/store';
import type { CallLogs } from '../call/call-logs.ts';
import type { Delivery } from './deliveries.ts';
import type { SentBody } from './encode.ts';

export interface Webhook {
  url: string;
  failoverUrl: string | null;
}

/** What of the house decides in whose log the attempts are. */
interface Books {
  logs: Pick<CallLogs, 'isInUse'>;
  calls: Pick<Store['calls'], 'get'>;
}

/** A POST of JSON to a webhook. A call that is up elsewhere has its log counted there: then the attempts are in none. */
export async function webhookDelivery(
  { url, failoverUrl }: Webhook,
  callId: CallRow['callId'],
  body: SentBody,
  { logs, calls }: Books,
): Promise<Delivery> {
  const isLogged = logs.isInUse(callId) || (await calls.get(callId))?.endTimeMs != null;
  return {
    callId: isLogged ? callId : null,
    target: jsonPost(url),
    failover: failoverUrl === null ? null : jsonPost(failoverUrl),
    body,
  };
}

export function jsonPost(url: string): CallbackTarget {
  return { url, method: 'POST', contentType: 'application/json' };
}
