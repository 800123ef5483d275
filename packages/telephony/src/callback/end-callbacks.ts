import type { EndCallback, Store } from '@voxology/store';
import { Deliveries, type DeliveriesOptions, type Delivery } from './deliveries.ts';

/** The last callbacks of calls, by call id. */
export function endCallbacks(
  { calls, jobs }: Pick<Store, 'calls' | 'jobs'>,
  means: Pick<DeliveriesOptions, 'client' | 'logs'>,
): Deliveries {
  return new Deliveries({
    ...means,
    task: 'end_callback',
    jobs,
    books: {
      find: async (callId) => {
        const row = await calls.get(callId);
        if (row?.endCallback == null || row.endCallbackState === 'delivered') return null;
        return endDelivery(callId, row.endCallback);
      },
      delivered: (callId) => calls.endCallbackDelivered(callId),
      failed: (callId, error) => calls.endCallbackFailed(callId, error),
    },
  });
}

export function endDelivery(callId: string, { target, failover, body }: EndCallback): Delivery {
  return { callId, target, failover, body: body as Delivery['body'] };
}
