import type { RecordingWebhook } from '../../io.ts';
import type { ParameterValues } from '../../parameters/parameter.ts';
import { webhook } from '../../parameters/webhook.ts';

/** Parameters of every action that records. */
export const recordingWebhookParameters = {
  recording_webhook: webhook({
    description:
      'Gets a POST when the recording is ready, or has failed: `{ "url": … }`, or the address alone. It is repeated until it ' +
      'is taken; see callbacks.',
  }),
  recording_webhook_failover: webhook({ description: 'Gets it when the former fails.' }),
};

/** Whom a recording is told of. */
export function recordingWebhook({
  recording_webhook: url,
  recording_webhook_failover: failoverUrl,
}: ParameterValues<typeof recordingWebhookParameters>): RecordingWebhook | null {
  return url === null ? null : { url, failoverUrl };
}
