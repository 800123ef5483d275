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

/** Really asks for a callback, as a live call does. Rejects with what was wrong, in words for people. */
export async function requestCallback(egress: Egress, request: AnyRequest): Promise<string> {
  const { method, url, contentType, body } = request;
  const { status, body: answer } = await egress.request(encodeCallback({ url, method, contentType }, body));
  if ((status < 200 || status > 299) && body.type !== 'end_call') {
    throw new Error(`${method} ${url} answered ${status}; a callback must be answered with 200 and JSON or YAML`);
  }
  return new TextDecoder().decode(answer);
}
