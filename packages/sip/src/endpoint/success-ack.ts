import { dialogRequest } from '../dialog/dialog-request.ts';
import type { DialogState } from '../dialog/dialog-state.ts';
import type { SipRequest } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import type { Way } from '../transaction/client-transaction.ts';
import type { Core } from './core.ts';

/**
 * The ACK of a 2xx (RFC 3261 §13.2.2.4): a request of its own to the remote target, with the credentials of its INVITE.
 * `answer` is our SDP when the 2xx made the offer. Returns how to send it: each copy of the 2xx asks for it again.
 */
export function successAck(core: Core, state: DialogState, invite: SipRequest, way: Way, answer?: string): () => void {
  const headers: [string, string][] = [];
  for (const name of ['Authorization', 'Proxy-Authorization']) {
    for (const value of invite.headers.all(name)) headers.push([name, value]);
  }
  const cseq = Number.parseInt(invite.headers.get('CSeq') ?? '1', 10);
  if (answer !== undefined) headers.push(['Content-Type', 'application/sdp']);
  const body = answer === undefined ? {} : { body: Buffer.from(answer) };
  const { request } = dialogRequest(state, 'ACK', { headers, ...body }, cseq);
  core.layer.putVia(request, way);
  const bytes = serialize(request);
  return () => core.layer.transport.sendRequest(bytes, way.transport, way.destination);
}
