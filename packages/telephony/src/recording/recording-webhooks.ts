import type { CallInfo } from '@voxology/callflow';
import type { RecordingRow, Store } from '@voxology/store';
import type { CallLogs } from '../call/call-logs.ts';
import { Deliveries, type DeliveriesOptions } from '../callback/deliveries.ts';
import { webhookDelivery } from '../callback/webhook-delivery.ts';
import { recordingFacts } from './recording-facts.ts';

/** What a webhook of a recording says of the call, whose row may be gone by then. */
export function factsOfCall({ appId, subaccountId, callId, direction, callerNo, apiNo }: CallInfo) {
  return {
    app_id: appId,
    subaccount_id: subaccountId,
    call_id: callId,
    direction,
    caller_no: callerNo,
    api_no: apiNo,
  };
}

interface Means extends Pick<DeliveriesOptions, 'client'> {
  logs: Pick<CallLogs, 'use' | 'isInUse'>;
}

/** The webhooks of recordings that are over, by recording id. */
export function recordingWebhooks(
  { recordings, calls, jobs }: Pick<Store, 'recordings' | 'calls' | 'jobs'>,
  { client, logs }: Means,
): Deliveries {
  return new Deliveries({
    client,
    logs,
    task: 'recording_webhook',
    jobs,
    books: {
      find: async (recordingId) => {
        const row = await recordings.get(recordingId);
        if (row?.webhook == null || row.webhookState !== 'pending') return null;
        return webhookDelivery(row.webhook, row.callId, bodyOf(row, row.webhook), { logs, calls });
      },
      delivered: (recordingId) => recordings.webhookDelivered(recordingId),
      failed: (recordingId, error) => recordings.webhookFailed(recordingId, error),
    },
  });
}

function bodyOf(row: RecordingRow, { call }: NonNullable<RecordingRow['webhook']>) {
  const type = row.status === 'ready' ? 'recording_ready' : 'recording_failed';
  return { type, ...call, recording: recordingFacts(row) };
}
