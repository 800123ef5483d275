import { BRANCH_COOKIE } from '../message/identifiers.ts';
import { type InboundRequest, viaParam } from '../transport/inbound.ts';

/**
 * What a request has in common with its retransmissions, its ACK and its CANCEL (RFC 3261 §17.2.3): the branch, which
 * a client makes anew for each transaction, the sent-by, which keeps apart clients that make the same branch, and the
 * method, that of the INVITE for both its followers.
 */
export function serverKey(inbound: InboundRequest, method = inbound.cseq.method): string {
  const { via } = inbound;
  const branch = viaParam(via, 'branch');
  const of = method === 'ACK' ? 'INVITE' : method;
  const sentBy = `${via.host.toLowerCase()}:${via.port ?? ''}`;
  if (branch?.startsWith(BRANCH_COOKIE) === true && branch.length > BRANCH_COOKIE.length) {
    return `${branch}|${sentBy}|${of}`;
  }
  // RFC 2543 clients: no branch to trust. The To tag is left out, since the ACK carries one that the INVITE had not.
  const { callId, fromTag, cseq, request } = inbound;
  return `|${callId}|${fromTag}|${cseq.number}|${request.uri}|${branch ?? ''}|${sentBy}|${of}`;
}

/** What the copies of one request share that came over different ways through the network (RFC 3261 §8.2.2.2). */
export function mergeKey(inbound: InboundRequest): string {
  return `${inbound.callId}|${inbound.fromTag}|${inbound.cseq.number}|${inbound.cseq.method}`;
}

/** What a response has in common with its request (RFC 3261 §17.1.3). */
export function clientKey(branch: string, method: string): string {
  return `${branch}|${method}`;
}
