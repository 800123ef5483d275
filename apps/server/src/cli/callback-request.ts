import type { SimulatedRequest } from '@voxology/callflow';
import type { Egress, EgressRequest } from '@voxology/egress';

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
export async function requestCallback(egress: Egress, request: SimulatedRequest): Promise<string> {
  const { method, url, body } = request;
  const { status, body: answer } = await egress.request(encoded(request));
  if ((status < 200 || status > 299) && body.type !== 'end_call') {
    throw new Error(`${method} ${url} answered ${status}; a callback must be answered with 200 and JSON`);
  }
  return new TextDecoder().decode(answer);
}

/** POST sends JSON; GET has the fields in its query, nested ones in brackets: `key_presses[0][digits]=1`. */
function encoded({ method, url, contentType, body }: SimulatedRequest): EgressRequest {
  const accept = 'application/json';
  if (method === 'POST')
    return { method, url, headers: { 'content-type': contentType, accept }, body: JSON.stringify(body) };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) append(query, name, value);
  return { method, url, headers: { accept }, query };
}

function append(query: URLSearchParams, name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) query.append(name, value === null ? '' : String(value));
  else for (const [key, item] of Object.entries(value)) append(query, `${name}[${key}]`, item);
}
