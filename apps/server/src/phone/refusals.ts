/** What the responses of a SIP server mean for the person at the phone. */
const MEANING: Readonly<Record<number, string>> = {
  401: 'the server does not accept this account',
  403: 'the server does not allow this call',
  404: 'the server knows no such number',
  408: 'nobody answered in time',
  480: 'nobody can be reached at this number now',
  486: 'the line is busy',
  488: 'the two sides have no audio format in common',
  500: 'the server failed; its log tells why',
  503: 'the server takes no more calls at the moment',
  603: 'the call was declined',
};

/** A call that did not come about, in plain words, with the status that SIP people look for. */
export function inPlainWords(status: number | null, reason: string): string {
  if (status === null) return reason;
  const meaning = MEANING[status];
  return meaning === undefined ? `${status} ${reason}` : `${meaning} (${status} ${reason})`;
}
