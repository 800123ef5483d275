/** Direction of a stream as its describer sees it (RFC 3264 §5.1). */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** The direction with which to answer an offered one, when we would send and receive (RFC 3264 §6.1). */
export function answerDirection(offered: Direction): Direction {
  if (offered === 'sendonly') return 'recvonly';
  if (offered === 'recvonly') return 'sendonly';
  return offered;
}

export function maySend(own: Direction): boolean {
  return own === 'sendrecv' || own === 'sendonly';
}

export function mayReceive(own: Direction): boolean {
  return own === 'sendrecv' || own === 'recvonly';
}
