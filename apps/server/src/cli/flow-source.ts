import type { CallbackTarget } from '@voxology/callflow';
import { Egress } from '@voxology/egress';
import { type AnyRequest, OWN_NETWORKS, requestCallback, type Waiting } from './callback-request.ts';
import { readText } from './read-flow.ts';

/** A static flow is the same every time: hearing it thrice is enough. A server may lead a longer conversation. */
export const MAX_CALLBACKS_OF_A_FILE = 3;
export const MAX_CALLBACKS_OF_A_SERVER = 50;

/** Where the flow under simulation comes from. */
export interface FlowSource {
  callback: CallbackTarget;
  /** The file's text, or what the server says. */
  answer(request: AnyRequest): Promise<string>;
}

/** A flow is a web server's, not a file. */
export function isUrl(flow: string): boolean {
  return /^https?:\/\//i.test(flow);
}

/** Does something with a flow: a file, or a web server that is really asked. */
export async function withFlow<T>(
  flow: string,
  { method, ...waiting }: { method: 'GET' | 'POST' } & Waiting,
  act: (source: FlowSource) => Promise<T>,
): Promise<T> {
  const text = isUrl(flow) ? null : readText(flow);
  const egress = new Egress({ allowPrivate: OWN_NETWORKS });
  try {
    return await act({
      callback: { url: flow, method, contentType: 'application/json' },
      answer: async (request) =>
        text !== null && request.url === flow ? text : await requestCallback(egress, request, waiting),
    });
  } finally {
    await egress.close();
  }
}
